/*
 * Puts a filter on itself that kills for every system call but those of the waits it then makes:
 * to learn more about a wait, about its descriptor or its thread, is not permitted.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define KILLED(number)                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), \
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, free_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static int pipes[2], sockets[2];
static sem_t semaphore, held;

static int confine(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        KILLED(SYS_readlink),
        KILLED(SYS_readlinkat),
        KILLED(SYS_fstat),
        KILLED(SYS_newfstatat),
        KILLED(SYS_statx),
        KILLED(SYS_getsockname),
        KILLED(SYS_getpeername),
        KILLED(SYS_getsockopt),
        KILLED(SYS_open),
        KILLED(SYS_openat),
        KILLED(SYS_pread64),
        KILLED(SYS_getrusage),
        KILLED(SYS_gettid),

        KILLED(SYS_tgkill),
        KILLED(SYS_mmap),
        KILLED(SYS_lseek),
        KILLED(SYS_sched_yield),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof code[0], code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Begun before the filter, and so without it. */
static void *answer(void *unused)
{
    struct timespec time = {0, 10000000};
    pthread_mutex_lock(&mutex);
    sem_post(&held);
    for (int i = 0; i < 20; i++) {
        nanosleep(&time, NULL);
        if (i == 0)
            pthread_mutex_unlock(&mutex);
        else if (i % 3 == 0)
            sem_post(&semaphore);
        else if (write(i % 3 == 1 ? pipes[1] : sockets[1], "x", 1) != 1)
            return NULL;
    }
    return unused;
}

static struct timespec soon(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    time.tv_nsec += 5000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static int wait_in_every_way(void)
{
    struct timespec time = {0, 5000000}, when;
    char byte;
    int wrong = 0;
    wrong += pthread_mutex_lock(&mutex);
    for (int i = 0; i < 4; i++) {
        wrong += read(pipes[0], &byte, 1) != 1;
        wrong += recv(sockets[0], &byte, 1, 0) != 1;
        wrong += sem_wait(&semaphore) != 0;
        wrong += poll(NULL, 0, 5) != 0;
        wrong += nanosleep(&time, NULL) != 0;
        when = soon();
        wrong += sem_timedwait(&held, &when) != -1 || errno != ETIMEDOUT;
        when = soon();
        pthread_mutex_lock(&free_mutex);
        wrong += pthread_cond_timedwait(&never, &free_mutex, &when) != ETIMEDOUT;
        pthread_mutex_unlock(&free_mutex);
    }
    return wrong;
}

int main(void)
{
    pthread_t thread;
    sem_init(&semaphore, 0, 0);
    sem_init(&held, 0, 0);
    if (pipe(pipes) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0 ||
        pthread_create(&thread, NULL, answer, NULL) != 0)
        return 1;
    while (sem_wait(&held) != 0)
        ;
    printf("begins\n"); /* what stdout needs to begin is not allowed later */
    fflush(stdout);
    if (confine() != 0)
        return 2;
    printf("wrong: %d\n", wait_in_every_way());
    pthread_join(thread, NULL);
    return 3;
}
