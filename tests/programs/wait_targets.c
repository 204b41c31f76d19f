/*
 * Threads that wait for each other in known ways, and measure it (see wait_measure.h):
 *
 *     wait_targets SCENARIO [SECONDS]
 *
 * convoy: six threads in turn hold one mutex for long. readers: a reader/writer lock. producer:
 * producers and consumers hand items over by condition variables. pool: five share two permits of
 * a semaphore. meeting: a barrier, and an initialiser that takes long. joins: a tree of threads,
 * and a child. Who waits for nobody is in wait_alone_targets.c, for descriptors in wait_io_targets.c.
 */
#include "wait_stage.h"

#include <sched.h>
#include <semaphore.h>
#include <sys/wait.h>

/* A mutex, and who has it. */
struct wait_lock {
    pthread_mutex_t mutex;
    atomic_int holder;
};

NOINLINE static void wait_for_lock(struct wait_lock *lock)
{
    int holder = lock->holder;
    WAITED("mutex", &lock->mutex, pthread_mutex_lock(&lock->mutex), holder);
    lock->holder = wait_self->tid;
}

static inline void wait_unlock(struct wait_lock *lock)
{
    lock->holder = 0;
    pthread_mutex_unlock(&lock->mutex);
}

/* --- convoy ---------------------------------------------------------------------- */

struct wait_lock convoy_lock = {PTHREAD_MUTEX_INITIALIZER, 0};

NOINLINE static void hold_long(void)
{
    wait_asleep(0.010);
    compute(0.002);
}

NOINLINE static void march(void)
{
    while (goes_on()) {
        wait_for_lock(&convoy_lock);
        hold_long();
        wait_unlock(&convoy_lock);
        wait_asleep(0.001);
    }
}

static void *convoy(void *index)
{
    begin_one_of("convoy", index);
    march();
    wait_end();
    return NULL;
}

/* --- readers --------------------------------------------------------------------- */

pthread_rwlock_t table_lock = PTHREAD_RWLOCK_INITIALIZER;
static atomic_int table_writer;

NOINLINE static void wait_to_read(void)
{
    int writer = table_writer;
    WAITED("read lock", &table_lock, pthread_rwlock_rdlock(&table_lock), writer);
}

/* Readers who hold it, nobody knows. */
NOINLINE static void wait_to_write(void)
{
    int writer = table_writer;
    WAITED("write lock", &table_lock, pthread_rwlock_wrlock(&table_lock), writer);
    table_writer = wait_self->tid;
}

static void *reader(void *index)
{
    begin_one_of("reader", index);
    while (goes_on()) {
        wait_to_read();
        wait_asleep(0.005);
        pthread_rwlock_unlock(&table_lock);
        wait_asleep(0.008 + 0.002 * (double)(intptr_t)index);
    }
    wait_end();
    return NULL;
}

static void *writer(void *index)
{
    begin_one_of("writer", index);
    while (goes_on()) {
        wait_to_write();
        wait_asleep(0.020);
        compute(0.001);
        table_writer = 0;
        pthread_rwlock_unlock(&table_lock);
        wait_asleep(0.010);
    }
    wait_end();
    return NULL;
}

/* --- producer -------------------------------------------------------------------- */

/* Room for one item, with one thread waiting at either end. */
static struct slot {
    struct wait_lock lock;
    pthread_cond_t filled, emptied;
    int full, filled_by, emptied_by, last;
} slots[2] = {{{PTHREAD_MUTEX_INITIALIZER, 0},
               PTHREAD_COND_INITIALIZER,
               PTHREAD_COND_INITIALIZER,
               0,
               0,
               0,
               0},
              {{PTHREAD_MUTEX_INITIALIZER, 0},
               PTHREAD_COND_INITIALIZER,
               PTHREAD_COND_INITIALIZER,
               0,
               0,
               0,
               0}};

/* Who signals says so in `by` before, with the lock held. */
NOINLINE static void wait_for_turn(struct slot *slot, pthread_cond_t *condition, const int *by)
{
    slot->lock.holder = 0;
    WAITED("condition", condition, pthread_cond_wait(condition, &slot->lock.mutex), *by);
    slot->lock.holder = wait_self->tid;
}

static void put(struct slot *slot, int last)
{
    wait_for_lock(&slot->lock);
    while (slot->full)
        wait_for_turn(slot, &slot->emptied, &slot->emptied_by);
    slot->full = 1;
    slot->last = last;
    slot->filled_by = wait_self->tid;
    pthread_cond_signal(&slot->filled);
    wait_unlock(&slot->lock);
}

/* False when it was the last. */
static int take(struct slot *slot)
{
    wait_for_lock(&slot->lock);
    while (!slot->full)
        wait_for_turn(slot, &slot->filled, &slot->filled_by);
    int last = slot->last;
    slot->full = 0;
    slot->emptied_by = wait_self->tid;
    pthread_cond_broadcast(&slot->emptied);
    wait_unlock(&slot->lock);
    return !last;
}

/* Fast at one slot, where it waits for the consumer, and slow at the other. */
static void *producer(void *index)
{
    struct slot *slot = &slots[(intptr_t)index];
    begin_one_of("producer", index);
    while (goes_on()) {
        if (index)
            wait_asleep(0.030);
        compute(0.001);
        put(slot, 0);
    }
    put(slot, 1);
    wait_end();
    return NULL;
}

static void *consumer(void *index)
{
    struct slot *slot = &slots[(intptr_t)index];
    begin_one_of("consumer", index);
    while (take(slot)) {
        compute(0.001);
        if (!index)
            wait_asleep(0.025);
    }
    wait_end();
    return NULL;
}

