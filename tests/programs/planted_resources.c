/*
 * Six threads, each of which makes one resource busy, in one function, on a schedule of its own that
 * chance made and that has nothing to do with the others':
 *
 *     planted_resources SECONDS SEED [SIMULATED_ROOT]
 *
 *   grow_cache     resident memory grows
 *   write_log      a file in the current directory is written
 *   send_packets   bytes go through a socket pair
 *   burn           CPU time
 *   fight          two threads want one lock: context switches
 *   heat_up        a fifth of a processor's time; but its frequency, as SIMULATED_ROOT/sys tells it,
 *                  falls 300 ms later for as long: a governor that follows
 *
 * What a thread does between is sleeping, in rest(). The schedule of each: on for 0.4 to 1 s, off for
 * 0.4 to 1 s.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PLANTED __attribute__((noinline))
#define GOVERNOR_LATE_NS 300000000u
#define CHANGES_MOST 256
#define PAUSE_NS 10000000u /* long enough for a record of its own */

static uint64_t end_ns;
static volatile uint64_t sink;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int ends[2];
static const char *root;
/* When heat_up() began and stopped, in turn: written before the count is. */
static uint64_t changes[CHANGES_MOST];
static int change_count;

static uint64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

PLANTED static void rest(uint64_t length_ns)
{
    struct timespec time = {(time_t)(length_ns / 1000000000u), (long)(length_ns % 1000000000u)};

    nanosleep(&time, NULL);
}

/* No function: what burns is its user. */
#define SPIN(length_ns)                                        \
    for (uint64_t until = now() + (length_ns); now() < until;) \
        for (int i = 0; i < 2000; i++)                         \
    sink += (uint64_t)i * (uint64_t)i

/* 256 KiB each, touched: 100 a second are 25 MiB. */
PLANTED static void grow_cache(uint64_t until_ns)
{
    while (now() < until_ns) {
        char *block = malloc(262144);
        if (block != NULL)
            memset(block, 1, 262144);
        sink += block != NULL ? (uint64_t)block[sink % 262144] : 0;
        rest(PAUSE_NS);
    }
}

PLANTED static void write_log(uint64_t until_ns)
{
    static char text[262144];
    int fd = open("planted.log", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    while (now() < until_ns) {
        if (write(fd, text, sizeof(text)) < 0)
            break;
        rest(PAUSE_NS);
    }
    close(fd);
}

/* Several times what goes into the log. */
PLANTED static void send_packets(uint64_t until_ns)
{
    static char packet[65536];

    while (now() < until_ns) {
        for (int i = 0; i < 24; i++)
            if (write(ends[0], packet, sizeof(packet)) < 0)
                return;
        rest(PAUSE_NS);
    }
}

PLANTED static void burn(uint64_t until_ns)
{
    while (now() < until_ns)
        SPIN(1000000);
}

PLANTED static void fight(uint64_t until_ns)
{
    while (now() < until_ns) {
        pthread_mutex_lock(&lock);
        rest(400000);
        pthread_mutex_unlock(&lock);
    }
}

PLANTED static void heat_up(uint64_t until_ns)
{
    while (now() < until_ns) {
        SPIN(3000000);
        rest(PAUSE_NS);
    }
}

struct worker {
    void (*work)(uint64_t until_ns);
    uint64_t seed;
    bool tells; /* the governor follows it */
};

static uint64_t draw_ns(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return 400000000u + *seed % 600000000u;
}

static void tell(const struct worker *worker)
{
    int count = __atomic_load_n(&change_count, __ATOMIC_RELAXED);

    if (!worker->tells || count == CHANGES_MOST)
        return;
    changes[count] = now();
    __atomic_store_n(&change_count, count + 1, __ATOMIC_RELEASE);
}

static void *on_and_off(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < 20; i++)
        draw_ns(&worker->seed);
    rest(draw_ns(&worker->seed));
    while (now() < end_ns) {
        tell(worker);
        worker->work(now() + draw_ns(&worker->seed));
        tell(worker);
        rest(draw_ns(&worker->seed));
    }
    return NULL;
}

static void write_frequency(bool is_slow)
{
    char path[4096], text[32];

    snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", root);
    int length = snprintf(text, sizeof(text), "%d\n", is_slow ? 1200000 : 3000000);
    int fd = open(path, O_WRONLY);
    if (fd < 0)
        return;
    if (pwrite(fd, text, (size_t)length, 0) < 0)
        perror(path);
    close(fd);
}

static void *govern(void *unused)
{
    int seen = 0;

    (void)unused;
    while (now() < end_ns) {
        if (seen < __atomic_load_n(&change_count, __ATOMIC_ACQUIRE) &&
            now() >= changes[seen] + GOVERNOR_LATE_NS) {
            write_frequency(seen % 2 == 0);
            seen++;
        }
        rest(5000000);
    }
    return NULL;
}

static void *receive(void *unused)
{
    static char packet[65536];

    (void)unused;
    while (recv(ends[1], packet, sizeof(packet), 0) > 0)
        continue;
    return NULL;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 8;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    struct worker workers[] = {{grow_cache, 0, false},   {write_log, 0, false},
                               {send_packets, 0, false}, {burn, 0, false},
                               {fight, 0, false},        {heat_up, 0, true}};
    pthread_t threads[8], other;

    root = argc > 3 ? argv[3] : NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 1;
    end_ns = now() + (uint64_t)(seconds * 1e9);
    pthread_create(&other, NULL, receive, NULL);
    if (root != NULL)
        pthread_create(&threads[7], NULL, govern, NULL);
    for (size_t i = 0; i < 6; i++)
        workers[i].seed = (seed * 6 + i + 1) * 0x9E3779B97F4A7C15u;
    struct worker rival = workers[4]; /* on at the same times */
    for (size_t i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, on_and_off, &workers[i]);
    pthread_create(&threads[6], NULL, on_and_off, &rival);
    for (size_t i = 0; i < (root != NULL ? 8u : 7u); i++)
        pthread_join(threads[i], NULL);
    shutdown(ends[0], SHUT_RDWR);
    pthread_join(other, NULL);
    unlink("planted.log");
    return 0;
}
