/* Filters of the process's own making, each tried in a child. */
#include "preload/confinement.h"

#include <criterion/criterion.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sock_filter allow_all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
static struct sock_fprog harmless = {1, allow_all};

/* Ends the process with 255 where that is not possible. */
static void add_filter(const struct sock_fprog *program)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program) != 0)
        _exit(255);
}

/* Bit 0: timers are said to be killed, bit 1: perf events. -1: no filter possible. */
static int judge_under(unsigned killed)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, killed, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        add_filter(&program);
        _exit(confinement_kills(CONFINEMENT_TIMER) | confinement_kills(CONFINEMENT_PERF) << 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) != 255 ? WEXITSTATUS(status) : -1;
}

Test(confinement, what_kills_is_found_out_without_dying)
{
    if (judge_under(SYS_getpgrp) < 0)
        cr_skip("seccomp filters are not possible here");
    cr_assert_eq(judge_under(SYS_getpgrp), 0);
    cr_assert_eq(judge_under(SYS_timer_create), 1);
    cr_assert_eq(judge_under(SYS_perf_event_open), 2);
}

Test(confinement, without_a_filter_nothing_kills)
{
    cr_assert_not(confinement_kills(CONFINEMENT_TIMER));
    cr_assert_not(confinement_kills(CONFINEMENT_PERF));
}

Test(confinement, what_was_noted_stays)
{
    cr_assert_not(confinement_any_sigsafe());
    confinement_note_sigsafe(false);
    cr_assert(confinement_any_sigsafe());
    cr_assert_not(confinement_all());
    confinement_note_sigsafe(true);
    confinement_note_sigsafe(false);
    cr_assert(confinement_all());
}

/* A filter more is counted, also one no function of the C library was asked for. */
Test(confinement, filters_are_counted)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        unsigned before = confinement_count_own();
        add_filter(&harmless);
        _exit((confinement_count_own() == before + 1) | (confinement_count_first() == before + 1)
                                                            << 1);
    }
    waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 255)
        cr_skip("seccomp filters are not possible here");
    cr_assert_eq(WEXITSTATUS(status), 3);
}

static int tid_in_strict;

static void *go_strict(void *unused)
{
    tid_in_strict = (int)syscall(SYS_gettid);
    if (!confinement_allows_strict() || confinement_is_strict_task(tid_in_strict))
        _exit(1);
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
        _exit(255);
    for (;;)
        if (read(-1, NULL, 0) == 0) /* it may still call that */
            return unused;
}

static int judge_strict(void)
{
    pthread_t thread;
    alarm(20);
    pthread_create(&thread, NULL, go_strict, NULL);
    while (!__atomic_load_n(&tid_in_strict, __ATOMIC_ACQUIRE) ||
           !confinement_is_strict_task(tid_in_strict))
        usleep(1000);
    return confinement_is_strict_task((int)syscall(SYS_gettid)) ? 2 : 0;
}

Test(confinement, strict_mode_is_of_one_thread_and_seen_from_another)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(judge_strict());
    waitpid(child, &status, 0);
    cr_assert(WIFEXITED(status));
    if (WEXITSTATUS(status) == 255)
        cr_skip("strict mode is not possible here");
    cr_assert_eq(WEXITSTATUS(status), 0);
}

/* The kernel refuses it to whoever has a filter: so says seccomp(2), and so do we before. */
Test(confinement, strict_mode_is_refused_under_a_filter)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        add_filter(&harmless);
        bool said = confinement_allows_strict();
        _exit((prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) == 0) | said << 1);
    }
    waitpid(child, &status, 0);
    if (WEXITSTATUS(status) == 255)
        cr_skip("seccomp filters are not possible here");
    cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
