/*
 * Reading registers by ptrace. Its own file because the one who does it is no thread of
 * this process, and may touch nothing of the C library.
 */
#include "preload/thread_registers.h"

#include "preload/contract/libc_clock.h"
#include "preload/pages.h"
#include "preload/platform.h"
#include "preload/signals.h"

#include <elf.h>
#include <errno.h>
#include <sched.h>
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

struct reading {
    struct thread_registers *threads;
    uint32_t count;
};

static long ptrace_sigsafe(long request, int tid, long address, void *data)
{
    return platform_syscall4_sigsafe(SYS_ptrace, request, tid, address, (long)data);
}

/* Reads, once the thread has stopped, and lets it go; false when it has not yet. */
static bool finish(struct thread_registers *thread)
{
    int status;
    long tid =
        platform_syscall4_sigsafe(SYS_wait4, thread->tid, (long)&status, __WALL | WNOHANG, 0);
    if (tid == 0)
        return false;
    if (tid < 0 || !WIFSTOPPED(status))
        return true;
    struct iovec words = {thread->words, sizeof thread->words};
    if (ptrace_sigsafe(PTRACE_GETREGSET, thread->tid, NT_PRSTATUS, &words) == 0) {
        thread->count = (uint32_t)(words.iov_len / sizeof thread->words[0]);
        thread->sp = thread->words[PLATFORM_USER_SP];
        thread->known = true;
    }
    ptrace_sigsafe(PTRACE_DETACH, thread->tid, 0, NULL);
    return true;
}

/* In the helper. A thread that does not stop is let go by its end. */
static int read_all(void *argument)
{
    const struct reading *reading = argument;
    const struct timespec nap = {.tv_nsec = NAP_NS};
    uint64_t deadline = libc_clock_now_sigsafe() + THREAD_REGISTERS_NS;
    uint32_t left = 0;
    for (uint32_t i = 0; i < reading->count; i++) {
        struct thread_registers *thread = &reading->threads[i];
        bool seized = ptrace_sigsafe(PTRACE_SEIZE, thread->tid, 0, NULL) == 0 &&
                      ptrace_sigsafe(PTRACE_INTERRUPT, thread->tid, 0, NULL) == 0;
        thread->count = seized;
        left += seized;
    }
    while (left && libc_clock_now_sigsafe() < deadline) {
        for (uint32_t i = 0; i < reading->count; i++) {
            struct thread_registers *thread = &reading->threads[i];
            if (!thread->count || thread->known || !finish(thread))
                continue;
            left--;
            if (!thread->known)
                thread->count = 0;
        }
        if (left)
            platform_syscall4_sigsafe(SYS_nanosleep, (long)&nap, 0, 0, 0);
    }
    return 0;
}

void thread_registers_read(struct thread_registers *threads, uint32_t count)
{
    struct reading reading = {threads, count};
    if (!count)
        return;
    char *stack =
        mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return;
    int saved_errno = errno;
    uint64_t before = signals_block_all_sigsafe(); /* the helper inherits it */
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    /* No signal at its end, so that no wait() of the target's sees it. */
    int pid = clone(read_all, stack + STACK_SIZE, CLONE_VM | CLONE_VFORK, &reading);
    if (pid > 0)
        waitpid(pid, NULL, __WALL);
    prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    signals_restore_sigsafe(before);
    munmap(stack, STACK_SIZE);
    errno = saved_errno;
}
