/*
 * What the wait hooks cost where nothing waits, and where threads do wait for each other:
 *
 *     wait_costs calls ROUNDS
 *     wait_costs contended ROUNDS THREADS INSIDE OUTSIDE
 *
 * Every round calls the functions once as the program finds them, hooks and all, and once as
 * libc has them, one after the other in the same process, in turns of order: what else differs
 * between two runs of a program does not matter, and without a library in front the two are the
 * same, which shows the noise. A line per round: row, nanoseconds of a call or calls a second,
 * as found and of libc.
 *
 * `calls`: each row alone in the process (glibc takes short cuts there), and beside an idle
 * thread. `contended`: THREADS hold one mutex for about INSIDE nanoseconds and are without it
 * for about OUTSIDE; `handover`, two that wake each other by semaphores.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 64
#define ROUND_NS 20000000 /* of a contended round */

/* Every function there is a row for, and those this program itself waits by. */
#define CALLS(X)             \
    X(pthread_mutex_lock)    \
    X(pthread_mutex_trylock) \
    X(pthread_mutex_unlock)  \
    X(pthread_rwlock_rdlock) \
    X(pthread_rwlock_wrlock) \
    X(pthread_rwlock_unlock) \
    X(pthread_cond_signal)   \
    X(pthread_once)          \
    X(sem_post)              \
    X(sem_wait)              \
    X(read) X(write) X(send) X(recv) X(poll) X(pthread_barrier_wait) X(pthread_join) X(nanosleep)

struct calls {
#define MEMBER(name) __typeof__(&name) name;
    CALLS(MEMBER)
};

static struct calls found, libcs;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static int zero, null, event, pipes[2], sockets[2];

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void nothing(void)
{
}

static void wrong(const char *what)
{
    fprintf(stderr, "wait_costs: %s\n", what);
    exit(1);
}

/* Every pointer is read anew for each call, as a call between two libraries does. */
#define ROW(name, statement)                                                                \
    __attribute__((noinline)) static void name(const struct calls *volatile *c, long count) \
    {                                                                                       \
        for (long i = 0; i < count; i++)                                                    \
            statement;                                                                      \
    }
static uint64_t eight = 1;
static char byte;

ROW(row_mutex, ((*c)->pthread_mutex_lock(&mutex), (*c)->pthread_mutex_unlock(&mutex)))
ROW(row_recursive, ((*c)->pthread_mutex_lock(&recursive), (*c)->pthread_mutex_unlock(&recursive)))
ROW(row_try, ((*c)->pthread_mutex_trylock(&mutex), (*c)->pthread_mutex_unlock(&mutex)))
ROW(row_read_lock, ((*c)->pthread_rwlock_rdlock(&rwlock), (*c)->pthread_rwlock_unlock(&rwlock)))
ROW(row_write_lock, ((*c)->pthread_rwlock_wrlock(&rwlock), (*c)->pthread_rwlock_unlock(&rwlock)))
ROW(row_signal, (*c)->pthread_cond_signal(&condition))
ROW(row_once, (*c)->pthread_once(&once, nothing))
ROW(row_semaphore, ((*c)->sem_post(&semaphore), (*c)->sem_wait(&semaphore)))
ROW(row_zero, if ((*c)->read(zero, &byte, 1) != 1) wrong("/dev/zero"))
ROW(row_null, if ((*c)->write(null, &byte, 1) != 1) wrong("/dev/null"))
ROW(row_pipe,
    if ((*c)->write(pipes[1], &byte, 1) + (*c)->read(pipes[0], &byte, 1) != 2) wrong("pipe"))
ROW(row_event,
    if ((*c)->write(event, &eight, 8) + (*c)->read(event, &eight, 8) != 16) wrong("eventfd"))
ROW(row_socket, if ((*c)->send(sockets[1], &byte, 1, 0) + (*c)->recv(sockets[0], &byte, 1, 0) != 2)
                    wrong("socket"))
ROW(row_poll, (*c)->poll(&(struct pollfd){.fd = zero, .events = POLLIN}, 1, 0))

static const struct {
    const char *name;
    void (*calls)(const struct calls *volatile *, long);
    long count;
} rows[] = {
    {"mutex-lock+unlock", row_mutex, 4000},
    {"recursive-lock+unlock", row_recursive, 4000},
    {"mutex-trylock+unlock", row_try, 4000},
    {"rwlock-rdlock+unlock", row_read_lock, 4000},
    {"rwlock-wrlock+unlock", row_write_lock, 4000},
    {"cond-signal", row_signal, 8000},
    {"once", row_once, 8000},
    {"sem-post+wait", row_semaphore, 4000},
    {"read-zero", row_zero, 1000},
    {"write-null", row_null, 1000},
    {"pipe-write+read", row_pipe, 300},
    {"eventfd-write+read", row_event, 300},
    {"socket-send+recv", row_socket, 200},
    {"poll-ready", row_poll, 1000},
};

static double ns_of_one(size_t row, const struct calls *which)
{
    const struct calls *volatile calls = which;
    uint64_t begin = now_ns();
    rows[row].calls(&calls, rows[row].count);
    return (double)(now_ns() - begin) / (double)rows[row].count;
}

static void measure_calls(int rounds, const char *beside)
{
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        ns_of_one(row, &found);
        ns_of_one(row, &libcs);
        for (int round = 0; round < rounds; round++) {
            double as_found = round & 1 ? ns_of_one(row, &found) : 0;
            double of_libc = ns_of_one(row, &libcs);
            if (!(round & 1))
                as_found = ns_of_one(row, &found);
            printf("%s,%s %.3f %.3f\n", rows[row].name, beside, as_found, of_libc);
        }
    }
}

