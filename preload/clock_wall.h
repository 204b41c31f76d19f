/*
 * The `wall` clock: where threads are while they do not run. Their time on the
 * processor is sampled as under `cpu`; the servant looks at all threads now and then,
 * interrupts nobody, and puts the rest of each thread's time into its ring.
 *
 * A look reads the thread's CPU clock. Unmoved: it is where it was, and the stack
 * taken at this block stands for the time that passed. Moved: it ran; when it is
 * blocked now, its stack is taken once (blocked_walk.h), and kept only when neither
 * its registers in /proc nor its CPU clock changed meanwhile. What it waited since the
 * look before goes to the block it is found in; time ready to run is told by the
 * scheduler's counter, and has no stack.
 *
 * The servant's thread only. All times are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef PROFINJECT_CLOCK_WALL_H
#define PROFINJECT_CLOCK_WALL_H

#include "preload/contract/ring_format.h"

#include <stdbool.h>
#include <stdint.h>

struct clock_wall_options {
    uint32_t max_depth;
    uint32_t frequency; /* asked; looks are taken at most CLOCK_WALL_HZ times a second */
};

/* A look costs 1 us per blocked thread: ten times a second as much as the tick. */
#define CLOCK_WALL_HZ 100u

/* 0; -errno when it cannot be seen where threads wait: their time is then recorded
 * without stacks. */
int clock_wall_init(struct ring_file *ring, const struct clock_wall_options *options);

/* Opens again what it looks through, in a new thread with descriptors of its own. */
void clock_wall_reopen(void);

/* It was begun, and not released. */
bool clock_wall_is_on(void);

/* Forgets everything; in a fork child as well. */
void clock_wall_release(void);

/* Looks at all threads when it is time to. Their time counts from `enabled_ns` on, when
 * sampling went on, however late the first look is; 0: it is off. Returns the time until
 * the next look. */
uint64_t clock_wall_look(uint64_t enabled_ns);

/* Hands over the threads that left; with `all` puts what is known of the others into
 * their rings as well, for whoever reads them now. */
void clock_wall_settle(bool all);

#endif
