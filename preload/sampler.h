/*
 * Taking samples: the handler of the profiling signal, and whether it takes any.
 */
#ifndef PROFINJECT_SAMPLER_H
#define PROFINJECT_SAMPLER_H

#include "preload/contract/ring_format.h"
#include "preload/unwind.h"

#include <stdbool.h>
#include <stdint.h>

struct thread;

struct sampler_options {
    uint32_t max_depth;
    enum unwind_mode unwinder;
    bool measure; /* handlers measure themselves */
};

/* Installs the handler. 0 or -errno. */
int sampler_init(const struct sampler_options *options);

/* Where samples go from now on. */
void sampler_use_ring(struct ring_file *ring);

/*
 * Walks and interns the stack of `context`, the calling thread's own, with `thread`'s walk.
 * Signals are blocked, so that nobody else comes to it; where that is forbidden a walk within
 * a walk is refused. 0, or what there is no room on: TRACE_UNWINDING_NO_STACK, _NO_NODES.
 */
enum trace_unwinding sampler_take_stack_sigsafe(struct thread *thread, const ucontext_t *context,
                                                uint32_t *stack);

/* Handlers take samples, or return at once. */
void sampler_enable(bool enabled);
extern bool sampler_is_enabled __attribute__((visibility("hidden")));
static inline bool sampler_enabled_sigsafe(void)
{
    return __atomic_load_n(&sampler_is_enabled, __ATOMIC_ACQUIRE);
}

/* When they began to, of CLOCK_MONOTONIC; 0 while they do not. */
uint64_t sampler_enabled_since_ns(void);

/* True when it was disabled since the program began: in fork children always. */
bool sampler_was_off(void);

#endif
