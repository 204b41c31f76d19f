/*
 * What a thread waits for, by the system call it is in as /proc tells: `number arguments sp pc`, or
 * "running". Pure functions.
 */
#ifndef PROFINJECT_SYSCALL_KINDS_H
#define PROFINJECT_SYSCALL_KINDS_H

#include "preload/contract/trace_values.h"

#include <stdbool.h>
#include <stdint.h>

struct syscall_seen {
    long number;           /* -1: none */
    uint64_t arguments[6]; /* 0 where there are none */
};

/* False of a thread that is in none. */
bool syscall_kinds_parse(const char *text, struct syscall_seen *seen);

/* 0: of no kind that has a name. */
enum trace_wait syscall_kinds_of(const struct syscall_seen *seen);

/* The kernel goes on with it behind a signal with SA_RESTART. Not where that hangs on what is
 * behind the descriptor: then `*fd` is it, else -1. */
bool syscall_kinds_restarts(const struct syscall_seen *seen, int *fd);

#endif
