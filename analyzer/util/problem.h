/*
 * One failure, as the user will read it: `cannot open 'x': No such file`.
 *
 * Functions that can fail return 0 or a negative `enum problem_code` and take a
 * `struct problem *` (never NULL) that then holds one line without the command's
 * name, without a capital, without a full stop: subject quoted, reason last, and
 * where there is one the way out. Commands print it as `profinject COMMAND: TEXT`.
 * Not thread-safe per object; owns no memory.
 */
#ifndef PROFINJECT_UTIL_PROBLEM_H
#define PROFINJECT_UTIL_PROBLEM_H

enum problem_code {
    PROBLEM_USAGE = -1,   /* the user asked for something that is not there: exit status 2 */
    PROBLEM_SYSTEM = -2,  /* a file or system call failed: exit status 1 */
    PROBLEM_DATA = -3,    /* the data is damaged or of another kind: exit status 1 */
    PROBLEM_NOTHING = -4, /* sound, but holds nothing of what was asked: exit status 1 */
};

struct problem {
    int code; /* enum problem_code, 0 when nothing failed */
    char text[512];
};

/* Fills `problem` (text is cut to fit) and returns `code`, so that callers can
 * `return problem_set(...)`. */
int problem_set(struct problem *problem, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As problem_set() with ": strerror(errno)" appended and PROBLEM_SYSTEM. */
int problem_errno(struct problem *problem, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Exit status that CLI conventions give to `code`: 0, 1 or 2. */
int problem_exit_status(int code);

#endif
