/*
 * What threads wait by between processes, in C11's words, once, at barriers, and across fork and
 * signal handlers: says what comes of it, the same with a profiler as without.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static void say(const char *what, int error)
{
    printf("%s: %s\n", what, error == 0 ? "0" : strerrorname_np(error));
    fflush(stdout); /* before any fork */
}

static pthread_t start(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, argument) != 0)
        exit(1);
    return thread;
}

static void nap(void)
{
    struct timespec time = {0, 5000000};
    nanosleep(&time, NULL);
}

/* --- between processes ----------------------------------------------------------- */

struct shared {
    pthread_mutex_t mutex, robust;
    pthread_rwlock_t rwlock;
    pthread_cond_t condition;
    pthread_barrier_t barrier;
    sem_t ready, semaphore;
    int value;
};

static struct shared *make_shared(void)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    pthread_rwlockattr_t rwlock;
    pthread_barrierattr_t barrier;
    if (shared == MAP_FAILED)
        exit(1);
    pthread_mutexattr_init(&mutex);
    pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&shared->mutex, &mutex);
    pthread_mutexattr_setrobust(&mutex, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&shared->robust, &mutex);
    pthread_condattr_init(&condition);
    pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED);
    pthread_cond_init(&shared->condition, &condition);
    pthread_rwlockattr_init(&rwlock);
    pthread_rwlockattr_setpshared(&rwlock, PTHREAD_PROCESS_SHARED);
    pthread_rwlock_init(&shared->rwlock, &rwlock);
    pthread_barrierattr_init(&barrier);
    pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
    pthread_barrier_init(&shared->barrier, &barrier, 2);
    sem_init(&shared->ready, 1, 0);
    sem_init(&shared->semaphore, 1, 0);
    return shared;
}

/* Holds everything until the parent waits, gives it up in turn, and dies with the robust one. */
static void child_of(struct shared *shared)
{
    pthread_mutex_lock(&shared->mutex);
    pthread_mutex_lock(&shared->robust);
    pthread_rwlock_wrlock(&shared->rwlock);
    sem_post(&shared->ready);
    nap();
    pthread_mutex_unlock(&shared->mutex);
    nap();
    pthread_rwlock_unlock(&shared->rwlock);
    nap();
    pthread_mutex_lock(&shared->mutex);
    shared->value = 1;
    pthread_cond_signal(&shared->condition);
    pthread_mutex_unlock(&shared->mutex);
    nap();
    sem_post(&shared->semaphore);
    nap();
    pthread_barrier_wait(&shared->barrier);
    nap();
    _exit(3);
}

static void between_processes(void)
{
    struct shared *shared = make_shared();
    int status = 0, error = 0;
    pid_t child = fork();
    if (child == 0)
        child_of(shared);
    sem_wait(&shared->ready);
    say("shared mutex", pthread_mutex_lock(&shared->mutex));
    say("unlocked", pthread_mutex_unlock(&shared->mutex));
    say("shared read lock", pthread_rwlock_rdlock(&shared->rwlock));
    say("unlocked", pthread_rwlock_unlock(&shared->rwlock));
    pthread_mutex_lock(&shared->mutex);
    while (!shared->value && error == 0)
        error = pthread_cond_wait(&shared->condition, &shared->mutex);
    say("shared condition", error);
    pthread_mutex_unlock(&shared->mutex);
    say("shared semaphore", sem_wait(&shared->semaphore));
    error = pthread_barrier_wait(&shared->barrier);
    say("shared barrier", error == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : error);
    say("shared robust mutex", pthread_mutex_lock(&shared->robust));
    say("made consistent", pthread_mutex_consistent(&shared->robust));
    say("unlocked", pthread_mutex_unlock(&shared->robust));
    printf("child: %d", waitpid(child, &status, 0) == child);
    printf(", exit status %d\n", WEXITSTATUS(status));
    say("no more children", waitpid(-1, &status, 0) < 0 ? errno : 0);
}

/* --- C11 ------------------------------------------------------------------------- */

static mtx_t c11_mutex;
static cnd_t c11_condition;
static int c11_value, initialised;
static once_flag c11_once = ONCE_FLAG_INIT;

static void initialise(void)
{
    nap();
    initialised++;
}

static int c11_thread(void *unused)
{
    (void)unused;
    call_once(&c11_once, initialise);
    mtx_lock(&c11_mutex);
    nap();
    c11_value = 1;
    cnd_broadcast(&c11_condition);
    mtx_unlock(&c11_mutex);
    return 7;
}

