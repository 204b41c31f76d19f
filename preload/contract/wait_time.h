/*
 * How long a thread has been in waits that hooks see, by whoever looks on: threads time their
 * waits in ticks, others know times. Signal-safe.
 */
#ifndef PROFINJECT_WAIT_TIME_H
#define PROFINJECT_WAIT_TIME_H

#include "preload/contract/ring_format.h"

/* When the wait began that the thread is in, CLOCK_MONOTONIC; 0: it is in none, or that is
 * not known. Its own figures may be read before or after. */
uint64_t wait_time_begin_sigsafe(const struct ring_file *ring, const struct ring_slot *slot);

/* Nanoseconds by `now_ns`, in all waits that are told of, or will be: the one it is in among
 * them once it is long enough, and `*waits`. May fall back for a moment when a wait ends. */
uint64_t wait_time_hooked_sigsafe(const struct ring_file *ring, const struct ring_slot *slot,
                                  uint64_t now_ns, bool *waits);

#endif
