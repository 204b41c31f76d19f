/*
 * Mutexes of every sort, and everything that times out: says what each call returns, what errno
 * is after it, and whether it took the time it was given; the same with a profiler as without.
 */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WAIT_NS 30000000 /* of what times out */

static const char *name_of(int error)
{
    return error == 0 ? "0" : strerrorname_np(error);
}

static void say(const char *what, int error)
{
    printf("%s: %s\n", what, name_of(error));
    fflush(stdout); /* before any fork */
}

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct timespec in(clockid_t clock, uint64_t ns)
{
    uint64_t when = now_ns(clock) + ns;
    return (struct timespec){(time_t)(when / 1000000000u), (long)(when % 1000000000u)};
}

/* A time-out: not early; late is what the machine is. errno stays what it was, where the call
 * returns its error. */
#define SAY_TIMED(what, call)                                                   \
    do {                                                                        \
        uint64_t begin_ = now_ns(CLOCK_MONOTONIC);                              \
        errno = EDOM;                                                           \
        int error_ = (call);                                                    \
        int kept_ = errno;                                                      \
        uint64_t took_ = now_ns(CLOCK_MONOTONIC) - begin_;                      \
        printf("%s: %s, errno %s, %s\n", what, name_of(error_), name_of(kept_), \
               took_ < WAIT_NS - 1000000 ? "early" : "on time");                \
    } while (0)

static pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        exit(1);
    return thread;
}

/* --- mutexes --------------------------------------------------------------------- */

struct sort {
    const char *name;
    int type, protocol, robust, shared;
};

static const struct sort sorts[] = {
    {"normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0, 0},
    {"errorcheck", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 0, 0},
    {"recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE, 0, 0},
    {"adaptive", PTHREAD_MUTEX_ADAPTIVE_NP, PTHREAD_PRIO_NONE, 0, 0},
    {"inheriting", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 0, 0},
    {"inheriting errorcheck", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_INHERIT, 0, 0},
    {"inheriting recursive robust", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_INHERIT, 1, 0},
    {"protecting", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_PROTECT, 0, 0},
    {"robust", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 1, 0},
    {"robust errorcheck", PTHREAD_MUTEX_ERRORCHECK, PTHREAD_PRIO_NONE, 1, 0},
    {"shared", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE, 0, 1},
    {"shared robust inheriting", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_INHERIT, 1, 1},
};

static void init_sort(pthread_mutex_t *mutex, const struct sort *sort)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, sort->type);
    pthread_mutexattr_setprotocol(&attributes, sort->protocol);
    pthread_mutexattr_setrobust(&attributes,
                                sort->robust ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED);
    pthread_mutexattr_setpshared(&attributes, sort->shared);
    if (sort->protocol == PTHREAD_PRIO_PROTECT)
        pthread_mutexattr_setprioceiling(&attributes, 1);
    say("init", pthread_mutex_init(mutex, &attributes));
    pthread_mutexattr_destroy(&attributes);
}

static atomic_int holds, may_go;

static void hold_until_told(void)
{
    holds = 1;
    while (!may_go)
        usleep(1000);
    usleep(20000);
}

static void *hold_a_while(void *mutex)
{
    int error = pthread_mutex_lock(mutex);
    hold_until_told();
    if (error == 0)
        error = pthread_mutex_unlock(mutex);
    return (void *)(intptr_t)error;
}

static void *die_with_it(void *mutex)
{
    pthread_mutex_lock(mutex);
    hold_until_told();
    return NULL;
}

static pthread_t held_by(void *(*run)(void *), pthread_mutex_t *mutex)
{
    holds = may_go = 0;
    pthread_t thread = start(run, mutex);
    while (!holds)
        usleep(1000);
    return thread;
}

static void wait_for_owner(pthread_mutex_t *mutex)
{
    void *result;
    pthread_t thread = held_by(hold_a_while, mutex);
    say("tried", pthread_mutex_trylock(mutex));
    errno = EDOM;
    may_go = 1;
    say("waited", pthread_mutex_lock(mutex));
    say("errno", errno);
    say("unlocked", pthread_mutex_unlock(mutex));
    pthread_join(thread, &result);
    say("the other", (int)(intptr_t)result);
}

static void own_it_again(pthread_mutex_t *mutex, const struct sort *sort)
{
    struct timespec soon = in(CLOCK_REALTIME, WAIT_NS);
    say("first", pthread_mutex_lock(mutex));
    say("tried again", pthread_mutex_trylock(mutex));
    if (sort->type == PTHREAD_MUTEX_RECURSIVE) {
        pthread_mutex_unlock(mutex);
        say("second", pthread_mutex_lock(mutex));
        say("third", pthread_mutex_timedlock(mutex, &soon));
        pthread_mutex_unlock(mutex);
        pthread_mutex_unlock(mutex);
    } else if (sort->type == PTHREAD_MUTEX_ERRORCHECK) {
        say("second", pthread_mutex_lock(mutex));
        say("third", pthread_mutex_timedlock(mutex, &soon));
    } else if (sort->protocol == PTHREAD_PRIO_NONE) {
        SAY_TIMED("second", pthread_mutex_timedlock(mutex, &soon));
    }
    say("unlocked", pthread_mutex_unlock(mutex));
    if (sort->type == PTHREAD_MUTEX_ERRORCHECK)
        say("unlocked again", pthread_mutex_unlock(mutex));
}