/* --- pool ------------------------------------------------------------------------ */

sem_t permits;
static struct wait_lock returns_lock = {PTHREAD_MUTEX_INITIALIZER, 0};
static int returned_by[STARTED], returned;

/* Whose permit it has. Where more than one lie there nobody knows who has which, this one and those
 * who take the others. */
static int whose_permit(void)
{
    wait_for_lock(&returns_lock);
    if (returned > 1)
        memset(returned_by, 0, sizeof returned_by);
    int whose = returned > 0 ? returned_by[0] : 0;
    if (returned > 0)
        memmove(returned_by, returned_by + 1, sizeof *returned_by * (size_t)--returned);
    wait_unlock(&returns_lock);
    return whose;
}

NOINLINE static void wait_for_permit(void)
{
    WAITED("semaphore", &permits, sem_wait(&permits), whose_permit());
}

static void *worker(void *index)
{
    begin_one_of("worker", index);
    while (goes_on()) {
        wait_for_permit();
        wait_asleep(0.011 + 0.003 * (double)(intptr_t)index);
        compute(0.001);
        wait_for_lock(&returns_lock);
        returned_by[returned++] = wait_self->tid;
        wait_unlock(&returns_lock);
        sem_post(&permits);
        wait_asleep(0.001);
    }
    wait_end();
    return NULL;
}

/* --- meeting --------------------------------------------------------------------- */

#define MEETING 4

static pthread_barrier_t meeting_place;
static pthread_once_t preparation = PTHREAD_ONCE_INIT;
static atomic_int prepares;
static _Atomic uint64_t came_last; /* in the round in the upper half */

static void prepare(void)
{
    prepares = wait_self->tid;
    wait_asleep(0.1);
}

/* Who comes first does not wait, and what it does is noted as what it is. */
NOINLINE static void wait_for_preparation(int first)
{
    if (first)
        pthread_once(&preparation, prepare);
    else
        WAITED("once", &preparation, pthread_once(&preparation, prepare), prepares);
}

/* Who came last is who the C library says was: others may be woken before that has said so. Who it was
 * has waited for nobody. */
static int who_came_last(int round)
{
    uint64_t said;
    while ((said = came_last) >> 32 != (uint64_t)round)
        sched_yield();
    int last = (int)(uint32_t)said;
    return last == wait_self->tid ? 0 : last;
}

static int meet(int round)
{
    int last = pthread_barrier_wait(&meeting_place) == PTHREAD_BARRIER_SERIAL_THREAD;
    if (last)
        came_last = (uint64_t)round << 32 | (uint32_t)wait_self->tid;
    return last;
}

/* Nobody comes to the next round before all have asked who came last in this. */
NOINLINE static void wait_for_all(int round)
{
    WAITED("barrier", &meeting_place, meet(round), who_came_last(round));
}

/* Each is late in turn. */
static void *member(void *index)
{
    begin_one_of("member", index);
    if (index)
        wait_asleep(0.02);
    wait_for_preparation(!index);
    for (int round = 1; round <= (int)(seconds * 25); round++) {
        wait_asleep((round + (intptr_t)index) % MEETING ? 0.002 : 0.030);
        wait_for_all(round);
    }
    wait_end();
    return NULL;
}

/* --- joins ----------------------------------------------------------------------- */

struct branch {
    int depth, number;
    atomic_int tid;
};

NOINLINE static void wait_for_branch(pthread_t thread, struct branch *branch)
{
    WAITED("join", NULL, pthread_join(thread, NULL), branch->tid);
}

static void *grow(void *argument)
{
    struct branch *branch = argument, below[2];
    pthread_t threads[2];
    branch->tid = gettid();
    begin_one_of("branch", (void *)(intptr_t)branch->number);
    for (int i = 0; branch->depth > 0 && i < 2; i++) {
        below[i] = (struct branch){branch->depth - 1, branch->number * 2 + i, 0};
        threads[i] = start(grow, (intptr_t)&below[i]);
    }
    for (int i = 0; branch->depth > 0 && i < 2; i++)
        wait_for_branch(threads[i], &below[i]);
    wait_asleep(seconds * (0.2 + 0.05 * (branch->number & 3)));
    compute(0.01);
    wait_end();
    return NULL;
}

NOINLINE static void wait_for_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        usleep((useconds_t)(seconds * 2e5));
        _exit(0);
    }
    WAITED("child", NULL, waitpid(child, NULL, 0), child);
}

static void joins(void)
{
    struct branch root = {2, 1, 0};
    pthread_t thread = start(grow, (intptr_t)&root);
    wait_for_child();
    wait_for_branch(thread, &root);
}

/* --------------------------------------------------------------------------------- */

static int stage(const char *scenario)
{
    if (strcmp(scenario, "convoy") == 0) {
        start_all(convoy, 6);
    } else if (strcmp(scenario, "readers") == 0) {
        start_all(reader, 3);
        start_all(writer, 2);
    } else if (strcmp(scenario, "producer") == 0) {
        start_all(producer, 2);
        start_all(consumer, 2);
    } else if (strcmp(scenario, "pool") == 0) {
        sem_init(&permits, 0, 2);
        start_all(worker, 5);
    } else if (strcmp(scenario, "meeting") == 0) {
        pthread_barrier_init(&meeting_place, NULL, MEETING);
        start_all(member, MEETING);
    } else if (strcmp(scenario, "joins") == 0) {
        joins();
    } else {
        return 0;
    }
    return 1;
}