static void c11(void)
{
    struct timespec soon;
    thrd_t threads[3];
    int result = 0, status = thrd_success;
    mtx_init(&c11_mutex, mtx_timed);
    cnd_init(&c11_condition);
    for (int i = 0; i < 3; i++)
        thrd_create(&threads[i], c11_thread, NULL);
    call_once(&c11_once, initialise);
    mtx_lock(&c11_mutex);
    while (!c11_value && status == thrd_success)
        status = cnd_wait(&c11_condition, &c11_mutex);
    printf("cnd_wait: %d, called once: %d\n", status == thrd_success, initialised);
    for (c11_value = 0; status == thrd_success;) {
        timespec_get(&soon, TIME_UTC);
        soon.tv_nsec += 10000000;
        soon.tv_sec += soon.tv_nsec / 1000000000;
        soon.tv_nsec %= 1000000000;
        status = cnd_timedwait(&c11_condition, &c11_mutex, &soon);
    }
    printf("cnd_timedwait: %d\n", status == thrd_timedout);
    mtx_unlock(&c11_mutex);
    for (int i = 0; i < 3; i++)
        printf("thrd_join: %d", thrd_join(threads[i], &result) == thrd_success),
            printf(", %d\n", result);
    printf("mtx_trylock: %d\n", mtx_trylock(&c11_mutex) == thrd_success);
    printf("mtx_timedlock: %d\n", mtx_timedlock(&c11_mutex, &soon) == thrd_timedout);
    printf("thrd_sleep: %d\n", thrd_sleep(&(struct timespec){0, 1000000}, NULL));
    mtx_unlock(&c11_mutex);
}

/* --- once ------------------------------------------------------------------------ */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int runs, cancels;

static void first_is_cancelled(void)
{
    if (runs++ == 0) {
        cancels = 1;
        for (;;)
            nap();
    }
    nap();
}

static void *by_once(void *unused)
{
    say("once", pthread_once(&once, first_is_cancelled));
    return unused;
}

static void cancelled_initialiser(void)
{
    void *result;
    pthread_t first = start(by_once, NULL);
    while (!cancels)
        nap();
    pthread_t second = start(by_once, NULL);
    nap();
    pthread_cancel(first);
    pthread_join(first, &result);
    printf("cancelled: %d\n", result == PTHREAD_CANCELED);
    pthread_join(second, &result);
    printf("initialised: %d\n", runs == 2);
}

/* --- barriers -------------------------------------------------------------------- */

static pthread_barrier_t barrier;
static atomic_int serials, others;

static void *meet(void *unused)
{
    for (int i = 0; i < 50; i++) {
        int status = pthread_barrier_wait(&barrier);
        serials += status == PTHREAD_BARRIER_SERIAL_THREAD;
        others += status == 0;
    }
    return unused;
}

static void barriers(void)
{
    pthread_t threads[4];
    pthread_barrier_init(&barrier, NULL, 4);
    for (int i = 0; i < 4; i++)
        threads[i] = start(meet, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("barriers: %d serial, %d others\n", (int)serials, (int)others);
    say("barrier destroyed", pthread_barrier_destroy(&barrier));
}

/* --- fork and handlers ----------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static sem_t go_on;
static atomic_int child_status;

static void *wait_for_mutex(void *unused)
{
    say("waited across fork", pthread_mutex_lock(&mutex));
    pthread_mutex_unlock(&mutex);
    return unused;
}

/* The child of a process whose other thread waits has waits of its own. */
static void fork_beside(void)
{
    int status = 0;
    pthread_mutex_lock(&mutex);
    pthread_t thread = start(wait_for_mutex, NULL);
    nap();
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_unlock(&mutex);
        pthread_join(start(wait_for_mutex, NULL), NULL);
        nap();
        fflush(stdout);
        _exit(4);
    }
    printf("fork beside: %d", waitpid(child, &status, 0) == child);
    printf(", exit status %d\n", WEXITSTATUS(status));
    fflush(stdout);
    pthread_mutex_unlock(&mutex);
    pthread_join(thread, NULL);
}

/* Waits itself, and forks: of what POSIX lets a handler do. */
static void wait_in_handler(int signal)
{
    int kept = errno, status = 0;
    pid_t child = fork();
    (void)signal;
    if (child == 0) {
        nap();
        _exit(5);
    }
    nap();
    child_status = waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
    sem_post(&go_on);
    errno = kept;
}

static void *wait_interrupted(void *ends)
{
    char byte;
    ssize_t got = read(*(int *)ends, &byte, 1);
    int error = errno;
    printf("read: %d, %s\n", (int)got, got < 0 ? strerrorname_np(error) : "0");
    got = read(*(int *)ends, &byte, 1);
    printf("read again: %d\n", (int)got);
    return NULL;
}

static void handlers(void)
{
    struct sigaction action = {.sa_handler = wait_in_handler};
    int ends[2];
    sem_init(&go_on, 0, 0);
    sigaction(SIGUSR1, &action, NULL);
    if (pipe(ends) != 0)
        exit(1);
    pthread_t thread = start(wait_interrupted, ends);
    for (int i = 0; i < 4; i++)
        nap();
    pthread_kill(thread, SIGUSR1);
    while (sem_wait(&go_on) != 0)
        ;
    if (write(ends[1], "x", 1) != 1)
        exit(1);
    pthread_join(thread, NULL);
    printf("child of the handler: %d\n", (int)child_status);
}

int main(void)
{
    between_processes();
    c11();
    cancelled_initialiser();
    barriers();
    fork_beside();
    handlers();
    return 0;
}
