/*
 * Perf maps: lines "START SIZE NAME", both in hexadecimal, with or without 0x, as
 * tools/perf/Documentation/jit-interface.txt of Linux has them. They come in pieces, and lines may
 * go on in the next; what is no such line is passed over and counted.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_PERF_MAP_H
#define PROFINJECT_SYMBOLS_PERF_MAP_H

#include "analyzer/symbols/jit_code.h"

/* Longer lines are passed over. */
#define PERF_MAP_LINE 65536

struct perf_map {
    struct jit_code *code; /* the caller's */
    char *line;            /* begun, not ended */
    size_t size;
    bool skipping; /* up to its end */
    uint64_t names, unreadable;
};

void perf_map_init(struct perf_map *map, struct jit_code *code);
void perf_map_release(struct perf_map *map);

/* Takes in what was written after `since_ns`, the last line at `last_ns`. */
void perf_map_feed(struct perf_map *map, const char *bytes, size_t size, uint64_t since_ns,
                   uint64_t last_ns);

/* Something is missing here (`gap`), or the file began anew. */
void perf_map_break(struct perf_map *map, bool gap);

#endif
