/*
 * When a process began, read from the beginning of its trace: before traces are read, so
 * that a part of the run can be told in each.
 */
#ifndef PROFINJECT_LOAD_TRACE_START_H
#define PROFINJECT_LOAD_TRACE_START_H

#include <stdint.h>

/* CLOCK_MONOTONIC; UINT64_MAX where the trace at `path` cannot be read. */
uint64_t trace_start(const char *path);

#endif
