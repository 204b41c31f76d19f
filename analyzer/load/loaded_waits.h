/*
 * What one trace tells of waits besides entries. Threads are numbered as in the trace, stacks are
 * raw ones. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_LOADED_WAITS_H
#define PROFINJECT_LOAD_LOADED_WAITS_H

#include "analyzer/load/ends.h"
#include "analyzer/load/module_history.h"
#include "analyzer/load/wait_ledger.h"
#include "analyzer/util/strings.h"

/* Waits recorded alone are kept one by one, when they took so long, and so many. */
#define SINGLE_LEAST_NS 1000000u
#define SINGLES_MAX 65536u

struct loaded_single {
    uint32_t place; /* in the ledger */
    bool open, held;
    uint64_t begin_ns, end_ns;
    /* Of a lock: the sample of who had it that is nearest to the end of the wait, at or before it. */
    uint64_t sample_ns; /* 0: none */
    uint32_t sample_stack;
};

/* The module below the address of a lock. */
struct lock_location {
    uint32_t image; /* 0: none */
    uint64_t elf_address;
};

struct loaded_waits {
    struct wait_ledger ledger;
    bool has_scheduling;
    struct trace_waited_object *objects; /* by id; id 0: not defined. Names are interned */
    size_t object_count, object_capacity;
    struct loaded_single *singles;
    size_t single_count, single_capacity;
    size_t met_count;                /* of which samples were looked for */
    struct lock_location *locations; /* one per place of the ledger, once they are found */
    uint64_t singles_left;           /* for which there was no room */
};

void loaded_waits_init(struct loaded_waits *waits);
void loaded_waits_release(struct loaded_waits *waits);

void loaded_waits_object(struct loaded_waits *waits, struct strings *strings,
                         const struct trace_waited_object *object);

/* Notes `single`, of that place, if it is one that is kept: over, and alone in its record. */
void loaded_waits_single(struct loaded_waits *waits, uint32_t place,
                         const struct trace_waits *single);

/* Looks for samples of who had the locks that singles since the last call were for: once a chunk
 * was read, as only the last second of samples is kept. `threads`: of the trace. */
void loaded_waits_meet(struct loaded_waits *waits, const struct ends *ends,
                       const struct profile_thread *threads, size_t thread_count);

/* Notes those that were not over. Once the ledger is finished. */
void loaded_waits_open(struct loaded_waits *waits);

/* Once all modules are known: which of them locks lie in. */
void loaded_waits_locate(struct loaded_waits *waits, struct module_history *modules);

/* The end does not hold, nor what was held. */
void loaded_waits_go_on(struct loaded_waits *waits);

#endif
