/*
 * Programs that one thing limits, by construction:
 *
 *     bottleneck_targets LIMIT [SECONDS]
 *
 * cpu: computes. allocator: allocates and frees. memory: takes pages from the kernel and gives them
 * back. moving: clears a buffer again and again. mapped: reads a mapped file that is not in memory.
 * disk: writes a file through to the disk. network: receives over TCP from a child that sends slowly.
 * contention: four threads and one lock. waiting: polls, as who waits for a graphics card does.
 * balanced: computes, writes through, waits for a lock, receives and sleeps, as long each. Files are
 * in the current directory.
 */
#include "burn.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))
#define PAGE 4096
#define TURN_NS 20000000u /* of each part of the balanced one */

static uint64_t until_ns;

BURN_FUNCTION(compute)

static uint64_t now_ns(void)
{
    return burn_clock_ns(CLOCK_MONOTONIC);
}

static int goes_on(void)
{
    return now_ns() < until_ns;
}

static void nap(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

static void fail(const char *what)
{
    fprintf(stderr, "bottleneck_targets: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* --- processors, memory --------------------------------------------------------------- */

static void cpu(void)
{
    while (goes_on())
        compute(0.01);
}

#define BLOCKS 512

NOINLINE static void allocator(void)
{
    static void *blocks[BLOCKS];
    unsigned seed = 1;

    while (goes_on())
        for (int i = 0; i < 100000; i++) {
            seed = seed * 1664525 + 1013904223;
            unsigned at = seed >> 23;
            free(blocks[at]);
            blocks[at] = malloc(1100 + (seed >> 8) % 20000); /* too large for a thread's cache */
        }
}

NOINLINE static void touch(char *memory, size_t size)
{
    for (size_t i = 0; i < size; i += PAGE)
        memory[i] = 1;
}

NOINLINE static void memory(void)
{
    const size_t size = 16 << 20;

    while (goes_on()) {
        char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (pages == MAP_FAILED)
            fail("mmap");
        madvise(pages, size, MADV_NOHUGEPAGE);
        touch(pages, size);
        munmap(pages, size);
    }
}

NOINLINE static void moving(void)
{
    const size_t size = 64 << 20;
    char *buffer = malloc(size);

    while (goes_on()) {
        memset(buffer, (int)now_ns(), size);
        burn_sink += (unsigned char)buffer[now_ns() % size];
    }
    free(buffer);
}

/* --- disks ---------------------------------------------------------------------------- */

static int new_file(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0 || unlink(name) != 0)
        fail(name);
    return fd;
}

static void fill(int fd, size_t size)
{
    static char block[1 << 20];

    for (size_t i = 0; i < size; i += sizeof block)
        if (pwrite(fd, block, sizeof block, (off_t)i) != (ssize_t)sizeof block)
            fail("write");
    if (fsync(fd) != 0)
        fail("fsync");
}

/* Read one page at a time, each from somewhere else. */
NOINLINE static void read_pages(const char *pages, size_t count)
{
    for (size_t i = 0; i < count && goes_on(); i++)
        burn_sink += (unsigned char)pages[i * 6151 % count * PAGE];
}

static void mapped(void)
{
    const size_t size = 16 << 20;
    int fd = new_file("mapped.target");

    fill(fd, size);
    while (goes_on()) {
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        char *pages = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        if (pages == MAP_FAILED)
            fail("mmap");
        madvise(pages, size, MADV_RANDOM);
        read_pages(pages, size / PAGE);
        munmap(pages, size);
    }
}

NOINLINE static void write_through(int fd)
{
    static char block[65536];

    block[0]++;
    if (pwrite(fd, block, sizeof block, 0) != (ssize_t)sizeof block || fsync(fd) != 0)
        fail("fsync");
}

static void disk(void)
{
    int fd = new_file("disk.target");

    while (goes_on())
        write_through(fd);
}

/* --- network -------------------------------------------------------------------------- */

/* Sends a little every millisecond until nobody is there to receive it. */
static void send_slowly(int listener)
{
    static const char data[512];

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int peer = accept(listener, NULL, NULL);
    while (peer >= 0 && send(peer, data, sizeof data, MSG_NOSIGNAL) > 0)
        nap(1000000);
    _exit(0);
}

static int connect_to_sender(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || fd < 0 || bind(listener, (struct sockaddr *)&address, size) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0 || listen(listener, 1) != 0)
        fail("listen");
    if (fork() == 0)
        send_slowly(listener);
    close(listener);
    if (connect(fd, (struct sockaddr *)&address, size) != 0)
        fail("connect");
    return fd;
}

NOINLINE static void receive(int fd)
{
    static char data[4096];

    if (recv(fd, data, sizeof data, 0) <= 0)
        fail("recv");
}

static void network(void)
{
    int fd = connect_to_sender();

    while (goes_on())
        receive(fd);
}

/* --- other threads, nothing ----------------------------------------------------------- */

static pthread_mutex_t one_lock = PTHREAD_MUTEX_INITIALIZER;

NOINLINE static void hold(void)
{
    pthread_mutex_lock(&one_lock);
    compute(0.002);
    pthread_mutex_unlock(&one_lock);
    nap(1000); /* who asks again at once gets it again */
}

static void *contend(void *nothing)
{
    while (goes_on())
        hold();
    return nothing;
}

static void contention(void)
{
    pthread_t threads[4];

    for (int i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, contend, NULL) != 0)
            fail("thread");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void waiting(void)
{
    while (goes_on()) {
        compute(0.001);
        poll(NULL, 0, 10);
    }
}

/* Sleeps with the lock, and a moment without it. */
static void *sleep_with_lock(void *nothing)
{
    while (goes_on()) {
        pthread_mutex_lock(&one_lock);
        nap(TURN_NS / 4);
        pthread_mutex_unlock(&one_lock);
        nap(50000);
    }
    return nothing;
}

NOINLINE static void want_lock(void)
{
    pthread_mutex_lock(&one_lock);
    pthread_mutex_unlock(&one_lock);
    nap(100000);
}

static void balanced(void)
{
    int fd = new_file("balanced.target"), peer = connect_to_sender();
    pthread_t holder;

    if (pthread_create(&holder, NULL, sleep_with_lock, NULL) != 0)
        fail("thread");
    while (goes_on()) {
        uint64_t end = now_ns() + TURN_NS;
        compute(TURN_NS * 1e-9);
        for (end = now_ns() + TURN_NS; now_ns() < end;)
            write_through(fd);
        for (end = now_ns() + TURN_NS; now_ns() < end;)
            want_lock();
        for (end = now_ns() + TURN_NS; now_ns() < end;)
            receive(peer);
        nap(TURN_NS);
    }
    pthread_join(holder, NULL);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } limits[] = {{"cpu", cpu},          {"allocator", allocator},   {"memory", memory},
                  {"moving", moving},    {"mapped", mapped},         {"disk", disk},
                  {"network", network},  {"contention", contention}, {"waiting", waiting},
                  {"balanced", balanced}};

    until_ns = now_ns() + (uint64_t)((argc > 2 ? atof(argv[2]) : 1) * 1e9);
    for (size_t i = 0; argc > 1 && i < sizeof limits / sizeof *limits; i++)
        if (strcmp(argv[1], limits[i].name) == 0) {
            limits[i].run();
            return 0;
        }
    fprintf(stderr, "bottleneck_targets: no such limit\n");
    return 2;
}
