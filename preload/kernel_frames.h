/*
 * Where in the kernel a thread was when its clock event fired. The kernel writes its part
 * of the stack into memory shared with us before it sends the signal, one record a
 * signal, in the same order: so the handler itself takes what belongs to its sample, and
 * nothing has to be joined later.
 *
 * Opened by the servant, read by the thread's own handler. The memory is that of
 * perf_pages.h.
 */
#ifndef PROFINJECT_KERNEL_FRAMES_H
#define PROFINJECT_KERNEL_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define KERNEL_FRAMES_MAX 64u /* of one stack, the leaf side */

/* Of one event. */
struct kernel_frames {
    void *pages;      /* NULL: none are taken */
    uint64_t next;    /* position of the next record */
    uint64_t current; /* of the record of the signal being handled */
    uint64_t missing; /* signals to come whose records the kernel had no room for */
    bool has_current;
};

/* False when the memory is not to be had: RLIMIT_MEMLOCK counts it. */
bool kernel_frames_open(struct kernel_frames *frames, int fd, unsigned place);

/* Every signal of the event calls it once: steps to its record. */
void kernel_frames_step_sigsafe(struct kernel_frames *frames);

/* The addresses of that record, leaf first, as many as there are, at most
 * KERNEL_FRAMES_MAX: all but the first are return addresses. 0: it was not in the
 * kernel. */
uint32_t kernel_frames_take_sigsafe(const struct kernel_frames *frames, uint64_t *addresses);

#endif
