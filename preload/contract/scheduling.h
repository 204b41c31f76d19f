/*
 * What the kernel counts of a thread: how long it ran, how long it was ready to and had no
 * processor, how often it was switched away from. By the thread itself, or whoever drains its ring.
 * Opens files of /proc for a moment; no allocation, errno may change. Not for signal handlers.
 */
#ifndef PROFINJECT_SCHEDULING_H
#define PROFINJECT_SCHEDULING_H

#include "preload/contract/ring_format.h"

/* Time alone is 5 us of work, switches and moves 40 more: a thread is asked for them at its end,
 * when it has lived long enough. */
enum scheduling_depth { SCHEDULING_TIMES, SCHEDULING_ALL };

/* Of thread `tid` of process `pid`, 0: the calling one. What is not to be had is not `known`. */
void scheduling_read(int pid, int tid, enum scheduling_depth depth, struct ring_scheduling *found);

/* Fills in `begun`, and `ended`, of a thread whose slot has everything else: of one that has only
 * begun nothing is read, of one that lives no more nothing is known, and of a brief one, by the
 * thread itself, what costs next to nothing. */
void scheduling_begin(const struct ring_file *ring, struct ring_slot *slot);
/* Of a thread of the calling process that was ready to run for a while before: that is not of its time. */
void scheduling_begin_late(struct ring_slot *slot);
void scheduling_end(const struct ring_file *ring, struct ring_slot *slot);

/* Wall time, up to `now_ns`, in which the process was not to be sampled. */
uint64_t scheduling_paused_ns(const struct ring_file *ring, uint64_t now_ns);

/* Before it is for the first time: its threads begin late, unless it is a fork child. Opens files; errno may
 * change. */
void scheduling_begin_all_late(struct ring_file *ring);

/* From now on it is, or is not. */
void scheduling_switch(struct ring_file *ring, bool on, uint64_t now_ns);

#endif
