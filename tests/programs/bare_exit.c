/*
 * bare_exit WHO HOW: burns CPU and ends by the bare system call exit, which ends a thread
 * without a word to the C library, with 7. HOW: number (by syscall()), own (an instruction of its
 * own), filter (killed by a filter that kills threads). WHO: only (there is one thread), child
 * (of fork), last (the other threads ended so before), first (another goes on, and ends with 8).
 */
#include "burn.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(burn)

static const char *how;

static void be_killed(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_THREAD),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
        syscall(SYS_getppid);
}

static void end(int status)
{
    if (strcmp(how, "filter") == 0)
        be_killed();
    if (strcmp(how, "own") == 0)
        __asm__ volatile("syscall" : : "a"(SYS_exit), "D"((long)status) : "rcx", "r11", "memory");
    syscall(SYS_exit, status);
}

static void *end_early(void *unused)
{
    burn(0.05);
    end(9);
    return unused;
}

static void *end_late(void *unused)
{
    burn(0.3);
    puts("the other goes on");
    fflush(stdout);
    end(8);
    return unused;
}

static void as_child(void)
{
    int status = 0;
    pid_t child = fork();
    burn(0.1);
    if (child == 0)
        end(7);
    waitpid(child, &status, 0);
    printf("child: %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    pthread_t thread;
    if (argc < 3)
        return 2;
    how = argv[2];
    if (strcmp(argv[1], "last") == 0) {
        pthread_create(&thread, NULL, end_early, NULL);
        pthread_join(thread, NULL);
    } else if (strcmp(argv[1], "first") == 0) {
        pthread_create(&thread, NULL, end_late, NULL);
    } else if (strcmp(argv[1], "child") == 0) {
        as_child();
    }
    burn(0.1);
    end(7);
    return 1;
}
