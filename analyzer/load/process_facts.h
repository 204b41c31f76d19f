/*
 * What a trace says of its process in properties, gathered until the trace ends
 * and then told to a struct profile_process.
 *
 * Strings are interned in the table given. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_PROCESS_FACTS_H
#define PROFINJECT_LOAD_PROCESS_FACTS_H

#include "analyzer/model/profile.h"

struct process_facts {
    struct strings *strings;
    struct profile_property *properties;
    size_t count, capacity;
    struct key_table *index;
};

void process_facts_init(struct process_facts *facts, struct strings *strings);
void process_facts_release(struct process_facts *facts);

/* Notes a property; the last value of a name counts. */
void process_facts_set(struct process_facts *facts, const char *name, const char *value,
                       size_t value_size);

/* The value of `name` so far, NULL: none. */
const char *process_facts_text(const struct process_facts *facts, const char *name);

/* Fills in everything properties tell; `process` takes the list of them over. */
void process_facts_tell(struct process_facts *facts, struct profile_process *process);

/* Mean bytes between sampled allocations, 0: all of them, or none. */
uint64_t process_facts_heap_interval(const struct process_facts *facts);

/* What a block counts besides its bytes when it comes to sampling. */
uint64_t process_facts_heap_charge(const struct process_facts *facts);

/* When the process began, CLOCK_MONOTONIC; 0: not known yet. */
uint64_t process_facts_start(const struct process_facts *facts);

/* A moment of CLOCK_MONOTONIC by the clock that files are dated by; 0: not known. */
uint64_t process_facts_date(const struct process_facts *facts, uint64_t time_ns);

#endif
