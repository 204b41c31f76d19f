/*
 * What session.c, fork_child.c and departure.c have in common: the session of this process
 * image, and the steps that beginning or ending one takes. Nobody else looks in here.
 */
#ifndef PROFINJECT_SESSION_STATE_H
#define PROFINJECT_SESSION_STATE_H

#include "preload/clock.h"
#include "preload/contract/recording.h"
#include "preload/contract/settings.h"
#include "preload/facts.h"
#include "preload/ring.h"
#include "preload/session.h"
#include "preload/unwind.h"

#include <sys/types.h>

struct session {
    struct settings settings;
    struct recording recording;
    struct facts facts;
    struct ring_file *ring;
    const struct clock *clock;
    char ring_path[PATH_MAX];
    uint64_t cpu_start_ns; /* the process's CPU clock when the image began */
    bool open, forked, preloaded;
    bool late;  /* threads were made before we could see it */
    bool alone; /* no thread of ours could be made: the trace is written at the end */
};

extern struct session session __attribute__((visibility("hidden")));

/* The process it is of. 0: none any more, it was told of by another. */
extern pid_t session_process __attribute__((visibility("hidden")));

/* The wall clock is the cpu clock, and looks at the threads that do not run. */
bool session_wall_is_asked(void);

/* What every image of the session needs anew, the ring's memory and the servant apart. 0 or
 * -errno. */
int session_begin_image(const struct stack_bounds *bounds);

/* 0 or -errno. What is there is written from now on. */
int session_start_servant(void);

/* So long the end waits for the servant. */
#define SESSION_END_TIMEOUT_MS 2000

/* Nothing of the ring is needed any more. */
void session_remove_ring(void);

#endif