static void owner_dies(pthread_mutex_t *mutex)
{
    pthread_t thread = held_by(die_with_it, mutex);
    may_go = 1;
    say("waited for who dies", pthread_mutex_lock(mutex));
    pthread_join(thread, NULL);
    say("made consistent", pthread_mutex_consistent(mutex));
    say("unlocked", pthread_mutex_unlock(mutex));
    pthread_join(start(die_with_it, mutex), NULL);
    say("after who died", pthread_mutex_lock(mutex));
    say("unlocked as it is", pthread_mutex_unlock(mutex));
    say("of no more use", pthread_mutex_lock(mutex));
}

static void time_out(pthread_mutex_t *mutex, int protocol)
{
    pthread_t thread = held_by(hold_a_while, mutex);
    struct timespec past = {1, 0}, wrong = {1, -1};
    say("too late", pthread_mutex_timedlock(mutex, &past));
    say("no time", pthread_mutex_timedlock(mutex, &wrong));
    if (protocol == PTHREAD_PRIO_NONE)
        say("too late by another clock", pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &past));
    say("no clock", pthread_mutex_clocklock(mutex, CLOCK_PROCESS_CPUTIME_ID, &past));
    may_go = 1;
    pthread_join(thread, NULL);
}

static void mutexes(void)
{
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        pthread_mutex_t mutex;
        printf("-- %s\n", sorts[i].name);
        init_sort(&mutex, &sorts[i]);
        if (sorts[i].protocol == PTHREAD_PRIO_PROTECT) {
            /* It asks for a priority that few may have. */
            int error = pthread_mutex_lock(&mutex);
            say("locked", error);
            if (error == 0)
                pthread_mutex_unlock(&mutex);
            continue;
        }
        wait_for_owner(&mutex);
        own_it_again(&mutex, &sorts[i]);
        time_out(&mutex, sorts[i].protocol);
        if (sorts[i].robust)
            owner_dies(&mutex);
        say("destroyed", pthread_mutex_destroy(&mutex));
    }
}

/* --- time-outs ------------------------------------------------------------------- */

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER, of_condition = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER, is_read = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t none;

static int or_errno(int status)
{
    return status == 0 ? 0 : errno;
}

static void time_outs_by(clockid_t clock, const char *name)
{
    printf("-- %s\n", name);
    struct timespec soon;
#define TIMED(what, call)          \
    do {                           \
        soon = in(clock, WAIT_NS); \
        SAY_TIMED(what, call);     \
    } while (0)
    TIMED("mutex", pthread_mutex_clocklock(&held, clock, &soon));
    TIMED("read lock", pthread_rwlock_clockrdlock(&written, clock, &soon));
    TIMED("write lock", pthread_rwlock_clockwrlock(&is_read, clock, &soon));
    pthread_mutex_lock(&of_condition);
    TIMED("condition", pthread_cond_clockwait(&never, &of_condition, clock, &soon));
    pthread_mutex_unlock(&of_condition);
    TIMED("semaphore", or_errno(sem_clockwait(&none, clock, &soon)));
    if (clock != CLOCK_REALTIME)
        return;
    TIMED("mutex", pthread_mutex_timedlock(&held, &soon));
    TIMED("read lock", pthread_rwlock_timedrdlock(&written, &soon));
    TIMED("write lock", pthread_rwlock_timedwrlock(&is_read, &soon));
    TIMED("semaphore", or_errno(sem_timedwait(&none, &soon)));
    pthread_mutex_lock(&of_condition);
    TIMED("condition", pthread_cond_timedwait(&never, &of_condition, &soon));
    pthread_mutex_unlock(&of_condition);
}

static void *hold_everything(void *until)
{
    pthread_mutex_lock(&held);
    pthread_rwlock_wrlock(&written);
    pthread_rwlock_rdlock(&is_read);
    sem_post(&none);
    while (sem_wait(until) != 0)
        ;
    pthread_mutex_unlock(&held);
    pthread_rwlock_unlock(&written);
    pthread_rwlock_unlock(&is_read);
    return NULL;
}

static void condition_of_another_clock(void)
{
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    struct timespec soon = in(CLOCK_MONOTONIC, WAIT_NS);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attributes);
    pthread_mutex_lock(&of_condition);
    SAY_TIMED("condition of the monotonic clock",
              pthread_cond_timedwait(&condition, &of_condition, &soon));
    pthread_mutex_unlock(&of_condition);
    pthread_cond_destroy(&condition);
}

static void time_outs(void)
{
    sem_t until;
    sem_init(&until, 0, 0);
    sem_init(&none, 0, 0);
    pthread_t thread = start(hold_everything, &until);
    sem_wait(&none);
    time_outs_by(CLOCK_REALTIME, "by the time of day");
    time_outs_by(CLOCK_MONOTONIC, "by the monotonic clock");
    condition_of_another_clock();
    struct timespec soon = in(CLOCK_REALTIME, WAIT_NS);
    SAY_TIMED("timed join", pthread_timedjoin_np(thread, NULL, &soon));
    soon = in(CLOCK_MONOTONIC, WAIT_NS);
    SAY_TIMED("clock join", pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, &soon));
    say("tried join", pthread_tryjoin_np(thread, NULL));
    say("semaphore there is none of", or_errno(sem_trywait(&none)));
    sem_post(&until);
    say("join", pthread_join(thread, NULL));
    say("joins itself", pthread_join(pthread_self(), NULL));
    say("own write lock", pthread_rwlock_wrlock(&written));
    say("own write lock again", pthread_rwlock_wrlock(&written));
    say("own write lock for reading", pthread_rwlock_rdlock(&written));
    pthread_rwlock_unlock(&written);
}

int main(void)
{
    mutexes();
    time_outs();
    return 0;
}
