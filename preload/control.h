/*
 * Who decides whether samples are taken: the settings (start, delay, duration), a
 * signal, the program itself, another process. The last one to ask is obeyed.
 *
 * Times count from the beginning of the recording, for every process of it alike.
 * A fork child goes on as its parent was; a program begun by exec starts as the
 * settings say for that moment.
 */
#ifndef PROFINJECT_CONTROL_H
#define PROFINJECT_CONTROL_H

#include "preload/contract/ring_format.h"

#include <stdbool.h>
#include <stdint.h>

struct control_plan {
    bool paused;               /* do not start by yourself */
    uint64_t start_ns, end_ns; /* CLOCK_MONOTONIC: sample from, and to (0: for ever) */
    int toggle_signal;         /* 0: none */
};

/* Once per session, before control_use_ring(). Installs the signal's handler; a
 * target that installs its own afterwards replaces it. */
void control_init(const struct control_plan *plan);

/* The ring file whose requests are answered; NULL: none. */
void control_use_ring(struct ring_file *ring);

/* Starts sampling if that is what the plan has for this moment. */
void control_start(void);

/* Takes samples, or stops taking them. From any thread; not from handlers. */
void control_switch(bool on);

/* What was last asked for: what a fork child goes on with. */
bool control_is_on(void);

/* True when samples are taken, and neither the plan nor a signal may change that. */
bool control_is_settled(void);

/* No samples from now on, whoever asks: the trace cannot be written. */
void control_end(void);

/* Servant: does what was asked from outside and what the plan has for this moment.
 * True when everything committed should be written now. */
bool control_serve(void);

/* Servant: tells those outside that everything asked up to `asked` is done. */
uint32_t control_asked(void);
void control_answer(uint32_t asked);

/* Nanoseconds until the plan has something to do, at most `most`. */
uint64_t control_wait_ns(uint64_t most);

/* Held while other threads are stopped: none of them is at it then. Before the threads'
 * own lock. */
void control_lock(void);
void control_unlock(void);

/* True when nobody switches at this moment: for a handler, which may have interrupted who does. */
bool control_is_free(void);

/* True when nothing is to happen by itself, at a time or by a signal. */
bool control_has_no_plan(void);

/* In a fork child, before anything else here. */
void control_fork_child(void);

#endif
