/*
 * The environment that makes a dynamic loader inject libprofinject.so.
 */
#ifndef PROFINJECT_RECORD_INJECTION_H
#define PROFINJECT_RECORD_INJECTION_H

#include "analyzer/util/problem.h"

#include <stddef.h>

/* Finds the library beside this program, or where `make install` puts it. 0, or
 * PROBLEM_SYSTEM with the places that were searched. */
int injection_find_library(char *path, size_t size, struct problem *problem);

/* Puts `library` first in this process's LD_PRELOAD, once; before it `first` unless
 * that is "". 0, or a problem when its path cannot be named there. */
int injection_preload(const char *first, const char *library, struct problem *problem);

/* 0, or PROBLEM_SYSTEM when the unwinder of that name could not work where commands run
 * as this program does. */
int injection_check_unwinder(const char *unwinder, struct problem *problem);

#endif
