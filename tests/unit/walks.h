/*
 * Walks taken in signal handlers at places a test knows, and what glibc's
 * backtrace() says there. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_WALKS_H
#define PROFINJECT_TESTS_WALKS_H

#include "preload/modules.h"
#include "preload/safe_read.h"
#include "preload/stack_memory.h"
#include "preload/unwind.h"

#include <errno.h>
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define NOINLINE __attribute__((noinline, used)) /* so neither cloned */
#define FRAMES_MAX 5000

static struct walk walk;
static struct stack_bounds bounds;
static uint32_t max_depth = UNWIND_DEPTH_MAX;
static void *frames[FRAMES_MAX];
static int frame_count;
static int handler_errno;
static uint64_t reused_sum;

static inline uint64_t pc_of(uint32_t frame)
{
    return walk.codes[frame] >> TRACE_NODE_BITS;
}

static inline bool any_guess(void)
{
    for (uint32_t i = 0; i < walk.depth; i++)
        if (walk.codes[i] & TRACE_NODE_GUESSED)
            return true;
    return false;
}

/* True when the walk is what backtrace() saw above the handler, from the
 * interrupted frame to the last one. */
static inline bool same_as_backtrace(void)
{
    int first = 0;

    while (first < frame_count && (uint64_t)frames[first] != pc_of(0))
        first++;
    for (uint32_t i = 0; i < walk.depth; i++)
        if (first + (int)i >= frame_count || (uint64_t)frames[first + (int)i] != pc_of(i))
            return false;
    return walk.root == TRACE_STACK_TRUNCATED || first + (int)walk.depth == frame_count;
}

/* Puts the frames taken from the walk before behind the others. */
static inline void join_reused(void)
{
    reused_sum += walk.reused;
    for (uint32_t i = walk.reused; i > 0; i--)
        walk.codes[walk.depth++] = walk.memory.frames[i - 1].code;
}

static inline void take_walk(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    errno = 4711;
    unwind_sigsafe(&walk, context, &bounds, max_depth, UNWIND_AUTO);
    handler_errno = errno;
    join_reused();
    frame_count = backtrace(frames, FRAMES_MAX);
}

/* Comparing a way up, asked for the frame above 1, 2, 3... frames, with the walk. */
typedef bool climb_step(const ucontext_t *context, uint32_t frames, struct stack_memory *memory,
                        struct registers *registers, bool *ended);
static struct {
    unsigned compared, wrong, missing;
    bool ended;
} climbed;

/* As a handler. `step` starts anew; up to the last frame, or one it does not find. */
static inline void climb(int signal, siginfo_t *info, void *context, climb_step *step)
{
    take_walk(signal, info, context);
    struct registers registers = platform_registers_sigsafe(context);
    struct stack_memory memory;
    stack_memory_enter_sigsafe(&memory, &bounds, registers.sp);
    memset(&climbed, 0, sizeof(climbed));
    for (uint32_t n = 1; n <= walk.depth && !climbed.ended && !climbed.missing; n++) {
        climbed.compared++;
        if (!step(context, n, &memory, &registers, &climbed.ended))
            climbed.missing++;
        else if (n < walk.depth && (climbed.ended || registers.pc != pc_of(n)))
            climbed.wrong++;
    }
}

static inline void on(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
    struct sigaction action;

    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | flags;
    if (sigaction(signal, &action, NULL) != 0)
        abort();
}

static inline void learn_bounds(void)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;

    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    bounds = (struct stack_bounds){(uint64_t)low, (uint64_t)low + size};
}

static inline void walks_init(void)
{
    modules_init();
    safe_read_init();
    learn_bounds();
    backtrace(frames, 1); /* loads what it needs, outside handlers */
    on(SIGUSR1, take_walk, 0);
}

static inline void raise_it(void)
{
    raise(SIGUSR1);
}

/* Calls `leaf` from `depth` frames of its own. */
NOINLINE static void recurse(unsigned depth, void (*leaf)(void))
{
    volatile char place[8];

    place[0] = 0;
    if (depth > 1)
        recurse(depth - 1, leaf);
    else
        leaf();
    __asm__ volatile("" : : "r"(place) : "memory");
}

/* A handler, for SIGUSR2, interrupted by the one that walks. */
static inline void on_outer(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    (void)context;
    recurse(7, raise_it);
}

static inline void raise_outer(void)
{
    raise(SIGUSR2);
}

/* True when of a stack of more than a hundred frames just `depth` on the leaf side are kept. */
static inline bool keeps_leaf_side(uint32_t depth)
{
    max_depth = depth;
    recurse(100, raise_it);
    max_depth = UNWIND_DEPTH_MAX;
    return walk.depth == depth && walk.root == TRACE_STACK_TRUNCATED && same_as_backtrace();
}

static inline unsigned count_frames_of_recurse(void)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < walk.depth; i++)
        count += pc_of(i) > (uint64_t)recurse && pc_of(i) < (uint64_t)recurse + 256;
    return count;
}

#endif