static void *idle(void *ends)
{
    char end;
    libcs.read(*(int *)ends, &end, 1);
    return NULL;
}

static void calls(int rounds)
{
    pthread_t thread;
    int ends[2];
    measure_calls(rounds, "alone");
    if (pipe(ends) != 0 || pthread_create(&thread, NULL, idle, ends) != 0)
        wrong("no thread");
    measure_calls(rounds, "beside-a-thread");
    libcs.write(ends[1], &byte, 1);
    libcs.pthread_join(thread, NULL);
}

/* --- contended ------------------------------------------------------------------- */

static pthread_barrier_t begin, end;
static const struct calls *volatile which;
static atomic_int over, finished;
static int threads, handover;
static long inside, outside;
static sem_t turns[2];
static struct {
    _Alignas(128) long count;
} counts[THREADS_MAX];

__attribute__((noinline)) static void work(long steps)
{
    for (long i = 0; i < steps; i++)
        __asm__ volatile("" ::: "memory");
}

static void hold_in_turn(long index)
{
    long done = 0;
    while (!atomic_load_explicit(&over, memory_order_relaxed)) {
        which->pthread_mutex_lock(&mutex);
        work(inside);
        which->pthread_mutex_unlock(&mutex);
        work(outside);
        done++;
    }
    counts[index].count = done;
}

/* The first of the two ends the round, and lets the other see it. */
static void hand_over(long index)
{
    long done = 0;
    int last = 0;
    while (!last) {
        which->sem_wait(&turns[index]);
        last = index == 0 ? atomic_load(&over) : atomic_load(&finished);
        if (last && index == 0)
            atomic_store(&finished, 1);
        if (!last || index == 0)
            which->sem_post(&turns[!index]);
        done++;
    }
    counts[index].count = done;
}

static void *compete(void *index)
{
    for (;;) {
        libcs.pthread_barrier_wait(&begin);
        if (!which)
            return NULL;
        if (handover)
            hand_over((long)(intptr_t)index);
        else
            hold_in_turn((long)(intptr_t)index);
        libcs.pthread_barrier_wait(&end);
    }
}

static double calls_a_second(const struct calls *calls)
{
    struct timespec time = {0, ROUND_NS};
    long sum = 0;
    which = calls;
    over = finished = 0;
    if (handover)
        libcs.sem_post(&turns[0]);
    libcs.pthread_barrier_wait(&begin);
    uint64_t start = now_ns();
    libcs.nanosleep(&time, NULL);
    over = 1;
    libcs.pthread_barrier_wait(&end);
    double seconds = (double)(now_ns() - start) / 1e9;
    for (int i = 0; i < threads; i++)
        sum += counts[i].count;
    return (double)sum / seconds;
}

static void contended(int rounds)
{
    pthread_t handles[THREADS_MAX];
    pthread_barrier_init(&begin, NULL, (unsigned)threads + 1);
    pthread_barrier_init(&end, NULL, (unsigned)threads + 1);
    sem_init(&turns[0], 0, 0);
    sem_init(&turns[1], 0, 0);
    for (int i = 0; i < threads; i++)
        if (pthread_create(&handles[i], NULL, compete, (void *)(intptr_t)i) != 0)
            wrong("no thread");
    calls_a_second(&found);
    calls_a_second(&libcs);
    for (int round = 0; round < rounds; round++) {
        double as_found = round & 1 ? calls_a_second(&found) : 0;
        double of_libc = calls_a_second(&libcs);
        if (!(round & 1))
            as_found = calls_a_second(&found);
        printf("throughput %.1f %.1f\n", as_found, of_libc);
    }
    which = NULL;
    libcs.pthread_barrier_wait(&begin);
    for (int i = 0; i < threads; i++)
        libcs.pthread_join(handles[i], NULL);
}

/* Steps of work() that fill so many nanoseconds: by the fastest of a few goes. */
static long steps_in(long ns)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < 50; i++) {
        uint64_t start = now_ns();
        work(100000);
        uint64_t took = now_ns() - start;
        best = took < best ? took : best;
    }
    return ns * 100000 / (long)best;
}

static void look_up(void)
{
    void *libc = dlopen("libc.so.6", RTLD_NOW | RTLD_NOLOAD);
    if (!libc)
        wrong("no libc.so.6");
#define FILL(name)                                                    \
    *(void **)&found.name = dlsym(RTLD_DEFAULT, #name);               \
    if (!found.name || !(*(void **)&libcs.name = dlsym(libc, #name))) \
        wrong("no " #name);
    CALLS(FILL)
}

int main(int argc, char **argv)
{
    look_up();
    sem_init(&semaphore, 0, 0);
    zero = open("/dev/zero", O_RDONLY);
    null = open("/dev/null", O_WRONLY);
    event = eventfd(0, 0);
    if (zero < 0 || null < 0 || event < 0 || pipe(pipes) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        wrong("no descriptors");
    if (argc == 3 && strcmp(argv[1], "calls") == 0) {
        calls(atoi(argv[2]));
        return 0;
    }
    if (argc < 4 || (threads = atoi(argv[3])) < 1 || threads > THREADS_MAX)
        return 2;
    handover = strcmp(argv[1], "handover") == 0;
    inside = steps_in(argc > 4 ? atol(argv[4]) : 0);
    outside = steps_in(argc > 5 ? atol(argv[5]) : 0);
    if (handover && threads != 2)
        return 2;
    contended(atoi(argv[2]));
    return 0;
}
