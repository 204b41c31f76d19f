/*
 * What servant.c and servant_end.c have in common: the servant of this process. Nobody else
 * looks in here.
 */
#ifndef PROFINJECT_SERVANT_STATE_H
#define PROFINJECT_SERVANT_STATE_H

#include "preload/contract/drain.h"
#include "preload/resources/collector.h"
#include "preload/servant.h"

#include <pthread.h>

enum servant_request {
    REQUEST_NOTHING = 0, /* but a turn: clocks are served in every one */
    REQUEST_FLUSH = 1,
    REQUEST_EXEC = 2,
    REQUEST_FINISH = 4,
    REQUEST_SUSPEND = 8
};

struct servant {
    struct servant_options options;
    struct drain drain;
    bool drain_ready, failed;
    bool made;         /* the trace */
    int directory, fd; /* the recording; the trace, -1: not open */
    uint32_t part;     /* of it that `fd` is */
    int tid;
    pthread_t thread;
    uint64_t begun_ns, last_write_ns;
    unsigned filters;         /* there were when it began */
    uint32_t ended_written;   /* ring->slots_ended at the last write */
    uint32_t running;         /* the thread is there and answers */
    uint32_t asked, answered; /* requests, numbered; `answered` is a futex */
    uint32_t requests;        /* enum servant_request, or'ed */
    enum trace_end end_kind;
    int end_status;
    bool keep_empty;
    bool handed_over;  /* to somebody outside; then perhaps taken back, with nobody there */
    bool resumed;      /* the thread finds its descriptors in the target's table */
    bool orphaned;     /* the thread could not be made again */
    bool over;         /* nobody is left who could ask for the end */
    bool crowded;      /* failed for want of room */
    uint32_t released; /* turn: left when a suspended thread may go, or a resumed one has come */
    uint32_t turn;     /* of who is at the drain */
    struct collector *collector; /* NULL: not yet, or there is none */
    struct election election;
};

extern struct servant servant __attribute__((visibility("hidden")));

/* Rings the bell with a request and waits for the thread's answer. */
bool servant_ask(enum servant_request request, unsigned timeout_ms);

#define SERVANT_STACK_NEEDED (96u << 10) /* by what the drain does */

/* Forgets what there was and makes the drain; `form` as facts.h has it. servant.failed when that
 * cannot be. */
void servant_set_up(const struct servant_options *options, const char *form);

/* Reaches the recording; likewise. */
void servant_prepare(void);

/* Opens it, made if it was not; false with errno. */
bool servant_open_trace(int directory, const char *name);

/* Ends the trace, by whoever has the turn. */
void servant_write_end(enum trace_end kind, int status);

/* The process's CPU time since the session began. */
uint64_t servant_cpu_used_ns(void);

#endif
