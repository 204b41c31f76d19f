/*
 * What the programs with known waits share: each thread measures itself, by the clocks and by
 * the kernel's count of how long it was ready to run, and so does each of its waits. Who held or
 * who woke is what the program itself knows. Included by one C file; one set of threads.
 *
 * wait_begin() and wait_end() stand around what a thread does. Every call that may wait stands in
 * WAITED, in a function of its own, whose name the profile has to have. wait_print() prints, tab
 * between fields, times in nanoseconds:
 *
 *     thread NAME TID WALL CPU RUNNABLE VOLUNTARY INVOLUNTARY
 *     kind   TID KIND FUNCTION COUNT BLOCKED WALL LONGEST SHORT
 *     long   TID KIND FUNCTION OBJECT OTHER COUNT BLOCKED
 *
 * `kind`: waits whose call took WAIT_SHORT_NS and more; SHORT is the time of the others. BLOCKED
 * is WALL without what the thread ran or was ready to run. `long`: waits of more than 10 ms; OTHER
 * is the tid of who held or woke, 0 where the program does not know.
 */
#ifndef TESTS_WAIT_MEASURE_H
#define TESTS_WAIT_MEASURE_H

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noclone))
#define WAIT_THREADS 64
#define WAIT_SUMS 12
#define WAIT_LONGS 96
#define WAIT_SHORT_NS 50000u /* of the setting wait-threshold */
#define WAIT_LONG_NS 10000000u

struct wait_mark {
    uint64_t wall_ns, cpu_ns, runnable_ns;
};

struct wait_sum {
    const char *kind, *function;
    long count;
    uint64_t blocked_ns, wall_ns, longest_ns, short_ns;
};

struct wait_long {
    const char *kind, *function;
    const void *object;
    int other;
    long count;
    uint64_t blocked_ns;
};

struct wait_thread {
    char name[16];
    int tid, schedstat;
    struct wait_mark begin, sum;
    struct rusage used;
    struct wait_sum sums[WAIT_SUMS];
    struct wait_long longs[WAIT_LONGS];
};

static struct wait_thread wait_threads[WAIT_THREADS];
static atomic_int wait_count;
static __thread struct wait_thread *wait_self;

