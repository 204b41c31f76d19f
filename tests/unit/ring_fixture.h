/*
 * A ring file in a directory of the test's own. Header only: every unit test is a
 * program of its own.
 */
#ifndef PROFINJECT_TESTS_RING_FIXTURE_H
#define PROFINJECT_TESTS_RING_FIXTURE_H

#include "preload/ring.h"
#include "tests/unit/scratch.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ring_file *ring;
static char ring_path[PATH_MAX];

static inline struct ring_file *ring_make(uint64_t id)
{
    int status = 0;
    struct ring_file *made = ring_open(scratch_path, id, ring_path, sizeof(ring_path), &status);

    if (made == NULL) {
        fprintf(stderr, "ring: %s\n", strerror(-status));
        abort();
    }
    return made;
}

/* As .init and .fini of a suite. */
static inline void ring_start(void)
{
    scratch_init();
    ring = ring_make(1);
}

static inline void ring_stop(void)
{
    ring_close(ring);
    scratch_release();
}

#endif
