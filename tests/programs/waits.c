/*
 * Waits in every call that a signal ends, thousands of times, and says how many ended
 * early: none, unless by a signal of its own, which it sends as well.
 *
 *     waits [ROUNDS]
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static int fds[2], epoll, queue, set;
static sem_t semaphore;
static long wait_ns;

static struct timespec relative(void)
{
    return (struct timespec){wait_ns / 1000000000, wait_ns % 1000000000};
}

static struct timespec absolute(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    now.tv_nsec += wait_ns % 1000000000;
    now.tv_sec += wait_ns / 1000000000 + now.tv_nsec / 1000000000;
    now.tv_nsec %= 1000000000;
    return now;
}

static int milliseconds(void)
{
    return (int)((wait_ns + 999999) / 1000000);
}

static struct pollfd one_fd(void)
{
    return (struct pollfd){.fd = fds[0], .events = POLLIN};
}

static int wait_poll(void)
{
    struct pollfd one = one_fd();
    return poll(&one, 1, milliseconds());
}

static int wait_ppoll(void)
{
    struct pollfd one = one_fd();
    struct timespec time = relative();
    return ppoll(&one, 1, &time, NULL);
}

static int wait_select(void)
{
    struct timeval time = {wait_ns / 1000000000, wait_ns % 1000000000 / 1000};
    fd_set in;
    FD_ZERO(&in);
    FD_SET(fds[0], &in);
    return select(fds[0] + 1, &in, NULL, NULL, &time);
}

static int wait_pselect(void)
{
    struct timespec time = relative();
    fd_set in;
    FD_ZERO(&in);
    FD_SET(fds[0], &in);
    return pselect(fds[0] + 1, &in, NULL, NULL, &time, NULL);
}

static int wait_epoll(void)
{
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, milliseconds());
}

static int wait_epoll_masked(void)
{
    struct epoll_event event;
    return epoll_pwait(epoll, &event, 1, milliseconds(), NULL);
}

static int wait_nanosleep(void)
{
    struct timespec time = relative();
    return nanosleep(&time, NULL);
}

static int wait_clock_relative(void)
{
    struct timespec time = relative();
    errno = clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
    return errno ? -1 : 0;
}

static int wait_clock_absolute(void)
{
    struct timespec time = absolute(CLOCK_MONOTONIC);
    errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    return errno ? -1 : 0;
}

static int wait_usleep(void)
{
    return usleep((useconds_t)(wait_ns / 1000));
}

static int wait_semaphore(void)
{
    struct timespec time = absolute(CLOCK_REALTIME);
    return sem_timedwait(&semaphore, &time);
}

static int wait_signal(void)
{
    struct timespec time = relative();
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR2);
    return sigtimedwait(&signals, NULL, &time);
}

static int wait_semop(void)
{
    struct timespec time = relative();
    struct sembuf down = {.sem_op = -1};
    return semtimedop(set, &down, 1, &time);
}

static int wait_recv(void)
{
    char byte;
    struct timeval time = {wait_ns / 1000000000, wait_ns % 1000000000 / 1000};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    return (int)recv(fds[0], &byte, 1, 0);
}

static int wait_recvmmsg(void)
{
    char byte;
    struct iovec part = {&byte, 1};
    struct mmsghdr one = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    struct timeval time = {wait_ns / 1000000000, wait_ns % 1000000000 / 1000};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    return recvmmsg(fds[0], &one, 1, 0, NULL);
}

static int wait_thread(void)
{
    struct timespec time = relative();
    int status = thrd_sleep(&time, NULL);
    errno = status == -1 ? EINTR : 0;
    return status;
}

/* By libaio, which not every machine has: then as long. */
static int wait_events(void)
{
    static int (*get)(unsigned long, long, long, void *, struct timespec *);
    static unsigned long context;
    struct timespec time = relative();
    char events[32];

    if (!get && dlopen("libaio.so.1", RTLD_NOW | RTLD_GLOBAL) &&
        syscall(SYS_io_setup, 1, &context) == 0)
        *(void **)&get = dlsym(RTLD_DEFAULT, "io_getevents");
    if (!get)
        return wait_nanosleep();
    int got = get(context, 1, 1, events, &time);
    errno = got < 0 ? -got : 0;
    return got < 0 ? -1 : got;
}

static int wait_read(void)
{
    char byte;
    struct timeval time = {wait_ns / 1000000000, wait_ns % 1000000000 / 1000};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    return (int)read(fds[0], &byte, 1);
}

static int wait_readv(void)
{
    char byte;
    struct iovec part = {&byte, 1};
    struct timeval time = {wait_ns / 1000000000, wait_ns % 1000000000 / 1000};
    setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    return (int)readv(fds[0], &part, 1);
}

