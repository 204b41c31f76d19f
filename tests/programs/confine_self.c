/*
 * confine_self prctl|seccomp|tsync|bare: burns CPU, puts a filter on itself that kills for
 * what only a profiler would do, then makes threads and a child that burn more.
 */
#include "burn.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define KILLED(number)                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

BURN_FUNCTION(burn_before)
BURN_FUNCTION(burn_confined)

static int confine(const char *way)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        KILLED(SYS_timer_create),
        KILLED(SYS_timer_settime),
        KILLED(SYS_timer_delete),
        KILLED(SYS_perf_event_open),
        KILLED(SYS_process_vm_readv),
        KILLED(SYS_unlink),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    if (strcmp(way, "prctl") == 0)
        return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
    if (strcmp(way, "bare") == 0) { /* by no function of the C library */
        long result;
        __asm__ volatile("syscall"
                         : "=a"(result)
                         : "a"(SYS_seccomp), "D"(SECCOMP_SET_MODE_FILTER), "S"(0), "d"(&program)
                         : "rcx", "r11", "memory");
        usleep(300000); /* nobody can be told: what is done at once is not looked at yet */
        return (int)result;
    }
    int flags = strcmp(way, "tsync") == 0 ? SECCOMP_FILTER_FLAG_TSYNC : 0;
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static void *work(void *unused)
{
    burn_confined(0.03);
    return unused;
}

int main(int argc, char **argv)
{
    int status = 0;
    burn_before(0.05);
    if (argc < 2 || confine(argv[1]) != 0)
        return 2;
    for (int round = 0; round < 5; round++) {
        pthread_t thread;
        pthread_create(&thread, NULL, work, NULL);
        pthread_join(thread, NULL);
    }
    pid_t child = fork();
    if (child == 0) {
        burn_confined(0.03);
        return 4;
    }
    waitpid(child, &status, 0);
    printf("unshare: %d\n", unshare(CLONE_FS));
    printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 3;
}
