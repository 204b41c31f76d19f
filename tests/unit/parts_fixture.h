/*
 * The files of a trace that rotates, trace.pinj in the current directory. Header only: every unit
 * test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_PARTS_FIXTURE_H
#define PROFINJECT_TESTS_PARTS_FIXTURE_H

#include "preload/contract/trace_format.h"
#include "preload/contract/trace_parts.h"

#include <sys/stat.h>

/* Bytes of all of them. */
static inline uint64_t size_now(void)
{
    char name[64];
    struct stat status;
    uint64_t sum = 0;
    for (uint32_t part = 0; part < TRACE_PARTS; part++) {
        trace_part_name(name, sizeof(name), "trace.pinj", part);
        sum += stat(name, &status) == 0 ? (uint64_t)status.st_size : 0;
    }
    return sum;
}

#endif
