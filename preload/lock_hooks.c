/*
 * Mutexes and reader/writer locks, of POSIX and of C11. One file because of all of them the C
 * library says in the lock whether it is free, and who has it.
 *
 * A lock that is free is taken by the real function, as a jump: that costs 1 ns. Trying first would
 * not do: in a program of one thread the C library takes locks without atomic operations. A
 * lock that is taken is timed. Unlocking is not hooked.
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <pthread.h>
#include <threads.h>

#define REAL_FUNCTIONS(X)                                                                        \
    X(int, pthread_mutex_lock, (pthread_mutex_t *))                                              \
    X(int, pthread_mutex_timedlock, (pthread_mutex_t *, const struct timespec *))                \
    X(int, pthread_mutex_clocklock, (pthread_mutex_t *, clockid_t, const struct timespec *))     \
    X(int, mtx_lock, (mtx_t *))                                                                  \
    X(int, mtx_timedlock, (mtx_t *, const struct timespec *))                                    \
    X(int, pthread_rwlock_rdlock, (pthread_rwlock_t *))                                          \
    X(int, pthread_rwlock_timedrdlock, (pthread_rwlock_t *, const struct timespec *))            \
    X(int, pthread_rwlock_clockrdlock, (pthread_rwlock_t *, clockid_t, const struct timespec *)) \
    X(int, pthread_rwlock_wrlock, (pthread_rwlock_t *))                                          \
    X(int, pthread_rwlock_timedwrlock, (pthread_rwlock_t *, const struct timespec *))            \
    X(int, pthread_rwlock_clockwrlock, (pthread_rwlock_t *, clockid_t, const struct timespec *))
HOOK_TABLE(lock_hooks_init)

/* Who takes a mutex is its owner only a moment later: so many more looks. */
#define LOOKS 4

/* --- mutexes ------------------------------------------------------------------------ */

/* Of one that has waiters, is robust, inherits priorities or has a ceiling the word has more in it: it
 * is 0 only when the mutex is free. */
static inline bool is_free(const pthread_mutex_t *mutex)
{
    return __atomic_load_n(&mutex->__data.__lock, __ATOMIC_RELAXED) == 0;
}

static inline int owner_of(const pthread_mutex_t *mutex)
{
    int owner = 0;
    for (int i = 0; i < LOOKS && !owner; i++)
        owner = __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED);
    return owner;
}

/* The caller has it, and gets it again, or an error, at once. */
static inline bool is_own(const pthread_mutex_t *mutex)
{
    int kind = mutex->__data.__kind & 3;
    return (kind == PTHREAD_MUTEX_RECURSIVE_NP || kind == PTHREAD_MUTEX_ERRORCHECK_NP) &&
           __atomic_load_n(&mutex->__data.__owner, __ATOMIC_RELAXED) == waits_tid();
}

/* Nobody wants to know how long it takes, or it takes no time. */
static inline bool passes(const pthread_mutex_t *mutex)
{
    return PLATFORM_LIKELY(is_free(mutex)) || !waits_are_watched() || is_own(mutex);
}

/* Waits in `call` for what `owner` has. */
#define LOCK_IN(kind, lock, owner, caller, call)                \
    const int peer = (owner);                                   \
    struct wait wait;                                           \
    waits_begin(&wait, kind, (uint64_t)(lock), (uint32_t)peer); \
    const int status = (call);                                  \
    END_WAIT_OF(caller, wait, kind, (uint64_t)(lock), peer, 0); \
    return status

/* Functions of their own, so that the hooks have no frames to make where the lock is free. */
static __attribute__((noinline)) int lock_taken(pthread_mutex_t *mutex, const void *caller)
{
    if (passes(mutex))
        return real.pthread_mutex_lock(mutex);
    LOCK_IN(TRACE_WAIT_MUTEX, mutex, owner_of(mutex), caller, real.pthread_mutex_lock(mutex));
}

PROFINJECT_API int pthread_mutex_lock(pthread_mutex_t *mutex)
{
    FIND(pthread_mutex_lock);
    return PLATFORM_LIKELY(is_free(mutex)) ? real.pthread_mutex_lock(mutex)
                                           : lock_taken(mutex, CALLER);
}

PROFINJECT_API int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until)
{
    FIND(pthread_mutex_timedlock);
    if (passes(mutex))
        return real.pthread_mutex_timedlock(mutex, until);
    LOCK_IN(TRACE_WAIT_MUTEX, mutex, owner_of(mutex), CALLER,
            real.pthread_mutex_timedlock(mutex, until));
}

