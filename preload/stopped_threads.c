/*
 * Stopping threads by ptrace. Its own file because the one who does it is no thread of
 * this process, and may touch nothing of the C library.
 */
#include "preload/stopped_threads.h"

#include "preload/contract/libc_clock.h"
#include "preload/platform.h"
#include "preload/signals.h"
#include "preload/tasks.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STACK_SIZE (64u << 10)
#define NAP_NS 20000
#define LONG_NAP_NS 500000
#define ROUNDS 4 /* threads make threads while they are being stopped */

enum turn { TURN_CALLER, TURN_HELPER, TURN_END };

static struct {
    int helper; /* its pid, 0: none */
    char *stack;
    struct stopped_thread *threads;
    uint32_t count, done; /* of them; looked at by the helper */
    uint64_t longest_ns;
    uint32_t turn; /* enum turn; the rest belongs to whose it is */
} stopped;

static void nap_sigsafe(long ns)
{
    const struct timespec length = {.tv_nsec = ns};
    platform_syscall4_sigsafe(SYS_nanosleep, (long)&length, 0, 0, 0);
}

/* --- the helper ------------------------------------------------------------------ */

static long ptrace_sigsafe(long request, int tid, long address, void *data)
{
    return platform_syscall4_sigsafe(SYS_ptrace, request, tid, address, (long)data);
}

static void seize_sigsafe(struct stopped_thread *thread)
{
    thread->seized = ptrace_sigsafe(PTRACE_SEIZE, thread->tid, 0, NULL) == 0 &&
                     ptrace_sigsafe(PTRACE_INTERRUPT, thread->tid, 0, NULL) == 0;
}

/* Reads, once the thread has stopped. One that is gone is seized no more. */
static void look_at_sigsafe(struct stopped_thread *thread)
{
    int status = 0;
    long tid =
        platform_syscall4_sigsafe(SYS_wait4, thread->tid, (long)&status, __WALL | WNOHANG, 0);
    if (tid == 0)
        return;
    struct iovec words = {thread->words, sizeof thread->words};
    thread->seized = tid > 0 && WIFSTOPPED(status);
    if (!thread->seized || ptrace_sigsafe(PTRACE_GETREGSET, thread->tid, NT_PRSTATUS, &words) != 0)
        return;
    thread->count = (uint32_t)(words.iov_len / sizeof thread->words[0]);
    thread->sp = thread->words[PLATFORM_USER_SP];
    thread->known = true;
}

static void stop_new_sigsafe(void)
{
    uint64_t deadline = libc_clock_now_sigsafe() + STOPPED_THREADS_NS;
    for (uint32_t i = stopped.done; i < stopped.count; i++)
        seize_sigsafe(&stopped.threads[i]);
    for (bool waiting = true; waiting && libc_clock_now_sigsafe() < deadline;) {
        waiting = false;
        for (uint32_t i = stopped.done; i < stopped.count; i++) {
            struct stopped_thread *thread = &stopped.threads[i];
            if (thread->seized && !thread->known)
                look_at_sigsafe(thread);
            waiting |= thread->seized && !thread->known;
        }
        if (waiting)
            nap_sigsafe(NAP_NS);
    }
    stopped.done = stopped.count;
}

/* Its end lets all threads go. */
static int help_sigsafe(void *unused)
{
    (void)unused;
    uint64_t deadline = libc_clock_now_sigsafe() + stopped.longest_ns;
    platform_syscall4_sigsafe(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0);
    while (libc_clock_now_sigsafe() < deadline) {
        uint32_t turn = __atomic_load_n(&stopped.turn, __ATOMIC_ACQUIRE);
        if (turn == TURN_END)
            break;
        if (turn == TURN_HELPER) {
            stop_new_sigsafe();
            __atomic_store_n(&stopped.turn, TURN_CALLER, __ATOMIC_RELEASE);
        }
        nap_sigsafe(turn == TURN_HELPER ? NAP_NS : LONG_NAP_NS);
    }
    return 0;
}

/* --- its caller ------------------------------------------------------------------- */

static bool start_helper(void)
{
    stopped.stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stopped.stack == MAP_FAILED)
        return false;
    uint64_t before = signals_block_all_sigsafe(); /* the helper inherits it */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    /* No signal at its end, so that no wait() of the target's sees it. */
    int pid = clone(help_sigsafe, stopped.stack + STACK_SIZE, CLONE_VM | CLONE_UNTRACED, NULL);
    signals_restore_sigsafe(before);
    stopped.helper = pid > 0 ? pid : 0;
    if (!stopped.helper)
        munmap(stopped.stack, STACK_SIZE);
    return stopped.helper != 0;
}

static bool is_listed(int tid)
{
    for (uint32_t i = 0; i < stopped.count; i++)
        if (stopped.threads[i].tid == tid)
            return true;
    return false;
}

/* What a look at the threads may take. */
struct listing {
    uint32_t most;
    int self, other;
};

static void list_thread(void *context, int tid)
{
    const struct listing *listing = context;
    if (tid != listing->self && tid != listing->other && stopped.count < listing->most &&
        !is_listed(tid))
        stopped.threads[stopped.count++] = (struct stopped_thread){.tid = tid};
}

/* True when there were new ones. */
static bool list_threads(uint32_t most, int self, int other)
{
    struct listing listing = {most, self, other};
    uint32_t before = stopped.count;
    tasks_list(list_thread, &listing);
    return stopped.count > before;
}

/* Until the helper has done its part; false when it has gone without. */
static bool give_turn(void)
{
    __atomic_store_n(&stopped.turn, TURN_HELPER, __ATOMIC_RELEASE);
    while (__atomic_load_n(&stopped.turn, __ATOMIC_ACQUIRE) == TURN_HELPER) {
        if (waitpid(stopped.helper, NULL, __WALL | WNOHANG) == stopped.helper) {
            stopped.helper = 0;
            return false;
        }
        nap_sigsafe(NAP_NS);
    }
    return true;
}

uint32_t stopped_threads_begin(struct stopped_thread *threads, uint32_t most, int other,
                               uint64_t longest_ns)
{
    int saved_errno = errno, self = (int)syscall(SYS_gettid);
    stopped.threads = threads;
    stopped.count = stopped.done = 0;
    stopped.longest_ns = longest_ns;
    stopped.turn = TURN_CALLER;
    for (int round = 0; round < ROUNDS && list_threads(most, self, other); round++)
        if ((!stopped.helper && !start_helper()) || !give_turn())
            break;
    errno = saved_errno;
    return stopped.count;
}

void stopped_threads_end(void)
{
    int saved_errno = errno;
    if (!stopped.helper)
        return;
    __atomic_store_n(&stopped.turn, TURN_END, __ATOMIC_RELEASE);
    while (waitpid(stopped.helper, NULL, __WALL) < 0 && errno == EINTR)
        ;
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    munmap(stopped.stack, STACK_SIZE);
    stopped.helper = 0;
    errno = saved_errno;
}
