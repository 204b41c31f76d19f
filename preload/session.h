/*
 * The session: this process image's part of a recording, from the first sample to
 * the last. Knows the order in which the modules start and stop; init.c, api.c and
 * process.c only decide when.
 *
 * Not for signal handlers. Calls are serialised by their callers' nature:
 * constructor, exit, fork; the public interface takes a lock.
 */
#ifndef PROFINJECT_SESSION_H
#define PROFINJECT_SESSION_H

#include "preload/contract/settings.h"
#include "preload/contract/trace_format.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Begins: finds or makes the recording, makes the ring file, attaches the calling
 * thread, starts the servant. `preloaded` false: the library was loaded late, and
 * memory cannot be counted. Returns 0 or a negative errno with the reason in
 * `why`; the process then runs on unprofiled.
 */
int session_begin(const struct settings *settings, bool preloaded, char *why, size_t why_size);

/* True between session_begin() and session_end(). */
bool session_is_open(void);

/* Writes out everything taken so far: waits at most two seconds for the servant. */
bool session_flush(void);

/* When the image's trace begins, CLOCK_MONOTONIC. Valid while open. */
uint64_t session_start_ns(void);

/* Path of the image's trace; there once something was written. Valid while open. */
const char *session_trace(void);

/* The recording that `settings` ask for, made, or joined, and handed down to programs
 * started from here; for a process that itself is left out. */
void session_hand_down(const struct settings *settings);

/* Ends the trace: waits at most two seconds for the servant. */
void session_end(enum trace_end kind, int status);

/* Before exec: writes everything out, and that exec was called. The session stays
 * open: when exec fails sampling goes on, see session_go_on(). */
void session_exec(void);

/* After an exec that failed: clocks that had to be stopped run again. */
void session_go_on(void);

/* True when the calling process is the one that began the session, and not a
 * vfork child borrowing its memory; never in strict seccomp mode, where even that cannot be
 * asked. */
bool session_is_ours(void);

/* Before the target changes what it may reach, its user or its root: the trace is made and
 * open. errno is as before. */
void session_hold_trace(void);

/* Around a system call that needs a process with one thread, or that the C library
 * makes in every thread with the same outcome: our thread is away in between. False
 * when it stays, as where the target has threads of its own; else session_rejoin()
 * must follow. errno is as before. */
bool session_withdraw(void);
void session_rejoin(void);

/* Before the target hides what it is from others of its user: whoever drains is inside. */
void session_hides(void);

/* Before the target puts a seccomp filter on its calling thread, or on `all`: says so
 * in the recording while that can still be written. */
void session_confined(bool all);

/* True when the target has no thread but the calling one. */
bool session_is_single_threaded(void);

#endif
