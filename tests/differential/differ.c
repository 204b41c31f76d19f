/*
 * Preloaded into any program: interrupts it, and at each stop takes the stack four
 * ways from the same registers, to compare them frame by frame:
 *
 *     rules      as the profiler does, nothing remembered: what the others are held against
 *     reuse      the same with the walk before remembered
 *     states     libunwind's register states for every row
 *     tables     our own reading of the tables, all registers, for every row
 *
 * Every DIFFER_INTERVAL_US of the first thread's time and every tick of any thread's CPU
 * time. At the end one line of JSON is added to DIFFER_OUTPUT. DIFFER_STEPS: how many
 * instructions are looked at one by one after each stop. DIFFER_CHECKPOINT: after so many
 * stops differ_checkpoint() is called, for a debugger to see the same stack its own way.
 *
 * Not part of the profiler: it takes SIGPROF, SIGTRAP and a real-time signal for itself.
 */
#include "preload/bell.h"
#include "preload/hard_states.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/safe_read.h"
#include "preload/unwind.h"
#include "preload/unwind_libunwind.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define STOP_SIGNAL (SIGRTMIN + 9)
#define TRAP_FLAG 0x100
#define MAX_DEPTH 2000u
#define SHOWN 3

enum way { RULES, REUSE, STATES, TABLES, WAYS };
static const char *const names[WAYS] = {"rules", "reuse", "states", "tables"};

static struct walk walks[WAYS];
static struct {
    uint64_t stops, steps, compared, complete, incomplete, guessed, unable, frames, by_states,
        by_tables, reused;
    uint64_t differ[WAYS];
} sums;
static struct stack_bounds main_bounds;
static pid_t owner;
static int busy, steps_left, steps_each;
static uint64_t checkpoint_every;
static char shown[1 << 14];
static size_t shown_size;

/* For the debugger: the stack by rules, leaf first. */
uint64_t differ_pcs[MAX_DEPTH];
uint32_t differ_depth;
__attribute__((noinline, visibility("default"))) void differ_checkpoint(void)
{
    __asm__ volatile("" ::: "memory");
}

static struct stack_bounds bounds_of(uint64_t sp)
{
    uint64_t tcb = platform_thread_pointer_sigsafe();
    if (sp >= main_bounds.low && sp < main_bounds.high)
        return main_bounds;
    /* Of other threads the control block is at the stack's end. */
    return sp < tcb && tcb - sp < (8u << 20) ? (struct stack_bounds){sp & ~4095ull, tcb}
                                             : (struct stack_bounds){0, 0};
}

static bool same(const struct walk *a, const struct walk *b)
{
    if (a->root != b->root || a->depth != b->depth)
        return false;
    for (uint32_t i = 0; i < a->depth; i++)
        if ((a->codes[i] ^ b->codes[i]) & ~(uint64_t)TRACE_NODE_GUESSED)
            return false;
    return true;
}

static bool any_guess(const struct walk *walk)
{
    for (uint32_t i = 0; i < walk->depth; i++)
        if (walk->codes[i] & TRACE_NODE_GUESSED)
            return true;
    return false;
}

static void show(const struct walk *a, const struct walk *b, enum way way)
{
    uint32_t i = 0;
    while (i < a->depth && i < b->depth && a->codes[i] == b->codes[i])
        i++;
    for (uint32_t n = i ? i - 1 : 0; n < i + 4 && shown_size < sizeof(shown) - 256; n++)
        shown_size += (size_t)snprintf(
            shown + shown_size, sizeof(shown) - shown_size, "%s frame %u: %lx, %s %lx%s\n",
            names[RULES], n, n < a->depth ? (long)(a->codes[n] >> TRACE_NODE_BITS) : 0L, names[way],
            n < b->depth ? (long)(b->codes[n] >> TRACE_NODE_BITS) : 0L, n == i ? "  <--" : "");
}

/* A stack that is not whole: its innermost frames, by module. */
static void show_incomplete(const struct walk *walk)
{
    for (uint32_t i = 0; i < walk->depth && i < 5 && shown_size < sizeof(shown) - 256; i++) {
        struct dl_phdr_info info = {.dlpi_name = "outside"};
        uint64_t pc = walk->codes[i] >> TRACE_NODE_BITS;
        modules_describe_sigsafe(pc, &info);
        shown_size += (size_t)snprintf(shown + shown_size, sizeof(shown) - shown_size,
                                       "%s frame %u: %s %lx%s\n", i ? "" : "incomplete:", i,
                                       info.dlpi_name, (long)(pc - info.dlpi_addr),
                                       walk->codes[i] & TRACE_NODE_GUESSED ? " guessed" : "");
    }
}

static void join_reused(struct walk *walk)
{
    sums.reused += walk->reused;
    for (uint32_t i = walk->reused; i > 0; i--)
        walk->codes[walk->depth++] = walk->memory.frames[i - 1].code;
}

