/*
 * The exec and spawn families. Its own file because these are many names for one
 * moment; some of them reach the kernel, the others are put in terms of those.
 */
#include "preload/exec_hooks.h"

#include "preload/confinement.h"
#include "preload/environment.h"
#include "preload/profinject.h"
#include "preload/session.h"
#include "preload/started_program.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef int spawn_function(pid_t *, const char *, const posix_spawn_file_actions_t *,
                           const posix_spawnattr_t *, char *const[], char *const[]);

static struct {
    int (*execve)(const char *, char *const[], char *const[]);
    int (*execvpe)(const char *, char *const[], char *const[]);
    int (*fexecve)(int, char *const[], char *const[]);
    int (*execveat)(int, const char *, char *const[], char *const[], int);
    spawn_function *posix_spawn, *posix_spawnp;
    int (*system)(const char *);
    FILE *(*popen)(const char *, const char *);
} real;

void exec_hooks_init(void)
{
    *(void **)&real.execve = dlsym(RTLD_NEXT, "execve");
    *(void **)&real.execvpe = dlsym(RTLD_NEXT, "execvpe");
    *(void **)&real.fexecve = dlsym(RTLD_NEXT, "fexecve");
    *(void **)&real.execveat = dlsym(RTLD_NEXT, "execveat");
    *(void **)&real.posix_spawn = dlsym(RTLD_NEXT, "posix_spawn");
    *(void **)&real.posix_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
    *(void **)&real.system = dlsym(RTLD_NEXT, "system");
    *(void **)&real.popen = dlsym(RTLD_NEXT, "popen");
}

/* For calls before our constructor, by one of another library. */
static void find_late(void)
{
    if (!real.popen)
        exec_hooks_init();
}

/* What exec failed with is the caller's to see. */
static int stay(int status)
{
    int saved_errno = errno;
    if (session_is_ours())
        session_go_on();
    errno = saved_errno;
    return status;
}

/* A vfork child is not ours, and touches nothing. Shells try all of PATH: where there is nothing
 * nobody leaves. */
static void leave(int directory, const char *path)
{
    if (session_is_ours() &&
        (confinement_any_sigsafe() || started_program_is_there(directory, path)))
        session_exec();
    find_late();
}

PROFINJECT_API int execve(const char *path, char *const arguments[], char *const environment[])
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us(AT_FDCWD, path));
    leave(AT_FDCWD, path);
    return stay(real.execve(path, arguments, completed));
}

PROFINJECT_API int execvpe(const char *file, char *const arguments[], char *const environment[])
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us_by_name(file));
    leave(AT_FDCWD, NULL);
    return stay(real.execvpe(file, arguments, completed));
}

PROFINJECT_API int fexecve(int fd, char *const arguments[], char *const environment[])
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us_by_fd(fd));
    leave(fd, NULL);
    return stay(real.fexecve(fd, arguments, completed));
}

PROFINJECT_API int execveat(int fd, const char *path, char *const arguments[],
                            char *const environment[], int flags)
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us(fd, path));
    leave(fd, path);
    return stay(real.execveat(fd, path, arguments, completed, flags));
}

PROFINJECT_API int posix_spawn(pid_t *pid, const char *path,
                               const posix_spawn_file_actions_t *actions,
                               const posix_spawnattr_t *attributes, char *const arguments[],
                               char *const environment[])
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us(AT_FDCWD, path));
    find_late();
    return real.posix_spawn(pid, path, actions, attributes, arguments, completed);
}

PROFINJECT_API int posix_spawnp(pid_t *pid, const char *file,
                                const posix_spawn_file_actions_t *actions,
                                const posix_spawnattr_t *attributes, char *const arguments[],
                                char *const environment[])
{
    ENVIRONMENT_COMPLETED_IF(completed, environment, started_program_takes_us_by_name(file));
    find_late();
    return real.posix_spawnp(pid, file, actions, attributes, arguments, completed);
}

/* system() and popen() spawn inside the C library, with environ as it is. It is
 * exchanged only where no other thread can be looking at it. Returns what environ was. */
static char **lend_environment(char *const *completed)
{
    char **before = environ;
    find_late();
    if (completed != before && session_is_single_threaded())
        environ = (char **)completed;
    return before;
}

/* A target that changed environ meanwhile has its way. */
static void return_environment(char *const *completed, char **before)
{
    if (environ == completed)
        environ = before;
}

PROFINJECT_API int system(const char *command)
{
    ENVIRONMENT_COMPLETED(completed, environ);
    char **before = lend_environment(completed);
    int status = real.system(command);
    return_environment(completed, before);
    return status;
}

PROFINJECT_API FILE *popen(const char *command, const char *mode)
{
    ENVIRONMENT_COMPLETED(completed, environ);
    char **before = lend_environment(completed);
    FILE *stream = real.popen(command, mode);
    return_environment(completed, before);
    return stream;
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

/* Collects them, null included, into `arguments`. Leaves the list behind the null. */
static void collect_arguments(char **arguments, const char *first, va_list *list)
{
    size_t count = 0;
    for (const char *argument = first; argument; argument = va_arg(*list, const char *))
        arguments[count++] = (char *)argument;
    arguments[count] = NULL;
}

/* On the stack, because exec may be called where nothing may be allocated. */
#define COLLECT(arguments, first, list)                \
    va_start(list, first);                             \
    char *arguments[count_arguments(first, list) + 1]; \
    va_end(list);                                      \
    va_start(list, first);                             \
    collect_arguments(arguments, first, &list)

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
    char *const *environment = va_arg(list, char *const *);
    va_end(list);
    return execve(path, arguments, environment);
}
