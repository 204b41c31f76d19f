/*
 * Mapping events of one trace, put in order and replayed; as heap_loader.h.
 */
#ifndef PROFINJECT_LOAD_MAPPED_LOADER_H
#define PROFINJECT_LOAD_MAPPED_LOADER_H

#include "analyzer/load/heap_loader.h"
#include "analyzer/load/time_window.h"
#include "analyzer/model/mapped_replay.h"
#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

struct mapped_pending {
    uint64_t time_ns, order, address, length, thread;
    enum trace_mapping kind;
    uint32_t site; /* of what was made */
};

struct mapped_loader {
    struct time_window
        window; /* what to look at: what is mapped in it, and still there at its end */
    struct mapped_replay replay;
    struct heap_place *places; /* one per site */
    size_t place_capacity;
    struct key_table *index; /* struct heap_place to site */
    struct mapped_pending *pending;
    size_t pending_count, pending_capacity;
    uint64_t events, lost;
    uint64_t safe_ns;        /* as heap_loader.h has it */
    struct strings *strings; /* names in looks */
};

void mapped_loader_init(struct mapped_loader *loader, struct strings *strings);
void mapped_loader_release(struct mapped_loader *loader);

/* An event; all of `place` but the thread counts only for what was made. */
void mapped_loader_add(struct mapped_loader *loader, const struct heap_place *place,
                       uint64_t time_ns, enum trace_mapping kind, uint64_t address,
                       uint64_t length);

/* No event before `until_ns` is still to come, but for a few that are late; UINT64_MAX: none at all. */
void mapped_loader_until(struct mapped_loader *loader, uint64_t until_ns);

/* A look at the process's memory. */
void mapped_loader_look(const struct mapped_loader *loader, struct profile_mapped *mapped,
                        const struct trace_resident *look);

/* After the last event: what the process had mapped. */
void mapped_loader_finish(struct mapped_loader *loader, struct profile_mapped *mapped);

#endif
