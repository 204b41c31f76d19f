/* Unit tests of preload/tasks.c. */
#include "preload/tasks.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS 200 /* more than one reading of the directory has room for */

static pthread_barrier_t begun, looked;
static int started[THREADS], found[THREADS];

static void *wait_to_be_seen(void *own)
{
    *(int *)own = gettid();
    pthread_barrier_wait(&begun);
    pthread_barrier_wait(&looked);
    return NULL;
}

static void look(void *context, int tid)
{
    int *self = context;
    *self += tid == gettid();
    for (int i = 0; i < THREADS; i++)
        found[i] += started[i] == tid;
}

Test(tasks, every_thread_once)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&begun, NULL, THREADS + 1);
    pthread_barrier_init(&looked, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, wait_to_be_seen, &started[i]), 0);
    pthread_barrier_wait(&begun);
    int self = 0;
    tasks_list(look, &self);
    pthread_barrier_wait(&looked);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(found[i], 1);
    }
    cr_expect_eq(self, 1);
}

/* In a process whose first thread has ended, with 7 or by a forbidden call: how, as the kernel
 * tells a parent. */
static void *watch_the_first(void *expected)
{
    int status = -1;
    alarm(20);
    while (!tasks_has_ended(getpid(), &status))
        usleep(1000);
    _exit(status != *(int *)expected || tasks_has_ended(gettid(), &status) ||
          tasks_has_ended(1, &status));
}

static int end_first(int expected)
{
    pthread_t thread;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_NAME, "a) Z b", 0, 0, 0);
        if (tasks_has_ended(getpid(), &status))
            _exit(2);
        pthread_create(&thread, NULL, watch_the_first, &expected);
        if (WIFSIGNALED(expected) && prctl(PR_SET_SECCOMP, 1) == 0)
            syscall(SYS_getppid);
        syscall(SYS_exit, WEXITSTATUS(expected));
    }
    waitpid(child, &status, 0);
    return status;
}

Test(tasks, the_first_thread_tells_that_it_has_ended_and_how)
{
    cr_expect_eq(end_first(7 << 8), 0);
    cr_expect_eq(end_first(9), 0);
}
