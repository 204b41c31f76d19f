/*
 * Fork, exec, exit. Its own file because each is a moment at which the session
 * must be left in order, and a vfork child must touch nothing at all.
 */
#include "preload/process.h"

#include "preload/profinject.h"
#include "preload/session.h"
#include "preload/threads.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

static sigset_t before_fork; /* guarded by the threads' lock */

/* A profiling signal between fork and the child's own session would write to the
 * parent's rings; one that interrupts fork itself restarts it for ever. */
static void fork_prepare(void)
{
    sigset_t all;
    sigfillset(&all);
    threads_lock();
    pthread_sigmask(SIG_SETMASK, &all, &before_fork);
}

static void fork_parent(void)
{
    sigset_t before = before_fork;
    threads_unlock();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static void fork_child(void)
{
    sigset_t before = before_fork;
    threads_unlock();
    if (session_is_open())
        session_fork_child();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Registered before the loader's own handler, so it runs after every destructor. */
static void at_exit(int status, void *unused)
{
    (void)unused;
    if (session_is_ours())
        session_end(TRACE_END_EXIT, status);
}

static void at_quick_exit_hook(void)
{
    if (session_is_ours())
        session_end(TRACE_END_EXIT, 0);
}

void process_init(void)
{
    pthread_atfork(fork_prepare, fork_parent, fork_child);
    on_exit(at_exit, NULL);
    at_quick_exit(at_quick_exit_hook);
}

static void leave_by_exec(void)
{
    if (session_is_ours())
        session_exec();
}

typedef int execve_function(const char *, char *const[], char *const[]);

PROFINJECT_API int execve(const char *path, char *const arguments[], char *const environment[])
{
    leave_by_exec();
    execve_function *real = (execve_function *)dlsym(RTLD_NEXT, "execve");
    return real(path, arguments, environment);
}

PROFINJECT_API int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    leave_by_exec();
    execve_function *real = (execve_function *)dlsym(RTLD_NEXT, "execvpe");
    return real(file, arguments, environment);
}

PROFINJECT_API int execv(const char *path, char *const arguments[])
{
    return execve(path, arguments, environ);
}

PROFINJECT_API int execvp(const char *file, char *const arguments[])
{
    return execvpe(file, arguments, environ);
}

PROFINJECT_API int fexecve(int fd, char *const arguments[], char *const environment[])
{
    typedef int fexecve_function(int, char *const[], char *const[]);
    leave_by_exec();
    fexecve_function *real = (fexecve_function *)dlsym(RTLD_NEXT, "fexecve");
    return real(fd, arguments, environment);
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

static _Noreturn void leave(int status, const char *name)
{
    typedef void exit_function(int);
    if (session_is_ours())
        session_end(TRACE_END_EXIT, status & 0xff);
    ((exit_function *)dlsym(RTLD_NEXT, name))(status);
    __builtin_unreachable();
}

PROFINJECT_API _Noreturn void _exit(int status)
{
    leave(status, "_exit");
}

PROFINJECT_API _Noreturn void _Exit(int status)
{
    leave(status, "_Exit");
}
