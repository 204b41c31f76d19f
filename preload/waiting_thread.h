/*
 * One look at another thread of this process, by what the kernel tells of it in
 * /proc/self/task: whether it waits, and where. Disturbs nobody; 10 to 50 us for a
 * stack of 30 frames, once per block. The servant's thread only.
 */
#ifndef PROFINJECT_WAITING_THREAD_H
#define PROFINJECT_WAITING_THREAD_H

#include "preload/contract/ring_format.h"

#include <stdint.h>

enum waiting {
    WAITING_BLOCKED, /* its stack was taken */
    WAITING_READY,   /* it runs or is about to */
    WAITING_UNKNOWN, /* it moved while it was looked at, or nothing can be seen */
};

/* Opens what is needed, now: the target may change its root and its rights. 0 or
 * -errno when the kernel does not tell. */
int waiting_thread_init(uint32_t max_depth);

/* Looks no more; in a fork child as well. */
void waiting_thread_release(void);

/* Looks at `tid`, whose CPU clock stood at `cpu_ns`; *stack is its node in `ring` when
 * WAITING_BLOCKED is returned. */
enum waiting waiting_thread_look(struct ring_file *ring, int tid, uint64_t cpu_ns, uint32_t *stack);

/* How long the thread was ready to run and did not, since it began; 0 where the kernel
 * does not count it. */
uint64_t waiting_thread_delay_ns(int tid);

#endif
