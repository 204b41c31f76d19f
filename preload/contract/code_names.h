/*
 * What runtimes write about code they make, taken into the trace (trace_format.h,
 * TRACE_CODE_NAMES): the perf map /tmp/perf-PID.map and the jitdump jit-PID.dump. Both vanish with
 * the machine, or the next process of that number, and say nothing of when a name was another.
 *
 * Into the trace, not into files beside it: so they are compressed, found again after damage,
 * there when the process is killed, bounded with the trace, and go wherever it goes (annexes of
 * other users, parts, copies, clean exports, archives) without anybody having to know.
 *
 * Nothing is done for a process none of whose code lies outside files: not even a look whether
 * there is a map. With such code it is one stat a second, seldomer where none comes, and one a
 * round of the servant once there is a map, so that it is known when lines appeared.
 *
 * What may be taken: a regular file with one name that belongs to us or the process's user, not
 * through a symbolic link, not from before the process. Read as it grows, never mapped: who
 * shortens it must not end us. Part of the drain; same threading, no allocation.
 */
#ifndef PROFINJECT_CODE_NAMES_H
#define PROFINJECT_CODE_NAMES_H

#include "preload/contract/module_map.h"
#include "preload/contract/trace_values.h"

#include <stdbool.h>
#include <stdint.h>

struct drain;

/* Bytes of each file that are taken at most, of a trace with max_size: a quarter of that. */
#define CODE_NAMES_MAX (256ull << 20)

#define CODE_NAMES_MARKS 64u
#define CODE_NAMES_TAIL 64u

/* Up to there it was written between two looks, the last of it at `time_ns`. */
struct code_mark {
    uint64_t end, since_ns, time_ns;
};

/* Where the drain stands with one file. */
struct code_text {
    uint64_t inode;        /* 0: not seen yet */
    uint64_t modified_ns;  /* by the file's clock, when it was looked at last */
    uint64_t seen;         /* bytes it had when it was looked at last */
    uint64_t put, settled; /* of these in the trace, or a chunk under way; in the trace */
    uint32_t serial;       /* one more when it begins anew */
    uint32_t mark_count;   /* of those before `seen`, behind `put` */
    struct code_mark marks[CODE_NAMES_MARKS];
    uint8_t tail[CODE_NAMES_TAIL]; /* the last bytes before `tail_end`, at its end */
    uint64_t tail_end, tail_size;
    bool refused; /* what came last cannot be used: nothing more until it begins anew */
};

struct code_names {
    bool wanted;      /* there is code outside files */
    bool shared;      /* the descriptors are ours to keep: a process of its own drains */
    int temporary;    /* /tmp as the process sees it, -1 */
    int dump;         /* the jitdump, -1 */
    uint32_t modules; /* that were looked at for one */
    uint32_t dump_module;
    uint64_t look_ns;  /* next, while there is no map */
    uint64_t begun_ns; /* first look */
    uint64_t looked_ns;
    bool is_parents; /* the map is that of the process it was forked from */
    struct code_text texts[TRACE_CODE_TEXTS]; /* by enum trace_code_text */
    const char *trouble;                      /* why there is less than there could be, NULL */
    bool trouble_put;
};

/* Goes on where the ring says that the trace ends. */
void code_names_init(struct drain *drain);
void code_names_release(struct drain *drain);

/* Looks whether there is more: by who serves, in every round. */
void code_names_look(struct drain *drain, uint64_t now_ns);

/* Adds records to the chunk under way. True when there are more for another. */
bool code_names_put(struct drain *drain);

/* The chunk was written, or not. */
void code_names_written(struct drain *drain);
void code_names_abandoned(struct drain *drain);

/* A part begins: what it holds must be readable without those before it. */
void code_names_repeat(struct drain *drain);

/* True when what is mapped by that name is memory for code, though it looks like a file. */
bool code_names_is_memory(const char *path);

#endif
