/*
 * Taking samples: the handler of the profiling signal, and whether it takes any.
 */
#ifndef PROFINJECT_SAMPLER_H
#define PROFINJECT_SAMPLER_H

#include "preload/contract/ring_format.h"
#include "preload/unwind.h"

#include <stdbool.h>
#include <stdint.h>

struct sampler_options {
    uint32_t max_depth;
    enum unwind_mode unwinder;
    bool measure; /* handlers measure themselves */
};

/* Installs the handler. 0 or -errno. */
int sampler_init(const struct sampler_options *options);

/* Where samples go from now on. */
void sampler_use_ring(struct ring_file *ring);

/* Handlers take samples, or return at once. */
void sampler_enable(bool enabled);
bool sampler_enabled_sigsafe(void);

#endif
