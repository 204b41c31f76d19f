/*
 * Waiting for threads and processes to end, and for who runs an initialiser. One file because
 * what is waited for is who ends the wait.
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#define REAL_FUNCTIONS(X)                                                                  \
    X(int, pthread_join, (pthread_t, void **))                                             \
    X(int, pthread_timedjoin_np, (pthread_t, void **, const struct timespec *))            \
    X(int, pthread_clockjoin_np, (pthread_t, void **, clockid_t, const struct timespec *)) \
    X(int, thrd_join, (thrd_t, int *))                                                     \
    X(int, pthread_once, (pthread_once_t *, void (*)(void)))                               \
    X(void, call_once, (once_flag *, void (*)(void)))                                      \
    X(pid_t, wait, (int *))                                                                \
    X(pid_t, waitpid, (pid_t, int *, int))                                                 \
    X(pid_t, wait3, (int *, int, struct rusage *))                                         \
    X(pid_t, wait4, (pid_t, int *, int, struct rusage *))                                  \
    X(int, waitid, (idtype_t, id_t, siginfo_t *, int))
HOOK_TABLE(find_functions)

/* --- threads ---------------------------------------------------------------------------- */

/* Where the C library keeps a thread's number in what a pthread_t points to, for debuggers
 * (nptl_db, of all versions); 0 once the thread has ended. -1: not known. */
static long tid_offset = -1;

static int tid_of(pthread_t thread)
{
    return __atomic_load_n((const int *)((const char *)thread + tid_offset), __ATOMIC_RELAXED);
}

static void find_tid_offset(void)
{
    const uint32_t *field = dlsym(RTLD_DEFAULT, "_thread_db_pthread_tid"); /* bits, count, offset */
    if (!field) {
        dlerror();
        return;
    }
    tid_offset = field[0] == 32 && field[1] == 1 ? (long)field[2] : -1;
    if (tid_offset >= 0 && tid_of(pthread_self()) != (int)syscall(SYS_gettid))
        tid_offset = -1;
}

void join_hooks_init(void)
{
    find_functions();
    find_tid_offset();
}

/* The thread is looked at before it is waited for: then it is gone. Nothing is timed when it has
 * ended. */
#define JOIN(thread, call)                                      \
    const int peer = tid_offset >= 0 ? tid_of(thread) : 0;      \
    struct wait wait;                                           \
    if (!waits_are_watched() || (tid_offset >= 0 && peer <= 0)) \
        return call;                                            \
    waits_begin(&wait, TRACE_WAIT_JOIN, 0, (uint32_t)peer);     \
    const int status = (call);                                  \
    END_WAIT(wait, TRACE_WAIT_JOIN, 0, peer, 0);                \
    return status

PROFINJECT_API int pthread_join(pthread_t thread, void **value)
{
    FIND(pthread_join);
    JOIN(thread, real.pthread_join(thread, value));
}

PROFINJECT_API int pthread_timedjoin_np(pthread_t thread, void **value,
                                        const struct timespec *until)
{
    FIND(pthread_timedjoin_np);
    JOIN(thread, real.pthread_timedjoin_np(thread, value, until));
}

PROFINJECT_API int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock,
                                        const struct timespec *until)
{
    FIND(pthread_clockjoin_np);
    JOIN(thread, real.pthread_clockjoin_np(thread, value, clock, until));
}

PROFINJECT_API int thrd_join(thrd_t thread, int *value)
{
    FIND(thrd_join);
    JOIN(thread, real.thrd_join(thread, value));
}

/* --- initialisers ------------------------------------------------------------------------ */

#define ONCE_RUNNING 1 /* as the C library has it: somebody runs it; 2: it was run */

static inline int state_of(const void *control)
{
    return __atomic_load_n((const int *)control, __ATOMIC_RELAXED);
}

/* Who is to wait must know who runs it; the waits of others end when that is done. */
static void note_runner(const void *control)
{
    if (waits_are_watched())
        wakers_note((uint64_t)control, waits_tid(), waits_now(), WAKERS_ALL);
}

PROFINJECT_API int pthread_once(pthread_once_t *control, void (*function)(void))
{
    int state = state_of(control);
    FIND(pthread_once);
    if (state == 0)
        note_runner(control);
    if (PLATFORM_LIKELY(!(state & ONCE_RUNNING)) || !waits_are_watched())
        return real.pthread_once(control, function);
    WAIT_IN(TRACE_WAIT_ONCE, (uint64_t)control, wakers_find_last((uint64_t)control, waits_tid()), 0,
            real.pthread_once(control, function));
}

PROFINJECT_API void call_once(once_flag *control, void (*function)(void))
{
    int state = state_of(control);
    FIND(call_once);
    if (state == 0)
        note_runner(control);
    if (PLATFORM_LIKELY(!(state & ONCE_RUNNING)) || !waits_are_watched()) {
        real.call_once(control, function);
        return;
    }
    struct wait wait;
    waits_begin(&wait, TRACE_WAIT_ONCE, (uint64_t)control, 0);
    real.call_once(control, function);
    END_WAIT(wait, TRACE_WAIT_ONCE, (uint64_t)control,
             wakers_find_last((uint64_t)control, waits_tid()), 0);
}

/* --- processes --------------------------------------------------------------------------- */

#define WAIT_FOR_CHILD(call)   \
    PASS_UNLESS_WATCHED(call); \
    WAIT_IN(TRACE_WAIT_CHILD, 0, result > 0 ? result : 0, 0, call)

PROFINJECT_API pid_t wait(int *status)
{
    FIND(wait);
    WAIT_FOR_CHILD(real.wait(status));
}

PROFINJECT_API pid_t waitpid(pid_t pid, int *status, int options)
{
    FIND(waitpid);
    WAIT_FOR_CHILD(real.waitpid(pid, status, options));
}

PROFINJECT_API pid_t wait3(int *status, int options, struct rusage *usage)
{
    FIND(wait3);
    WAIT_FOR_CHILD(real.wait3(status, options, usage));
}

PROFINJECT_API pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    FIND(wait4);
    WAIT_FOR_CHILD(real.wait4(pid, status, options, usage));
}

PROFINJECT_API int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    FIND(waitid);
    PASS_UNLESS_WATCHED(real.waitid(type, id, info, options));
    WAIT_IN(TRACE_WAIT_CHILD, 0, result == 0 && info ? info->si_pid : 0, 0,
            real.waitid(type, id, info, options));
}