static inline uint64_t wait_now(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void wait_wrong(const char *what)
{
    fprintf(stderr, "wait targets: %s\n", what);
    exit(1);
}

/* The second number of schedstat. */
static inline uint64_t wait_runnable_ns(void)
{
    char text[96] = "";
    char *end;
    /* By number: a look at oneself is no wait of the program's. */
    if (syscall(SYS_pread64, wait_self->schedstat, text, sizeof text - 1, 0) < 3)
        wait_wrong("no schedstat");
    strtoull(text, &end, 10);
    return strtoull(end, NULL, 10);
}

/* The wall time lies within the two others at the beginning, and at the end as well. */
static inline struct wait_mark wait_before(void)
{
    struct wait_mark mark = {.runnable_ns = wait_runnable_ns()};
    mark.cpu_ns = wait_now(CLOCK_THREAD_CPUTIME_ID);
    mark.wall_ns = wait_now(CLOCK_MONOTONIC);
    return mark;
}

static inline struct wait_mark wait_since(const struct wait_mark *before)
{
    struct wait_mark mark = {.wall_ns = wait_now(CLOCK_MONOTONIC) - before->wall_ns};
    mark.cpu_ns = wait_now(CLOCK_THREAD_CPUTIME_ID) - before->cpu_ns;
    mark.runnable_ns = wait_runnable_ns() - before->runnable_ns;
    return mark;
}

static inline void wait_begin(const char *name)
{
    int index = atomic_fetch_add(&wait_count, 1);
    if (index >= WAIT_THREADS)
        wait_wrong("too many threads");
    wait_self = &wait_threads[index];
    snprintf(wait_self->name, sizeof wait_self->name, "%s", name);
    wait_self->tid = gettid();
    if (wait_self->tid != getpid())
        pthread_setname_np(pthread_self(), wait_self->name);
    wait_self->schedstat = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
    wait_self->begin = wait_before();
}

static inline void wait_end(void)
{
    wait_self->sum = wait_since(&wait_self->begin);
    getrusage(RUSAGE_THREAD, &wait_self->used);
    close(wait_self->schedstat);
}

static inline struct wait_sum *wait_sum_of(const char *kind, const char *function)
{
    for (struct wait_sum *sum = wait_self->sums; sum < wait_self->sums + WAIT_SUMS; sum++)
        if (!sum->kind || (strcmp(sum->kind, kind) == 0 && strcmp(sum->function, function) == 0)) {
            sum->kind = kind;
            sum->function = function;
            return sum;
        }
    wait_wrong("too many kinds");
    return NULL;
}

static inline struct wait_long *wait_long_of(const struct wait_long *like)
{
    for (struct wait_long *one = wait_self->longs; one < wait_self->longs + WAIT_LONGS; one++)
        if (!one->kind || (one->kind == like->kind && one->function == like->function &&
                           one->object == like->object && one->other == like->other)) {
            if (!one->kind)
                *one = *like;
            return one;
        }
    wait_wrong("too many who held or woke");
    return NULL;
}

static inline void wait_add(struct wait_mark since, const struct wait_long *wait)
{
    struct wait_sum *sum = wait_sum_of(wait->kind, wait->function);
    uint64_t busy = since.cpu_ns + since.runnable_ns;
    uint64_t blocked = since.wall_ns > busy ? since.wall_ns - busy : 0;
    if (since.wall_ns < WAIT_SHORT_NS) {
        sum->short_ns += since.wall_ns;
        return;
    }
    sum->count++;
    sum->blocked_ns += blocked;
    sum->wall_ns += since.wall_ns;
    sum->longest_ns = since.wall_ns > sum->longest_ns ? since.wall_ns : sum->longest_ns;
    if (since.wall_ns > WAIT_LONG_NS) {
        struct wait_long *one = wait_long_of(wait);
        one->count++;
        one->blocked_ns += blocked;
    }
}

/* The value of `call`, and its wait noted. `other_after` is looked at when it is over; who held
 * a lock is looked at before, by who calls this. */
#define WAITED(what, where, call, other_after)                                           \
    ({                                                                                   \
        struct wait_mark before_ = wait_before();                                        \
        __typeof__(call) result_ = (call);                                               \
        struct wait_mark since_ = wait_since(&before_);                                  \
        wait_add(since_, &(struct wait_long){what, __func__, where, other_after, 0, 0}); \
        result_;                                                                         \
    })

static inline void wait_print(void)
{
    for (struct wait_thread *t = wait_threads; t < wait_threads + wait_count; t++) {
        printf("thread\t%s\t%d\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%ld\t%ld\n", t->name, t->tid,
               t->sum.wall_ns, t->sum.cpu_ns, t->sum.runnable_ns, t->used.ru_nvcsw,
               t->used.ru_nivcsw);
        for (struct wait_sum *s = t->sums; s < t->sums + WAIT_SUMS && s->kind; s++)
            printf("kind\t%d\t%s\t%s\t%ld\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                   t->tid, s->kind, s->function, s->count, s->blocked_ns, s->wall_ns, s->longest_ns,
                   s->short_ns);
        for (struct wait_long *l = t->longs; l < t->longs + WAIT_LONGS && l->kind; l++)
            printf("long\t%d\t%s\t%s\t%p\t%d\t%ld\t%" PRIu64 "\n", t->tid, l->kind, l->function,
                   l->object, l->other, l->count, l->blocked_ns);
    }
}

/* A sleep is a wait as every other. */
NOINLINE static int wait_asleep(double seconds)
{
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    return WAITED("sleep", NULL, nanosleep(&time, NULL), 0);
}

#endif
