/*
 * What a process leaves of its end: the signal, where it came and in which thread
 * (ring_format.h, DEATH), for signals that are faults or come from abort().
 *
 * A handler of ours stands wherever the default action would end the process: it takes one
 * stack, and lets the default action happen, of the same signal with the same siginfo_t at the
 * same place. Status, core and faulting address are those of the bare program. It gives way to
 * every handler the program installs, and the program is told of the default where ours
 * stands (crash_hooks.c).
 *
 * Not where the program asks the kernel itself and acts on the answer, as Go's runtime does.
 * Any thread; only _sigsafe functions in handlers.
 */
#ifndef PROFINJECT_CRASH_H
#define PROFINJECT_CRASH_H

#include "preload/contract/ring_format.h"

#include <signal.h>
#include <stdbool.h>

/* The process's ring from now on; a fork child calls it again. */
void crash_use_ring(struct ring_file *ring);

/* Stands in for the default action of all those signals, from now on, and `with_io` of SIGIO, as
 * which a tick of clock perf comes that finds no room: that one it lets pass. Not in a program
 * that would notice. */
void crash_init(bool with_io);

/* Again for that of signal `number`, where that stands. Preserves errno. */
void crash_stand_in_sigsafe(int number);

/* The default actions are the kernel's again, for good: where our handler could not end. */
void crash_withdraw(void);

/* The action there would be without us, where `found` is ours. */
void crash_hide_sigsafe(int number, struct sigaction *found);
bool crash_is_ours_sigsafe(void (*handler)(int));

#endif
