/*
 * Makes machine code at run time and tells its names as runtimes do. Steps, one after the other:
 *
 *   jit_code map|dump|none STEP...
 *     NAME=MS       burns so much CPU time in code that is called NAME from then on, always at the
 *                   same address
 *     again=MS      likewise in the code that is there, without a word
 *     move=MS       likewise behind a move to another address (dump alone)
 *     sleep=MS      waits
 *     anew          begins the map anew
 *     kill          ends by SIGKILL
 *     exec ARG...   becomes itself with other arguments
 *     fork STEP...  a child does the rest, and is waited for; it has no file of its own
 *
 * Prints "NAME NANOSECONDS" for what was really burned, unless it was killed. The code burns the same
 * whatever its name is.
 */
#include "burn.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where every image of it has its code. */
#define PLACE ((uint8_t *)0x200000000000)
#define ELSEWHERE (PLACE + 2048)
#define LOOPS 60000

/* push %rbp; mov %rsp,%rbp; mov %rdi,%rcx; 1: dec %rcx; jnz 1b; pop %rbp; ret */
static const uint8_t code[] = {0x55, 0x48, 0x89, 0xe5, 0x48, 0x89, 0xf9,
                               0x48, 0xff, 0xc9, 0x75, 0xfb, 0x5d, 0xc3};

static enum { MAP, DUMP, NONE } how;
static int names = -1;
static uint8_t *place = PLACE;
static const char *name = "none";
static uint64_t told;

/* The format's own structures: what is tested has its own. */
struct header {
    uint32_t magic, version, total_size, machine, padding, pid;
    uint64_t timestamp, flags;
};

struct load {
    uint32_t id, total_size;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, address, size, index;
};

struct move {
    uint32_t id, total_size;
    uint64_t timestamp;
    uint32_t pid, tid;
    uint64_t vma, from, to, size, index;
};

struct debug {
    uint32_t id, total_size;
    uint64_t timestamp, address, count;
    struct {
        uint64_t address;
        uint32_t line, column;
        char file[8];
    } entries[2];
};

static void put(const void *bytes, size_t size)
{
    if (write(names, bytes, size) != (ssize_t)size)
        exit(3);
}

static void open_names(void)
{
    char path[64];
    if (how == NONE)
        return;
    snprintf(path, sizeof path, how == MAP ? "/tmp/perf-%d.map" : "jit-%d.dump", (int)getpid());
    names = open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    if (names < 0)
        exit(3);
    if (how == MAP)
        return;
    const struct header header = {
        0x4A695444, 1, sizeof header, 62, 0, (uint32_t)getpid(), burn_clock_ns(CLOCK_MONOTONIC), 0};
    put(&header, sizeof header);
    if (mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, names, 0) == MAP_FAILED)
        exit(3);
}

static void tell_dump(void)
{
    uint64_t now = burn_clock_ns(CLOCK_MONOTONIC), at = (uint64_t)place;
    const struct debug debug = {
        2,
        sizeof debug,
        now,
        at,
        2,
        {{at, 10 + (uint32_t)told, 0, "made.c\0"}, {at + 7, 20 + (uint32_t)told, 0, "made.c\0"}}};
    struct load load = {0, 0, now, (uint32_t)getpid(), 0, at, at, sizeof code, told};
    load.total_size = (uint32_t)(sizeof load + strlen(name) + 1 + sizeof code);
    put(&debug, sizeof debug);
    put(&load, sizeof load);
    put(name, strlen(name) + 1);
    put(code, sizeof code);
}

static void tell(void)
{
    char line[256];
    told++;
    if (how == DUMP)
        tell_dump();
    if (how != MAP)
        return;
    int size =
        snprintf(line, sizeof line, "%llx %zx %s\n", (unsigned long long)place, sizeof code, name);
    put(line, (size_t)size);
}

static void move(void)
{
    const struct move moved = {1,
                               sizeof moved,
                               burn_clock_ns(CLOCK_MONOTONIC),
                               (uint32_t)getpid(),
                               0,
                               (uint64_t)ELSEWHERE,
                               (uint64_t)place,
                               (uint64_t)ELSEWHERE,
                               sizeof code,
                               told};
    memcpy(ELSEWHERE, code, sizeof code);
    place = ELSEWHERE;
    put(&moved, sizeof moved);
}

/* Between the program's own functions and the code that was made. */
__attribute__((noinline)) static void call_made(uint64_t loops)
{
    ((void (*)(uint64_t))place)(loops);
    burn_sink++;
}

__attribute__((noinline)) static void burn(double ms)
{
    uint64_t begin = burn_thread_ns(), end = begin + (uint64_t)(ms * 1e6), now;
    do
        call_made(LOOPS);
    while ((now = burn_thread_ns()) < end);
    printf("%s %llu\n", name, (unsigned long long)(now - begin));
    fflush(stdout);
}

static void burn_in(char *step)
{
    char *equals = strchr(step, '=');
    if (!equals)
        exit(2);
    *equals = '\0';
    double ms = atof(equals + 1);
    if (strcmp(step, "sleep") == 0) {
        usleep((useconds_t)(ms * 1000));
        return;
    }
    if (strcmp(step, "move") == 0) {
        move();
    } else if (strcmp(step, "again") != 0) {
        name = step;
        tell();
    }
    burn(ms);
}

static void fork_rest(void)
{
    int status;
    pid_t child = fork();
    if (child == 0)
        return;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
        exit(4);
    exit(0);
}

int main(int count, char **arguments)
{
    if (count < 2)
        return 2;
    how = strcmp(arguments[1], "map") == 0 ? MAP : strcmp(arguments[1], "dump") == 0 ? DUMP : NONE;
    if (mmap(PLACE, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != PLACE)
        return 3;
    memcpy(PLACE, code, sizeof code);
    open_names();
    for (int i = 2; i < count; i++) {
        if (strcmp(arguments[i], "kill") == 0)
            kill(getpid(), SIGKILL);
        else if (strcmp(arguments[i], "exec") == 0)
            return execv("/proc/self/exe", arguments + i), 5;
        else if (strcmp(arguments[i], "fork") == 0)
            fork_rest();
        else if (strcmp(arguments[i], "anew") == 0)
            open_names();
        else
            burn_in(arguments[i]);
    }
    return 0;
}
