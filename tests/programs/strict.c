/*
 * strict WHO HOW END: burns CPU, then WHO (first, child, brief, thread, main, all) goes into strict
 * seccomp mode, asking HOW (prctl, seccomp, number, refused), works there with nothing but
 * read(), write() and memory it has, and ends so: exit (the bare system call, with 7), own (that
 * call by an instruction of its own), kill (by a call that is forbidden there), return.
 *
 * brief: a fork child that does nothing else. thread: one of two, the other is main, which goes on. main: main, the other goes on and ends
 * with it, or after it. all: both. refused: by the kernel, and it goes on as before.
 */
#include "burn.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS 64
#define BLOCK_SIZE 4000
#define SPINS 40000000u /* of some nanoseconds: ten ticks and more */

BURN_FUNCTION(burn_before)
BURN_FUNCTION(burn_beside)
BURN_FUNCTION(burn_refused)

static const char *how, *end_by;
static int pair[2], turn[2];

static int confine(void)
{
    if (strcmp(how, "prctl") == 0)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
    if (strcmp(how, "number") == 0)
        return (int)syscall(SYS_prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT, 0, 0, 0);
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_STRICT, strcmp(how, "refused") == 0, NULL);
}

static void allocate(char **blocks)
{
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BLOCK_SIZE);
        memset(blocks[i], i, BLOCK_SIZE);
    }
}

static void release(char **blocks)
{
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

/* Only what the mode allows. Blocks come and go in memory that malloc has. */
static __attribute__((noinline)) void work(char **blocks)
{
    char text[64];
    uint64_t value = 1;
    for (uint32_t i = 0; i < SPINS; i++)
        value = value * 6364136223846793005u + (value >> 29);
    for (int round = 0; round < 20; round++) {
        release(blocks);
        allocate(blocks);
        blocks[round] = realloc(blocks[round], BLOCK_SIZE / 2);
    }
    release(blocks);
    ssize_t size = read(pair[0], text, sizeof text - 1);
    text[size > 0 ? size : 0] = '\0';
    char *line = malloc(200);
    int length = snprintf(line, 200, "strict: %llx, read '%s'\n", (unsigned long long)value, text);
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        syscall(SYS_exit, 9);
    free(line);
    if (write(turn[1], "x", 1) != 1)
        syscall(SYS_exit, 9);
}

static int finish(void)
{
    if (strcmp(end_by, "exit") == 0)
        syscall(SYS_exit, 7);
    if (strcmp(end_by, "own") == 0)
        __asm__ volatile("syscall" : : "a"(SYS_exit), "D"(7) : "rcx", "r11", "memory");
    if (strcmp(end_by, "kill") == 0)
        syscall(SYS_getppid);
    return 7;
}

static void prepare(char **blocks)
{
    burn_before(0.05);
    allocate(blocks); /* and of each the memory malloc keeps */
    release(blocks);
    allocate(blocks);
}

static int go_prepared(char **blocks)
{
    if (confine() != 0) {
        printf("refused: %d\n", errno);
        burn_refused(0.1);
        return 5;
    }
    work(blocks);
    return finish();
}

static int go(void)
{
    char *blocks[BLOCKS];
    prepare(blocks);
    return go_prepared(blocks);
}

static void *run(void *unused)
{
    go();
    return unused;
}

static void *run_beside(void *unused)
{
    char byte;
    if (read(turn[0], &byte, 1) == 1)
        burn_beside(0.1);
    return unused;
}

static int as_child(bool brief)
{
    char *blocks[BLOCKS];
    int status = 0;
    if (brief)
        prepare(blocks);
    pid_t child = fork();
    if (child == 0)
        return brief ? go_prepared(blocks) : go();
    waitpid(child, &status, 0);
    printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 3;
}

/* The other thread is this one, or ends after it: it waits until that is about to end. */
static int as_one_of_two(const char *who)
{
    pthread_t thread;
    if (strcmp(who, "main") == 0) {
        pthread_create(&thread, NULL, run_beside, NULL);
        return go();
    }
    pthread_create(&thread, NULL, run, NULL);
    if (strcmp(who, "all") == 0)
        return go();
    burn_beside(0.2);
    pthread_join(thread, NULL);
    free(malloc(BLOCK_SIZE));
    puts("main goes on");
    return 3;
}

int main(int argc, char **argv)
{
    const struct timeval wait = {.tv_sec = 5};
    if (argc < 4)
        return 2;
    how = argv[2];
    end_by = argv[3];
    setvbuf(stdout, NULL, _IONBF, 0);
    mallopt(M_TRIM_THRESHOLD, 1 << 26);
    mallopt(M_TOP_PAD, 1 << 22);
    if (pipe(turn) != 0 || socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0 ||
        setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0)
        return 2;
    for (int i = 0; i < 2; i++)
        if (write(pair[1], "bytes", 5) != 5)
            return 2;
    if (strcmp(argv[1], "child") == 0 || strcmp(argv[1], "brief") == 0)
        return as_child(argv[1][0] == 'b');
    return strcmp(argv[1], "first") == 0 ? go() : as_one_of_two(argv[1]);
}
