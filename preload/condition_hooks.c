/*
 * Conditions, semaphores and barriers: what another thread says, and not what it gives back. One
 * file because of all of them who ends a wait can say so (wakers.h).
 *
 * Who signals where nobody waits goes on as a jump; so does who finds a semaphore raised.
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

#define REAL_CONDITIONS(X)                                                                         \
    X(int, pthread_cond_wait, (pthread_cond_t *, pthread_mutex_t *))                               \
    X(int, pthread_cond_timedwait, (pthread_cond_t *, pthread_mutex_t *, const struct timespec *)) \
    X(int, pthread_cond_signal, (pthread_cond_t *))                                                \
    X(int, pthread_cond_broadcast, (pthread_cond_t *))
#define REAL_OTHERS(X)                                                           \
    X(int, pthread_cond_clockwait,                                               \
      (pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *)) \
    X(int, cnd_wait, (cnd_t *, mtx_t *))                                         \
    X(int, cnd_timedwait, (cnd_t *, mtx_t *, const struct timespec *))           \
    X(int, cnd_signal, (cnd_t *))                                                \
    X(int, cnd_broadcast, (cnd_t *))                                             \
    X(int, sem_wait, (sem_t *))                                                  \
    X(int, sem_timedwait, (sem_t *, const struct timespec *))                    \
    X(int, sem_clockwait, (sem_t *, clockid_t, const struct timespec *))         \
    X(int, sem_post, (sem_t *))                                                  \
    X(int, pthread_barrier_wait, (pthread_barrier_t *))

/* Of conditions there are functions of the same names for another, older kind. */
static void *find_condition_function(const char *name)
{
    void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return found ? found : dlsym(RTLD_NEXT, name);
}

static struct {
    REAL_CONDITIONS(HOOK_POINTER)
    REAL_OTHERS(HOOK_POINTER)
} real;

void condition_hooks_init(void)
{
#define X(type, name, parameters) *(void **)&real.name = find_condition_function(#name);
    REAL_CONDITIONS(X)
#undef X
    REAL_OTHERS(HOOK_FIND)
}

static __attribute__((noinline, cold)) void find_late(void)
{
    int saved_errno = errno;
    condition_hooks_init();
    errno = saved_errno;
}

static __attribute__((noinline)) void note(const void *object, enum wakers_reach reach)
{
    if (waits_are_watched())
        wakers_note((uint64_t)object, waits_tid(), waits_now(), reach);
}

/* The waker of a wait that was not just over. */
#define WOKEN_IN(kind, object, call)                                                               \
    struct wait wait;                                                                              \
    waits_begin(&wait, kind, (uint64_t)(object), 0);                                               \
    const int status = (call);                                                                     \
    END_WAIT(wait, kind, (uint64_t)(object), status <= 0 ? WAKER_OF(wait, (uint64_t)(object)) : 0, \
             0);                                                                                   \
    return status

/* --- conditions ------------------------------------------------------------------------- */

/* The C library counts who waits in eighths. */
static inline bool has_waiters(const pthread_cond_t *condition)
{
    return __atomic_load_n(&condition->__data.__wrefs, __ATOMIC_RELAXED) >> 3 != 0;
}

PROFINJECT_API int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    FIND(pthread_cond_wait);
    PASS_UNLESS_WATCHED(real.pthread_cond_wait(condition, mutex));
    WOKEN_IN(TRACE_WAIT_CONDITION, condition, real.pthread_cond_wait(condition, mutex));
}

PROFINJECT_API int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                          const struct timespec *until)
{
    FIND(pthread_cond_timedwait);
    PASS_UNLESS_WATCHED(real.pthread_cond_timedwait(condition, mutex, until));
    WOKEN_IN(TRACE_WAIT_CONDITION, condition, real.pthread_cond_timedwait(condition, mutex, until));
}

PROFINJECT_API int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                          clockid_t clock, const struct timespec *until)
{
    FIND(pthread_cond_clockwait);
    PASS_UNLESS_WATCHED(real.pthread_cond_clockwait(condition, mutex, clock, until));
    WOKEN_IN(TRACE_WAIT_CONDITION, condition,
             real.pthread_cond_clockwait(condition, mutex, clock, until));
}

PROFINJECT_API int pthread_cond_signal(pthread_cond_t *condition)
{
    FIND(pthread_cond_signal);
    if (has_waiters(condition))
        note(condition, WAKERS_ONE);
    return real.pthread_cond_signal(condition);
}

PROFINJECT_API int pthread_cond_broadcast(pthread_cond_t *condition)
{
    FIND(pthread_cond_broadcast);
    if (has_waiters(condition))
        note(condition, WAKERS_ALL);
    return real.pthread_cond_broadcast(condition);
}

