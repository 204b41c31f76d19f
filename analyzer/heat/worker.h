/*
 * One worker of `profinject heat`: a process that multiplies matrices for a share of its time, as a
 * page that it shares with its parent says.
 *
 * The parent writes orders, each worker its own slot, with relaxed atomics: every value stands for
 * itself. A worker computes only while the parent's beat is fresh: a parent that is stopped, or
 * hangs on a sensor, has no load behind it.
 */
#ifndef PROFINJECT_HEAT_WORKER_H
#define PROFINJECT_HEAT_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define WORKERS_MOST 1024
#define WORKER_NAME "heat-worker"  /* as /proc and profiles have it */
#define WORKER_BEAT_NS 1000000000L /* older beats are stale */
#define WORKER_WHOLE 10000         /* parts of duty */

struct worker_slot {
    _Alignas(64) _Atomic uint64_t operations, products;
    _Atomic uint64_t cpu_ns;     /* of workers of this slot, all that there were */
    _Atomic uint32_t wrong;      /* products whose sum was not the expected one */
    _Atomic uint32_t no_memory;  /* sizes that could not be mapped */
    _Atomic uint32_t leave;      /* order: this one shall end */
    _Atomic uint32_t has_ticket; /* for a product that it has begun */
    _Atomic uint64_t checksum;   /* bits of the last result, so that no compiler
                                  * finds that nobody needs it */
};

struct worker_page {
    /* Orders. */
    _Atomic uint32_t stop, size, duty; /* duty in parts of WORKER_WHOLE */
    _Atomic uint64_t beat_ns;          /* CLOCK_MONOTONIC */
    uint64_t period_ns;
    unsigned split;          /* per cent of CPU time in products, the rest in chains */
    unsigned contend;        /* per cent of CPU time under `lock` */
    bool counted;            /* there is an end: */
    _Atomic int64_t tickets; /* products still to begin */
    pthread_mutex_t lock;    /* shared, robust: its holder may be killed */
    struct worker_slot slots[WORKERS_MOST];
};

/* Maps the page; NULL with errno. Freed by munmap of sizeof(struct worker_page). */
struct worker_page *worker_page_new(void);

/* In the child, right after fork(): works until told to end. `cpu` < 0: any. */
void worker_run(struct worker_page *page, unsigned slot, pid_t parent, int cpu)
    __attribute__((noreturn));

#endif
