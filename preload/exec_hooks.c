/*
 * The exec family. Its own file because it is six names for one moment; three of
 * them reach the kernel, the others are put in terms of those.
 */
#include "preload/exec_hooks.h"

#include "preload/profinject.h"
#include "preload/session.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

static struct {
    int (*execve)(const char *, char *const[], char *const[]);
    int (*execvpe)(const char *, char *const[], char *const[]);
    int (*fexecve)(int, char *const[], char *const[]);
} real;

void exec_hooks_init(void)
{
    *(void **)&real.execve = dlsym(RTLD_NEXT, "execve");
    *(void **)&real.execvpe = dlsym(RTLD_NEXT, "execvpe");
    *(void **)&real.fexecve = dlsym(RTLD_NEXT, "fexecve");
}

/* What exec failed with is the caller's to see. */
static int stay(int status)
{
    int saved_errno = errno;
    if (session_is_ours())
        session_exec_failed();
    errno = saved_errno;
    return status;
}

/* A vfork child is not ours, and touches nothing. */
static void leave(void)
{
    if (session_is_ours())
        session_exec();
    if (!real.execve)
        exec_hooks_init();
}

PROFINJECT_API int execve(const char *path, char *const arguments[], char *const environment[])
{
    leave();
    return stay(real.execve(path, arguments, environment));
}

PROFINJECT_API int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    leave();
    return stay(real.execvpe(file, arguments, environment));
}

PROFINJECT_API int fexecve(int fd, char *const arguments[], char *const environment[])
{
    leave();
    return stay(real.fexecve(fd, arguments, environment));
}

PROFINJECT_API int execv(const char *path, char *const arguments[])
{
    return execve(path, arguments, environ);
}

PROFINJECT_API int execvp(const char *file, char *const arguments[])
{
    return execvpe(file, arguments, environ);
}

/* Counts the arguments of execl and its kin, `first` included, the null not. */
static size_t count_arguments(const char *first, va_list list)
{
    size_t count = 0;
    for (const char *argument = first; argument; argument = va_arg(list, const char *))
        count++;
    return count;
}

/* Collects them, null included, into `arguments`. */
static void collect_arguments(char **arguments, const char *first, va_list list)
{
    size_t count = 0;
    for (const char *argument = first; argument; argument = va_arg(list, const char *))
        arguments[count++] = (char *)argument;
    arguments[count] = NULL;
}

/* On the stack, because exec may be called where nothing may be allocated. */
#define COLLECT(arguments, first, list)                \
    va_start(list, first);                             \
    char *arguments[count_arguments(first, list) + 1]; \
    va_end(list);                                      \
    va_start(list, first);                             \
    collect_arguments(arguments, first, list)

PROFINJECT_API int execl(const char *path, const char *first, ...)
{
    va_list list;
    COLLECT(arguments, first, list);
    va_end(list);
    return execve(path, arguments, environ);
}

PROFINJECT_API int execlp(const char *file, const char *first, ...)
{
    va_list list;
    COLLECT(arguments, first, list);
    va_end(list);
    return execvpe(file, arguments, environ);
}

PROFINJECT_API int execle(const char *path, const char *first, ...)
{
    va_list list;
    COLLECT(arguments, first, list);
    while (va_arg(list, const char *)) /* over the arguments to the environment */
        ;
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    return execve(path, arguments, environment);
}