/* C11's are the others in a union of their size; they say otherwise that time is up. */
static inline const pthread_cond_t *condition_in(const cnd_t *condition)
{
    return (const pthread_cond_t *)condition;
}

PROFINJECT_API int cnd_wait(cnd_t *condition, mtx_t *mutex)
{
    FIND(cnd_wait);
    PASS_UNLESS_WATCHED(real.cnd_wait(condition, mutex));
    WOKEN_IN(TRACE_WAIT_CONDITION, condition, real.cnd_wait(condition, mutex));
}

PROFINJECT_API int cnd_timedwait(cnd_t *condition, mtx_t *mutex, const struct timespec *until)
{
    FIND(cnd_timedwait);
    PASS_UNLESS_WATCHED(real.cnd_timedwait(condition, mutex, until));
    WOKEN_IN(TRACE_WAIT_CONDITION, condition, real.cnd_timedwait(condition, mutex, until));
}

PROFINJECT_API int cnd_signal(cnd_t *condition)
{
    FIND(cnd_signal);
    if (has_waiters(condition_in(condition)))
        note(condition, WAKERS_ONE);
    return real.cnd_signal(condition);
}

PROFINJECT_API int cnd_broadcast(cnd_t *condition)
{
    FIND(cnd_broadcast);
    if (has_waiters(condition_in(condition)))
        note(condition, WAKERS_ALL);
    return real.cnd_broadcast(condition);
}

/* --- semaphores ------------------------------------------------------------------------- */

/* Value in the low half, waiters in the high one (nptl/internaltypes.h, struct new_sem). */
static inline uint64_t word_of(const sem_t *semaphore)
{
    return __atomic_load_n((const uint64_t *)semaphore, __ATOMIC_RELAXED);
}

static inline bool passes(const sem_t *semaphore)
{
    return PLATFORM_LIKELY((uint32_t)word_of(semaphore) != 0) || !waits_are_watched();
}

PROFINJECT_API int sem_wait(sem_t *semaphore)
{
    FIND(sem_wait);
    if (passes(semaphore))
        return real.sem_wait(semaphore);
    WOKEN_IN(TRACE_WAIT_SEMAPHORE, semaphore, real.sem_wait(semaphore));
}

#define RETRY_SEMAPHORE(call)                                           \
    struct wait wait;                                                   \
    int result;                                                         \
    waits_begin(&wait, TRACE_WAIT_SEMAPHORE, (uint64_t)semaphore, 0);   \
    RETRY_INTO(result, call, (void)0)                                   \
    END_WAIT(wait, TRACE_WAIT_SEMAPHORE, (uint64_t)semaphore,           \
             result == 0 ? WAKER_OF(wait, (uint64_t)semaphore) : 0, 0); \
    return result

PROFINJECT_API int sem_timedwait(sem_t *semaphore, const struct timespec *until)
{
    FIND(sem_timedwait);
    RETRY_SEMAPHORE(real.sem_timedwait(semaphore, until));
}

PROFINJECT_API int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
    FIND(sem_clockwait);
    RETRY_SEMAPHORE(real.sem_clockwait(semaphore, clock, until));
}

PROFINJECT_API int sem_post(sem_t *semaphore)
{
    FIND(sem_post);
    if (PLATFORM_UNLIKELY(word_of(semaphore) >> 32))
        note(semaphore, WAKERS_ONE);
    return real.sem_post(semaphore);
}

/* --- barriers --------------------------------------------------------------------------- */

/* Notes are of a barrier's round: who is woken and has no processor for a while would find those of
 * the next one. The second word is how many came in rounds that are over (nptl/internaltypes.h,
 * struct pthread_barrier). */
static inline uint64_t round_of(const pthread_barrier_t *barrier)
{
    uint64_t over = __atomic_load_n((const uint32_t *)barrier + 1, __ATOMIC_RELAXED);
    return (uint64_t)barrier ^ over << 32;
}

/* Who comes last wakes all; nobody knows before that it was the last. */
PROFINJECT_API int pthread_barrier_wait(pthread_barrier_t *barrier)
{
    FIND(pthread_barrier_wait);
    PASS_UNLESS_WATCHED(real.pthread_barrier_wait(barrier));
    struct wait wait;
    const uint64_t round = round_of(barrier);
    note((const void *)round, WAKERS_ALL);
    waits_begin(&wait, TRACE_WAIT_BARRIER, (uint64_t)barrier, 0);
    const int status = real.pthread_barrier_wait(barrier);
    END_WAIT(wait, TRACE_WAIT_BARRIER, (uint64_t)barrier, WAKER_OF(wait, round), 0);
    return status;
}