static void compare(const ucontext_t *context)
{
    static const enum unwind_mode modes[WAYS] = {UNWIND_AUTO, UNWIND_AUTO, UNWIND_LIBUNWIND,
                                                 UNWIND_TABLES};
    struct stack_bounds bounds = bounds_of(platform_registers_sigsafe(context).sp);
    for (int way = 0; way < WAYS; way++) {
        struct walk *walk = &walks[way];
        walk->remember = way == REUSE;
        if (way == REUSE)
            remembered_walk_begin_sigsafe(&walk->memory, platform_thread_pointer_sigsafe(), 1);
        unwind_sigsafe(walk, context, &bounds, MAX_DEPTH, modes[way]);
        if (way == REUSE)
            join_reused(walk);
    }
    sums.compared++;
    sums.by_states += walks[STATES].by_states;
    sums.by_tables += walks[STATES].by_registers;
    sums.frames += walks[RULES].depth;
    if (walks[RULES].root != TRACE_STACK_COMPLETE || any_guess(&walks[RULES])) {
        if (sums.incomplete++ < SHOWN)
            show_incomplete(&walks[RULES]);
    }
    /* After a guess the registers of the ways are not the same any more. */
    if (any_guess(&walks[RULES])) {
        sums.guessed++;
        return;
    }
    sums.complete += walks[RULES].root == TRACE_STACK_COMPLETE;
    for (int way = REUSE; way < WAYS; way++) {
        if (same(&walks[RULES], &walks[way]))
            continue;
        if (any_guess(&walks[way])) { /* it has no table, and no rule of its own */
            sums.unable++;
            continue;
        }
        if (sums.differ[way]++ < SHOWN)
            show(&walks[RULES], &walks[way], (enum way)way);
    }
}

static void checkpoint(void)
{
    const struct walk *walk = &walks[RULES];
    if (!checkpoint_every || sums.stops % checkpoint_every || any_guess(walk))
        return;
    differ_depth = walk->depth;
    for (uint32_t i = 0; i < walk->depth; i++)
        differ_pcs[i] = walk->codes[i] >> TRACE_NODE_BITS;
    differ_checkpoint();
}

static void on_stop(int signal, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;
    int saved_errno = errno;
    (void)signal;
    (void)info;
    if (getpid() == owner && !__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE)) {
        compare(context);
        sums.stops++;
        checkpoint();
        if (steps_each && !steps_left) {
            steps_left = steps_each;
            interrupted->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
        }
        __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    }
    errno = saved_errno;
}

/* A system call may block signals: the trap after it would then end the program. */
static bool is_system_call(const ucontext_t *context)
{
    const uint8_t *code = (const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
    return code[0] == 0x0f && code[1] == 0x05;
}

static void on_step(int signal, siginfo_t *info, void *context)
{
    ucontext_t *interrupted = context;
    int saved_errno = errno;
    (void)signal;
    (void)info;
    if (!__atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE)) {
        compare(context);
        sums.steps++;
        __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
    }
    if (--steps_left <= 0 || is_system_call(context)) {
        steps_left = 0;
        interrupted->uc_mcontext.gregs[REG_EFL] &= ~TRAP_FLAG;
    }
    errno = saved_errno;
}

static void *make_states(void *unused)
{
    for (;;) {
        bell_wait(bell_rings(), 20000000);
        hard_states_make();
    }
    return unused;
}

static void find_main_bounds(void)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof(line), maps))
        if (strstr(line, "[stack]"))
            sscanf(line, "%lx-%lx", &main_bounds.low, &main_bounds.high);
    if (maps)
        fclose(maps);
    main_bounds.low -= 7u << 20; /* it grows */
}

static void take(int number, void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction action;
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = handler;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static uint64_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    return text ? strtoull(text, NULL, 10) : 0;
}

static void start_clocks(void)
{
    const struct itimerval prof = {{0, 4000}, {0, 4000}};
    long interval = (long)(number_of("DIFFER_INTERVAL_US") * 1000);
    const struct itimerspec often = {{0, interval}, {0, interval}};
    struct sigevent event;
    timer_t timer;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = STOP_SIGNAL;
    take(SIGPROF, on_stop);
    take(STOP_SIGNAL, on_stop);
    take(SIGTRAP, on_step);
    setitimer(ITIMER_PROF, &prof, NULL);
    if (interval && timer_create(CLOCK_MONOTONIC, &event, &timer) == 0)
        timer_settime(timer, 0, &often, NULL);
}

static void start_maker(void)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, make_states, NULL) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

__attribute__((constructor)) static void start(void)
{
    if (!getenv("DIFFER_OUTPUT"))
        return;
    owner = getpid();
    unsetenv("LD_PRELOAD"); /* what it starts is left alone */
    steps_each = (int)number_of("DIFFER_STEPS");
    checkpoint_every = number_of("DIFFER_CHECKPOINT");
    modules_init();
    safe_read_init();
    find_main_bounds();
    if (libunwind_init())
        start_maker();
    start_clocks();
}

__attribute__((destructor)) static void finish(void)
{
    char line[1024];
    if (!owner || getpid() != owner || __atomic_exchange_n(&busy, 1, __ATOMIC_ACQUIRE))
        return;
    int fd = open(getenv("DIFFER_OUTPUT"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    int size = snprintf(
        line, sizeof(line),
        "{\"program\":\"%s\",\"stops\":%lu,\"steps\":%lu,\"compared\":%lu,\"incomplete\":%lu,"
        "\"guessed\":%lu,\"frames\":%lu,\"frames_by_states\":%lu,\"frames_by_tables\":%lu,"
        "\"frames_reused\":%lu,\"differ\":{\"reuse\":%lu,\"states\":%lu,\"tables\":%lu}}\n",
        program_invocation_short_name, sums.stops, sums.steps, sums.compared, sums.incomplete,
        sums.guessed, sums.frames, sums.by_states, sums.by_tables, sums.reused, sums.differ[REUSE],
        sums.differ[STATES], sums.differ[TABLES]);
    if (fd < 0 || write(fd, line, (size_t)size) != size)
        abort(); /* a comparison nobody hears of is none */
    if (shown_size && write(fd, shown, shown_size) < 0)
        abort();
}