static int wait_condition(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    struct timespec time = absolute(CLOCK_REALTIME);
    pthread_mutex_lock(&mutex);
    while ((errno = pthread_cond_timedwait(&condition, &mutex, &time)) == 0)
        ;
    pthread_mutex_unlock(&mutex);
    return -1;
}

static const struct {
    const char *name;
    int (*wait)(void);
    int goes_on; /* a handler of its own does not end it */
} calls[] = {
    {"poll", wait_poll, 0},
    {"ppoll", wait_ppoll, 0},
    {"select", wait_select, 0},
    {"pselect", wait_pselect, 0},
    {"epoll_wait", wait_epoll, 0},
    {"epoll_pwait", wait_epoll_masked, 0},
    {"nanosleep", wait_nanosleep, 0},
    {"clock_nanosleep", wait_clock_relative, 0},
    {"clock_nanosleep absolute", wait_clock_absolute, 0},
    {"usleep", wait_usleep, 0},
    {"sem_timedwait", wait_semaphore, 0},
    {"sigtimedwait", wait_signal, 0},
    {"semtimedop", wait_semop, 0},
    {"recv with time-out", wait_recv, 0},
    {"recvmmsg with time-out", wait_recvmmsg, 0},
    {"thrd_sleep", wait_thread, 0},
    {"io_getevents", wait_events, 0},
    {"read with time-out", wait_read, 0},
    {"readv with time-out", wait_readv, 0},
    {"pthread_cond_timedwait", wait_condition, 1},
};

static long now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static volatile int handled;

static void handle(int signal)
{
    (void)signal;
    handled++;
}

/* Tried three times: the signal may come before the wait has begun, on a busy machine, and
 * there is a microsecond in which it is taken for one of the profiler's. */
static int own_signal_ends(int (*wait)(void), int goes_on)
{
    struct itimerval soon = {.it_value = {.tv_usec = 20000}};
    int ended = 0;

    wait_ns = goes_on ? 60000000 : 2000000000;
    for (int i = 0; i < 3 && !ended; i++) {
        handled = 0;
        setitimer(ITIMER_REAL, &soon, NULL);
        ended = wait() == -1 && errno == EINTR;
    }
    return ended;
}

/* A message comes back from a queue that is emptied by another thread: short waits
 * without a time-out. */
static void *answer(void *rounds)
{
    struct {
        long type;
        char text[8];
    } message;

    for (int i = 0; i < *(int *)rounds; i++)
        if (msgrcv(queue, &message, sizeof message.text, 1, 0) < 0 ||
            (message.type = 2, msgsnd(queue, &message, sizeof message.text, 0)) != 0)
            return "interrupted";
    return NULL;
}

static void exchange(int rounds)
{
    struct {
        long type;
        char text[8];
    } message;
    pthread_t thread;
    void *result;
    int interrupted = 0;

    if (pthread_create(&thread, NULL, answer, &rounds) != 0)
        exit(1);
    for (int i = 0; i < rounds && !interrupted; i++) {
        message.type = 1;
        interrupted |= msgsnd(queue, &message, sizeof message.text, 0) != 0;
        interrupted |= msgrcv(queue, &message, sizeof message.text, 2, 0) < 0;
    }
    if (interrupted)
        exit(2);
    pthread_join(thread, &result);
    printf("messages: %s\n", result ? (char *)result : "whole");
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 300;
    struct sigaction action = {.sa_handler = handle};
    struct itimerval often = {.it_value = {.tv_usec = 20000}, .it_interval = {.tv_usec = 20000}};

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0)
        return 1;
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &(struct epoll_event){.events = EPOLLIN});
    sem_init(&semaphore, 0, 0);
    queue = msgget(IPC_PRIVATE, 0600);
    set = semget(IPC_PRIVATE, 1, 0600);
    sigaction(SIGALRM, &action, NULL);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        int interrupted = 0, early = 0;
        wait_ns = 20000;
        for (int round = 0; round < rounds; round++) {
            long begin = now_ns();
            interrupted += calls[i].wait() == -1 && errno == EINTR;
            early += now_ns() - begin < wait_ns - 1000;
        }
        int ended = own_signal_ends(calls[i].wait, calls[i].goes_on);
        printf("%s: %d interrupted, %d early; own signal handled %d, %s\n", calls[i].name,
               interrupted, early, handled, ended ? "interrupts" : "does not interrupt");
    }
    exchange(rounds * 10);
    setitimer(ITIMER_REAL, &often, NULL);
    errno = 0;
    int ended = pause();
    printf("pause %d, %s\n", ended, strerror(errno));
    msgctl(queue, IPC_RMID, NULL);
    semctl(set, 0, IPC_RMID);
    return 0;
}
