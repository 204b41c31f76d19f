/*
 * The stack of a process's first thread, which the kernel made and which grows. Any
 * thread, not for signal handlers; no state.
 */
#ifndef PROFINJECT_MAIN_STACK_H
#define PROFINJECT_MAIN_STACK_H

#include "preload/unwind.h"

/* As far as it may grow, a GiB at most; 0 and 0 where it cannot be known. */
struct stack_bounds main_stack_bounds(void);

/* The same when the caller is that thread, else unknown. */
struct stack_bounds main_stack_of_caller(void);

#endif