PROFINJECT_API int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                           const struct timespec *until)
{
    FIND(pthread_mutex_clocklock);
    if (passes(mutex))
        return real.pthread_mutex_clocklock(mutex, clock, until);
    LOCK_IN(TRACE_WAIT_MUTEX, mutex, owner_of(mutex), CALLER,
            real.pthread_mutex_clocklock(mutex, clock, until));
}

/* C11's mutexes are the others in a union of their size. */
static inline const pthread_mutex_t *mutex_in(const mtx_t *mutex)
{
    return (const pthread_mutex_t *)mutex;
}

PROFINJECT_API int mtx_lock(mtx_t *mutex)
{
    FIND(mtx_lock);
    if (passes(mutex_in(mutex)))
        return real.mtx_lock(mutex);
    LOCK_IN(TRACE_WAIT_MUTEX, mutex, owner_of(mutex_in(mutex)), CALLER, real.mtx_lock(mutex));
}

PROFINJECT_API int mtx_timedlock(mtx_t *mutex, const struct timespec *until)
{
    FIND(mtx_timedlock);
    if (passes(mutex_in(mutex)))
        return real.mtx_timedlock(mutex, until);
    LOCK_IN(TRACE_WAIT_MUTEX, mutex, owner_of(mutex_in(mutex)), CALLER,
            real.mtx_timedlock(mutex, until));
}

/* --- reader/writer locks -------------------------------------------------------------- */

/* What the C library's word of readers has below their number (nptl/pthread_rwlock_common.c). */
#define WRITE_PHASE 1u /* there is a writer, or was one last */
#define WRITE_LOCKED 2u

static inline unsigned readers_of(const pthread_rwlock_t *lock)
{
    return __atomic_load_n(&lock->__data.__readers, __ATOMIC_RELAXED);
}

/* No writer has it or waits for it; nobody has it but writers that have left. */
static inline bool passes_readers(const pthread_rwlock_t *lock)
{
    return PLATFORM_LIKELY(!(readers_of(lock) & WRITE_LOCKED)) || !waits_are_watched();
}

static inline bool passes_writers(const pthread_rwlock_t *lock)
{
    return PLATFORM_LIKELY(!(readers_of(lock) & ~WRITE_PHASE)) || !waits_are_watched();
}

/* 0: readers have it, and who they are nobody knows. */
static inline int writer_of(const pthread_rwlock_t *lock)
{
    return __atomic_load_n(&lock->__data.__cur_writer, __ATOMIC_RELAXED);
}

#define READ_LOCK(call)       \
    if (passes_readers(lock)) \
        return call;          \
    LOCK_IN(TRACE_WAIT_READ_LOCK, lock, writer_of(lock), CALLER, call)

#define WRITE_LOCK(call)      \
    if (passes_writers(lock)) \
        return call;          \
    LOCK_IN(TRACE_WAIT_WRITE_LOCK, lock, writer_of(lock), CALLER, call)

PROFINJECT_API int pthread_rwlock_rdlock(pthread_rwlock_t *lock)
{
    FIND(pthread_rwlock_rdlock);
    READ_LOCK(real.pthread_rwlock_rdlock(lock));
}

PROFINJECT_API int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    FIND(pthread_rwlock_timedrdlock);
    READ_LOCK(real.pthread_rwlock_timedrdlock(lock, until));
}

PROFINJECT_API int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock,
                                              const struct timespec *until)
{
    FIND(pthread_rwlock_clockrdlock);
    READ_LOCK(real.pthread_rwlock_clockrdlock(lock, clock, until));
}

PROFINJECT_API int pthread_rwlock_wrlock(pthread_rwlock_t *lock)
{
    FIND(pthread_rwlock_wrlock);
    WRITE_LOCK(real.pthread_rwlock_wrlock(lock));
}

PROFINJECT_API int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *until)
{
    FIND(pthread_rwlock_timedwrlock);
    WRITE_LOCK(real.pthread_rwlock_timedwrlock(lock, until));
}

PROFINJECT_API int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock,
                                              const struct timespec *until)
{
    FIND(pthread_rwlock_clockwrlock);
    WRITE_LOCK(real.pthread_rwlock_clockwrlock(lock, clock, until));
}
