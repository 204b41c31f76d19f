/* The signal that is ours: taken, kept, not to be seen through the C library. */
#include "preload/modules.h"
#include "preload/safe_read.h"
#include "preload/signals.h"
#include "preload/unwind_rules.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern void signals_sigaction_return(void);

/* As the kernel has it: the C library shows nothing of this signal. */
struct kernel_action {
    void *handler;
    unsigned long flags;
    void *restorer;
    uint64_t mask;
};

static volatile int handled, others_handled, last_code;
static uint64_t mask_in_others;

static uint64_t mask_now(void)
{
    uint64_t mask = 0;

    syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, sizeof(mask));
    return mask;
}

static struct kernel_action action_now(void)
{
    struct kernel_action action = {0};

    cr_assert_eq(syscall(SYS_rt_sigaction, SIGNALS_OURS, NULL, &action, sizeof(action.mask)), 0);
    return action;
}

static void handle(int number, siginfo_t *info, void *context)
{
    handled++;
    last_code = info->si_code;
    if (info->si_code != SI_QUEUE)
        signals_pass_on_sigsafe(number, info, context);
}

static void handle_for_others(int number, siginfo_t *info, void *context)
{
    (void)number, (void)info, (void)context;
    others_handled++;
    mask_in_others = mask_now();
}

static void send_self(int code)
{
    siginfo_t info;

    memset(&info, 0, sizeof(info));
    info.si_code = code;
    info.si_pid = getpid();
    cr_assert_eq(syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), SIGNALS_OURS, &info),
                 0);
}

/* What another user of the signal, as glibc is one, would do. */
static void take_for_others(void *handler, uint64_t mask)
{
    struct kernel_action action = {.handler = handler,
                                   .flags = SA_SIGINFO | 0x04000000ul,
                                   .restorer = (void *)signals_sigaction_return,
                                   .mask = mask};

    cr_assert_eq(syscall(SYS_rt_sigaction, SIGNALS_OURS, &action, NULL, sizeof(action.mask)), 0);
}

/* A handler of the target's that leaves by siglongjmp would leave a record open for
 * ever: none may interrupt ours. */
Test(signals, nothing_interrupts_the_handler_but_setuid)
{
    cr_assert_eq(signals_take(handle), 0);
    struct kernel_action action = action_now();
    cr_assert_eq(action.handler, (void *)handle);
    for (int signal = 1; signal <= 64; signal++)
        if (signal != SIGKILL && signal != SIGSTOP)
            cr_assert_eq(action.mask >> (signal - 1) & 1, signal != 33, "signal %d", signal);
    cr_assert(action.flags & SA_RESTART);
    cr_assert(action.flags & SA_ONSTACK);
}

Test(signals, comes_through_whatever_the_c_library_blocks)
{
    sigset_t all;

    cr_assert_eq(signals_take(handle), 0);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);
    send_self(SI_QUEUE);
    cr_assert_eq(handled, 1);
    uint64_t before = signals_block_all_sigsafe();
    send_self(SI_QUEUE);
    cr_assert_eq(handled, 1);
    cr_assert_eq(mask_now() >> 32 & 1, 0, "setuid() waits for every thread");
    signals_restore_sigsafe(before);
    cr_assert_eq(handled, 2);
}

Test(signals, what_is_not_ours_goes_to_who_was_there)
{
    take_for_others((void *)handle_for_others, 1ull << (SIGUSR2 - 1));
    cr_assert_eq(signals_take(handle), 0);
    send_self(SI_TKILL);
    cr_assert_eq(handled, 1);
    cr_assert_eq(others_handled, 1);
    cr_assert_eq(mask_in_others & (1ull << (SIGUSR2 - 1) | 1ull << (SIGUSR1 - 1) | 1ull << 31),
                 1ull << (SIGUSR2 - 1) | 1ull << 31, "its mask, not ours");
    send_self(SI_QUEUE);
    cr_assert_eq(others_handled, 1);
}

Test(signals, taken_back_from_who_comes_later)
{
    cr_assert_eq(signals_take(handle), 0);
    take_for_others((void *)handle_for_others, 0);
    signals_keep();
    cr_assert_eq(action_now().handler, (void *)handle);
    signals_keep();
    send_self(SI_TKILL);
    cr_assert_eq(handled, 1);
    cr_assert_eq(others_handled, 1);
}

Test(signals, ignored_where_it_was_ignored)
{
    take_for_others((void *)SIG_IGN, 0);
    cr_assert_eq(signals_take(handle), 0);
    send_self(SI_TKILL);
    cr_assert_eq(handled, 1);
}

/* As a bare process would. */
Test(signals, ends_the_process_where_nobody_cares, .signal = SIGNALS_OURS)
{
    take_for_others((void *)SIG_DFL, 0);
    cr_assert_eq(signals_take(handle), 0);
    send_self(SI_TKILL);
    cr_assert_fail("still there");
}

/* Cancelling takes glibc's handler, and unwinds through ours. */
static void *wait_for_cancel(void *ready)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    __atomic_store_n((int *)ready, 1, __ATOMIC_RELEASE);
    for (;;)
        __asm__ volatile("");
    return NULL;
}

Test(signals, asynchronous_cancel_works, .timeout = 20)
{
    pthread_t thread;
    void *result;

    cr_assert_eq(signals_take(handle), 0);
    for (int round = 0; round < 3; round++) {
        int ready = 0;
        cr_assert_eq(pthread_create(&thread, NULL, wait_for_cancel, &ready), 0);
        while (!__atomic_load_n(&ready, __ATOMIC_ACQUIRE))
            sched_yield();
        cr_assert_eq(pthread_cancel(thread), 0);
        signals_keep(); /* tests call the C library's own */
        cr_assert_eq(pthread_join(thread, &result), 0);
        cr_assert_eq(result, PTHREAD_CANCELED);
        cr_assert_eq(action_now().handler, (void *)handle);
    }
}

/* The walk goes on above a handler of ours as above any other. */
Test(signals, the_way_back_is_known_to_our_unwinder)
{
    uint64_t pc = (uint64_t)signals_sigaction_return;

    safe_read_init();
    modules_init();
    cr_assert_eq(unwind_rule_kind(unwind_rule_of_sigsafe(pc)), RULE_SIGNAL);
}
