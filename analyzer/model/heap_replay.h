/*
 * The heap replayed: allocations and frees in the order they happened become sums per
 * site (heap_sites.h) and of all. Each block counts for as many as it was sampled for
 * (estimate.h). Observers are told of every block, for whatever else is to be known.
 *
 * Events of one thread come in order, those of two within HEAP_REPLAY_SKEW_NS, or later
 * where their times say so: an allocation of a live address means that the older
 * block's free is still to come, and a free of an unknown one may belong to an
 * allocation that is.
 *
 * Memory grows with sites and live blocks, not with events; an event costs the same
 * however many there were. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_REPLAY_H
#define PROFINJECT_MODEL_HEAP_REPLAY_H

#include "analyzer/model/heap_blocks.h"
#include "analyzer/model/heap_sites.h"
#include "analyzer/model/heap_unpaired.h"
#include "preload/contract/trace_format.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A thread's clock is read up to some hundred instructions before or after what it
 * dates: two threads' readings differ by less than this. */
#define HEAP_REPLAY_SKEW_NS 4096u

#define HEAP_OBSERVERS_MAX 8u

struct heap_replay;

/* An allocation or a free. */
struct heap_event {
    uint64_t time_ns;
    uint64_t address; /* not 0 */
    uint64_t size;    /* of allocations, as the site */
    uint32_t site;
    uint32_t thread; /* that did it; of allocations, its site's */
    uint32_t stream; /* of this thread alone: RESIZED and RESIZE in a row belong together */
    enum trace_heap_event kind;
};

enum heap_death {
    HEAP_FREED,
    HEAP_TEMPORARY, /* freed by the thread that allocated it, which allocated nothing since */
    HEAP_RESIZED,   /* it goes on as another block, perhaps elsewhere: see `before` */
    HEAP_REPLACED,  /* freed, but that event is late or lost: its address is given out again */
};

/* What happened to a block. Pointers are good during the call. */
struct heap_change {
    const struct heap_block *block;
    uint64_t time_ns;
    uint32_t thread;       /* that did it; of HEAP_REPLACED: the one that got the address */
    double weight;         /* so many blocks it stands for, 1 where every block is known */
    enum heap_death death; /* of blocks that died */
    bool resized;          /* of those born: realloc made it of another */
    const struct heap_block *before; /* of those born: which one realloc made this of; NULL:
                                      * none, or not known */
};

/* Told of every block, in the order of time, before it enters the table and after it left it.
 * Sums are not up to date. */
struct heap_observer {
    void *context;
    void (*born)(void *context, const struct heap_change *change);
    void (*died)(void *context, const struct heap_change *change);
};

/* Somebody who looks at the sums now and then, between two events. */
struct heap_watcher {
    uint64_t due_ns; /* the first event from then on is preceded by a call, which says when next */
    uint64_t (*look)(void *context, const struct heap_replay *replay, uint64_t time_ns);
    void *context;
};

struct heap_replay {
    uint64_t mean;   /* bytes between samples, 0: every block is there */
    uint64_t charge; /* bytes a block counts besides its own */
    struct heap_sites sites;
    struct heap_blocks blocks;
    uint32_t *allocations; /* [thread]: so far, modulo 2^32 */
    size_t thread_count;
    struct heap_block *resized; /* [stream]: the block RESIZED ended; address 0: none */
    size_t stream_count;
    struct heap_unpaired displaced; /* blocks whose address was given out again */
    struct heap_unpaired early;     /* frees of blocks that are not there */
    struct heap_amount allocated;   /* so far */
    struct heap_amount live;        /* now */
    struct heap_amount peak;        /* when it was highest */
    uint64_t peak_ns;               /* that moment; 0: never anything */
    uint64_t from_ns;               /* sums began anew then, see heap_replay_restart(); 0: never */
    uint64_t to_ns;                 /* events from then on are left out; UINT64_MAX: none */
    struct heap_sizes sizes;        /* of blocks allocated */
    struct heap_lives lifetimes;    /* of blocks freed */
    uint64_t strays;                /* frees of blocks nobody allocated */
    uint64_t replaced;              /* live blocks allocated once more, and their free never came */
    struct heap_watcher watcher;
    struct heap_observer observers[HEAP_OBSERVERS_MAX];
    size_t observer_count;
};

void heap_replay_init(struct heap_replay *replay, uint64_t mean);

/* Before the first site: another mean, and what a block counts besides its bytes; first 0. */
void heap_replay_set_mean(struct heap_replay *replay, uint64_t mean, uint64_t charge);

void heap_replay_release(struct heap_replay *replay);

/* How many blocks one of that size stands for. 1 means exact, which a sampled block is not,
 * however large. */
static inline double heap_replay_weight(const struct heap_replay *replay, uint64_t size)
{
    return replay->mean == 0
               ? 1
               : fmax(estimate_weight(size + replay->charge, replay->mean), 1 + DBL_EPSILON);
}

/* Before the first event. */
void heap_replay_observe(struct heap_replay *replay, struct heap_observer observer);

/* A new site of `thread`; they are numbered from 0. */
uint32_t heap_replay_add_site(struct heap_replay *replay, uint32_t thread);

/* The next events, in order. Faster the more there are at once, up to a hundred. Where every
 * block is there, a plain free may turn out to be a temporary one. */
void heap_replay_events(struct heap_replay *replay, const struct heap_event *events, size_t count);

/* What was allocated until now is no longer counted, but blocks live now belong to the
 * peak: sums begin anew, for a part of the run. Once, before the first event from then on. */
void heap_replay_restart(struct heap_replay *replay, uint64_t from_ns);

/* Makes `peak` of all sites right. After the last event, once. Of a part of the run only
 * blocks allocated in it are live from then on. */
void heap_replay_settle(struct heap_replay *replay);

#endif
