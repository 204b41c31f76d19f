/*
 * Failures as one line of text. Its own file because everything in the analyzer
 * that can fail uses it and nothing else.
 */
#include "analyzer/util/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int problem_set(struct problem *problem, int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    problem->code = code;
    return code;
}

int problem_errno(struct problem *problem, const char *format, ...)
{
    int error = errno;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    size_t used = strlen(problem->text);
    snprintf(problem->text + used, sizeof(problem->text) - used, ": %s", strerror(error));
    problem->code = PROBLEM_SYSTEM;
    return PROBLEM_SYSTEM;
}

int problem_exit_status(int code)
{
    if (code == 0)
        return 0;
    return code == PROBLEM_USAGE ? 2 : 1;
}
