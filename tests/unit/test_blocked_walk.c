/* Walks of waiting threads, against what each found by glibc's backtrace() just before.
 * The unit tests are built without frame pointers, their descent with and without. */
#include "preload/blocked_walk.h"
#include "preload/modules.h"

#include <criterion/criterion.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH 30

static struct blocked_walk walk;
static void *expected[128];
static int expected_count, ends[2];
static volatile int tid;

/* The last thing before the wait; its caller and all above are still there then. */
__attribute__((noinline)) static int wait_here(void)
{
    char byte;
    expected_count = backtrace(expected, 128);
    __atomic_store_n(&tid, (int)syscall(SYS_gettid), __ATOMIC_RELEASE);
    volatile ssize_t size = read(ends[0], &byte, 1);
    return (int)size;
}

__attribute__((noinline, noclone)) static int plain(int depth)
{
    volatile int result = depth > 1 ? plain(depth - 1) : wait_here();
    return result + 1;
}

__attribute__((noinline, noclone, optimize("no-omit-frame-pointer"))) static int framed(int depth)
{
    volatile int result = depth > 1 ? framed(depth - 1) : wait_here();
    return result + 1;
}

/* Its CFA hangs on rbp: the size of its frame is known at run time only. */
__attribute__((noinline, noclone)) static int sized(int depth)
{
    volatile char room[16 + (depth & 7) * 16];
    room[0] = 1;
    volatile int result = depth > 1 ? sized(depth - 1) : wait_here();
    return result + room[0];
}

static volatile int handled;

static void in_handler(int number)
{
    (void)number;
    wait_here();
    handled = 1;
}

static void *run(void *argument)
{
    int (*descent)(int) = (int (*)(int))argument;
    volatile int result;

    if (descent != NULL) {
        result = descent(DEPTH);
    } else {
        signal(SIGUSR1, in_handler);
        result = raise(SIGUSR1);
    }
    (void)result;
    return NULL;
}

static bool registers_of(int thread, uint64_t *sp, uint64_t *pc)
{
    char path[64], text[256];
    unsigned long long a = 0, b = 0;

    snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", thread);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    bool told = fgets(text, sizeof(text), file) != NULL &&
                sscanf(text, "%*s %*s %*s %*s %*s %*s %*s %llx %llx", &a, &b) == 2;
    fclose(file);
    *sp = a;
    *pc = b;
    return told;
}

static void take(void *descent, pthread_t *thread)
{
    uint64_t sp = 0, pc = 0;
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

#ifdef __SANITIZE_ADDRESS__
    cr_skip_test("the address sanitizer's backtrace() is not glibc's");
#endif
    modules_init();
    cr_assert_eq(pipe(ends), 0);
    pthread_create(thread, NULL, run, descent);
    for (int i = 0; i < 2000 && !(tid && registers_of(tid, &sp, &pc)); i++)
        usleep(1000);
    if (!pc)
        cr_skip_test("the kernel does not tell where threads wait");
    blocked_walk_take(&walk, memory, pc, sp, BLOCKED_DEPTH_MAX);
}

static void finish(pthread_t thread)
{
    cr_assert_eq(write(ends[1], "x", 1), 1);
    pthread_join(thread, NULL);
}

/* Above the leaf: [0] of backtrace() is wait_here() at another call. */
static void compare(unsigned guesses)
{
    uint32_t first = 0;
    int common = 1;
    unsigned guessed = 0;

    /* A sanitizer's backtrace() is a frame of its own. */
    for (; common < 3; common++) {
        for (first = 0; first < 6 && first < walk.depth; first++)
            if (walk.codes[first] >> TRACE_NODE_BITS == (uint64_t)expected[common])
                break;
        if (first < 6)
            break;
    }
    cr_assert_lt(first, 6, "wait_here's caller is there");
    cr_assert_eq(walk.depth - first, (uint32_t)(expected_count - common));
    for (int i = common; i < expected_count; i++)
        cr_assert_eq(walk.codes[first + (uint32_t)(i - common)] >> TRACE_NODE_BITS,
                     (uint64_t)expected[i]);
    for (uint32_t i = 0; i < walk.depth; i++)
        guessed += (walk.codes[i] & TRACE_NODE_GUESSED) != 0;
    cr_assert_leq(guessed, guesses);
    cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
    cr_assert(walk.codes[0] & TRACE_NODE_EXACT);
}

static void check_descent(int (*descent)(int))
{
    pthread_t thread;

    take(descent, &thread);
    cr_assert_gt(expected_count, DEPTH);
    compare(0);
    finish(thread);
}

Test(blocked_walk, thirty_frames_without_frame_pointers, .timeout = 20)
{
    check_descent(plain);
}

Test(blocked_walk, thirty_frames_with_frame_pointers, .timeout = 20)
{
    check_descent(framed);
}

Test(blocked_walk, frames_of_a_size_known_at_run_time, .timeout = 20)
{
    check_descent(sized);
}

Test(blocked_walk, goes_through_a_signal_frame, .timeout = 20)
{
    pthread_t thread;

    take(NULL, &thread);
    compare(0);
    finish(thread);
}

Test(blocked_walk, stops_at_the_depth_wanted, .timeout = 20)
{
    pthread_t thread;
    uint64_t sp, pc;
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

    take(plain, &thread);
    cr_assert(registers_of(tid, &sp, &pc));
    blocked_walk_take(&walk, memory, pc, sp, 5);
    cr_assert_eq(walk.depth, 5);
    cr_assert_eq(walk.root, TRACE_STACK_TRUNCATED);
    finish(thread);
}

Test(blocked_walk, ends_where_nothing_is)
{
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

    modules_init();
    blocked_walk_take(&walk, memory, (uint64_t)wait_here, 8, 100);
    cr_assert_eq(walk.root, TRACE_STACK_BROKEN);
    cr_assert_eq(walk.depth, 1);
    blocked_walk_take(&walk, memory, 4096, (uint64_t)&memory & ~7ull, 100);
    cr_assert_eq(walk.root, TRACE_STACK_BROKEN);
}
