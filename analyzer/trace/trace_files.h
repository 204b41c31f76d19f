/*
 * The files of a trace, mapped: one, or the parts of one that rotates (trace_format.h, PARTS), in
 * their order. While it is being recorded parts are replaced: those that are here stay.
 */
#ifndef PROFINJECT_TRACE_FILES_H
#define PROFINJECT_TRACE_FILES_H

#include "analyzer/util/problem.h"
#include "preload/contract/trace_format.h"

#include <stddef.h>
#include <stdint.h>

struct trace_file {
    const uint8_t *bytes;
    size_t size;
    uint64_t inode, device;
    uint32_t sequence; /* of its first chunk */
};

struct trace_files {
    struct trace_file items[TRACE_PARTS];
    size_t count;
};

/* PROBLEM_SYSTEM when the trace at `path` cannot be opened or read, PROBLEM_DATA when it is none
 * or empty; parts that cannot be are left out. trace_files_close() after 0 only. */
int trace_files_open(struct trace_files *files, const char *path, struct problem *problem);
void trace_files_close(struct trace_files *files);

#endif
