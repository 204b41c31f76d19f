/*
 * The handler of signals that end the process. Its own file because it runs once, where the
 * program has failed already, and must not change how.
 */
#include "preload/crash.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/go_program.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/retry.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/stack_table.h"
#include "preload/threads.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP, SIGSYS, SIGIO};
#define FATAL_COUNT (sizeof fatal / sizeof fatal[0])

static struct ring_file *ring;
static bool stands_in, ticks_may_be_io;
static struct signals_action ours, ours_of_io;
static struct signals_action by_default[_NSIG]; /* what the program believes to be there */

void crash_use_ring(struct ring_file *file)
{
    __atomic_store_n(&ring, file, __ATOMIC_RELEASE);
}

static int own_sigsafe(long call)
{
    return (int)platform_syscall4_sigsafe(call, 0, 0, 0, 0);
}

/* The whole stack, or, where it cannot be walked, the place. */
static uint32_t take_stack_sigsafe(struct ring_file *file, struct thread *thread,
                                   const ucontext_t *context)
{
    uint32_t stack = TRACE_STACK_BROKEN;
    if (thread && !sampler_take_stack_sigsafe(thread, context, &stack))
        return stack;
    uint64_t pc = platform_registers_sigsafe(context).pc;
    return stack_table_intern_sigsafe(file, TRACE_STACK_BROKEN,
                                      pc << TRACE_NODE_BITS | TRACE_NODE_EXACT,
                                      modules_generation_sigsafe());
}

static bool is_sent_sigsafe(const siginfo_t *info)
{
    return info->si_code <= 0;
}

/* Of several threads that fail at once the first one tells. */
static void tell_sigsafe(struct ring_file *file, const siginfo_t *info, const ucontext_t *context)
{
    struct ring_death *death = &file->death;
    uint32_t none = RING_DEATH_NONE;
    if (!__atomic_compare_exchange_n(&death->state, &none, RING_DEATH_CLAIMED, false,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    struct thread *thread = threads_current_sigsafe();
    death->tid = own_sigsafe(SYS_gettid);
    if (thread && thread->tid != death->tid)
        thread = NULL; /* made by clone() alone, with its maker's thread-local storage */
    death->time_ns = libc_clock_now_sigsafe();
    death->signal = info->si_signo;
    death->code = info->si_code;
    if (is_sent_sigsafe(info))
        death->sender = info->si_pid;
    else
        death->address = (uint64_t)info->si_addr;
    if (thread) {
        death->slot = (uint32_t)(thread->slot - ring_slot_at(file, 0));
        death->slot_serial = thread->slot->serial;
    }
    death->stack = take_stack_sigsafe(file, thread, context);
    __atomic_store_n(&death->state, RING_DEATH_TOLD, __ATOMIC_RELEASE);
}

/* The instruction that failed will fail again, and the kernel says so in its log, as it would
 * have. Everything else would not come again by itself. */
static bool comes_again_sigsafe(const siginfo_t *info)
{
    if (info->si_signo == SIGSEGV)
        return info->si_code == SEGV_MAPERR || info->si_code == SEGV_ACCERR;
    if (info->si_signo == SIGBUS)
        return info->si_code == BUS_ADRALN || info->si_code == BUS_ADRERR;
    return (info->si_signo == SIGILL || info->si_signo == SIGFPE) && info->si_code > 0 &&
           info->si_code < SI_KERNEL;
}

/* Of the default action, which SA_RESETHAND has brought back before the handler began: no call
 * is needed for that, which a seccomp filter may not allow. Who called us in its own handler's
 * place took ours for one that was there before: it would have found the default. */
static void pass_on_sigsafe(int number, siginfo_t *info)
{
    const struct signals_action action = {0};
    struct signals_action now = {0};
    if (!confinement_any_sigsafe() && signals_action_sigsafe(number, NULL, &now) == 0 &&
        now.handler)
        signals_action_sigsafe(number, &action, NULL);
    if (comes_again_sigsafe(info))
        return;
    int process = own_sigsafe(SYS_getpid), self = own_sigsafe(SYS_gettid);
    /* It waits until the handler has returned: everything is blocked here. */
    if (platform_syscall4_sigsafe(SYS_rt_tgsigqueueinfo, process, self, number, (long)info) != 0)
        platform_syscall4_sigsafe(SYS_tgkill, process, self, number, 0);
}

static void handle_sigsafe(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    struct ring_file *file = __atomic_load_n(&ring, __ATOMIC_ACQUIRE);
    /* A child of vfork() has our memory, one of fork() as yet its parent's ring. */
    if (!confinement_is_strict_sigsafe() && file && file->pid == own_sigsafe(SYS_getpid))
        tell_sigsafe(file, info, context);
    pass_on_sigsafe(number, info);
    errno = saved_errno;
}

/*
 * The kernel sends a tick of clock perf as this one, without a word of whose it is, where the
 * user's queue of signals is full; it is lost. One of a descriptor of the program's own looks the
 * same: a program that has O_ASYNC on one, and no handler, is not ended by it.
 */
static void handle_io_sigsafe(int number, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    if (info->si_code == SI_KERNEL)
        retry_note_sigsafe(context);
    else
        pass_on_sigsafe(number, info);
    errno = saved_errno;
}

static bool is_ours_sigsafe(uintptr_t handler)
{
    return handler == (uintptr_t)handle_sigsafe || handler == (uintptr_t)handle_io_sigsafe;
}

bool crash_is_ours_sigsafe(void (*handler)(int))
{
    return is_ours_sigsafe((uintptr_t)handler);
}

void crash_hide_sigsafe(int number, struct sigaction *found)
{
    if (!crash_is_ours_sigsafe(found->sa_handler))
        return;
    const struct signals_action *was = &by_default[number];
    memset(found, 0, sizeof *found);
    found->sa_flags = (int)was->flags;
    found->sa_restorer = was->restorer;
    memcpy(&found->sa_mask, &was->mask, sizeof was->mask);
}

static bool is_fatal_sigsafe(int number)
{
    if (number == SIGIO)
        return ticks_may_be_io;
    for (size_t i = 0; i < FATAL_COUNT; i++)
        if (fatal[i] == number)
            return true;
    return false;
}

void crash_stand_in_sigsafe(int number)
{
    struct signals_action now = {0};
    if (!__atomic_load_n(&stands_in, __ATOMIC_ACQUIRE) || !is_fatal_sigsafe(number) ||
        signals_action_sigsafe(number, NULL, &now) != 0 || now.handler)
        return;
    by_default[number] = now;
    signals_action_sigsafe(number, number == SIGIO ? &ours_of_io : &ours, NULL);
}

void crash_init(bool with_io)
{
    if (go_program_is_this())
        return;
    ticks_may_be_io = with_io;
    ours = signals_action_of(handle_sigsafe, SA_RESETHAND);
    ours_of_io = signals_action_of(handle_io_sigsafe, SA_RESTART);
    __atomic_store_n(&stands_in, true, __ATOMIC_RELEASE);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        crash_stand_in_sigsafe(fatal[i]);
}

void crash_withdraw(void)
{
    struct signals_action now = {0};
    __atomic_store_n(&stands_in, false, __ATOMIC_RELEASE);
    for (size_t i = 0; i < FATAL_COUNT; i++)
        if (signals_action_sigsafe(fatal[i], NULL, &now) == 0 &&
            is_ours_sigsafe((uintptr_t)now.handler))
            signals_action_sigsafe(fatal[i], &by_default[fatal[i]], NULL);
}
