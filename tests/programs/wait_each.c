/*
 * Waits once in every call that hooks time and that can be made to wait, and measures it: a line a
 * call of its name, the kind of wait, and nanoseconds. Each is made in a function wait_in_NAME.
 */
#include "wait_each.h"

#include <aio.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define LENGTH_MS 30
#define LENGTH_NS (LENGTH_MS * 1000000l)
#define MUCH (4 << 20)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once;
static once_flag second_once;
static pthread_barrier_t barrier;
static mtx_t c11_mutex;
static cnd_t c11_condition;
static sem_t semaphore;
static atomic_int begun, happened, futex_word;
static int ends[2], pair[2], listener, epoll, file, other_file, queue, semaphores;
static mqd_t posix_queue;
static pthread_t sleeper, main_thread;
static thrd_t c11_sleeper;
static pid_t child;
static struct aiocb request;
static char much[MUCH];
static struct iovec part = {much, 1}, all = {much, MUCH};
static sigset_t usr1;

static void pass_time(void)
{
    const struct timespec time = {.tv_nsec = LENGTH_NS};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static struct timespec in_seconds(clockid_t clock, int seconds)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_sec += seconds;
    return time;
}
#define UNTIL &(const struct timespec[]){in_seconds(CLOCK_REALTIME, 5)}[0]
#define UNTIL_MONOTONIC &(const struct timespec[]){in_seconds(CLOCK_MONOTONIC, 5)}[0]
#define FOR_LENGTH           \
    &(const struct timespec) \
    {                        \
        0, LENGTH_NS         \
    }
#define FOR_LONG             \
    &(const struct timespec) \
    {                        \
        5, 0                 \
    }

/* --- who is waited for ------------------------------------------------------------ */

static void nothing(void)
{
    begun = 1;
    pass_time();
}

static void hold_mutex(void)
{
    pthread_mutex_lock(&mutex);
    nothing();
    pthread_mutex_unlock(&mutex);
}

static void hold_c11(void)
{
    mtx_lock(&c11_mutex);
    nothing();
    mtx_unlock(&c11_mutex);
}

static void hold_rwlock(void)
{
    pthread_rwlock_wrlock(&rwlock);
    nothing();
    pthread_rwlock_unlock(&rwlock);
}

static void signal_condition(void)
{
    nothing();
    pthread_mutex_lock(&mutex);
    happened = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
}

static void signal_c11(void)
{
    nothing();
    mtx_lock(&c11_mutex);
    happened = 1;
    cnd_broadcast(&c11_condition);
    mtx_unlock(&c11_mutex);
}

static void run_once(void)
{
    pthread_once(&once, nothing);
}

static void run_c11_once(void)
{
    call_once(&second_once, nothing);
}

/* After some time, one short act. */
#define LATER(name, act)   \
    static void name(void) \
    {                      \
        nothing();         \
        act;               \
    }
LATER(post, sem_post(&semaphore))
LATER(arrive, pthread_barrier_wait(&barrier))
LATER(wake_futex, futex_word = 1; syscall(SYS_futex, &futex_word, FUTEX_WAKE, 1))
LATER(send_signal, pthread_kill(main_thread, SIGUSR1))
LATER(write_byte, write(ends[1], "x", 1))
LATER(send_byte, send(pair[1], "x", 1, 0))
LATER(open_fifo, close(open("fifo", O_WRONLY)))
LATER(open_fifo_to_read, close(open("fifo", O_RDONLY)))
LATER(accept_one, close(accept(listener, NULL, NULL)))
LATER(send_message, msgsnd(queue, &(long[2]){1}, 1, 0))
LATER(receive_message, msgrcv(queue, much, 8192, 0, 0))
LATER(raise_semaphore, semop(semaphores, &(struct sembuf){0, 1, 0}, 1))
LATER(send_posix, mq_send(posix_queue, "x", 1, 0))
LATER(receive_posix, mq_receive(posix_queue, much, 64, NULL))

static void drain(int fd)
{
    nothing();
    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (int last = 0; !last; usleep(500)) {
        last = happened;
        while (read(fd, much, sizeof much) > 0)
            ;
    }
    fcntl(fd, F_SETFL, 0);
}

static void drain_pipe(void)
{
    drain(ends[0]);
}

static void drain_socket(void)
{
    drain(pair[1]);
}

static void dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    nothing();
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    connect(fd, (struct sockaddr *)&address, sizeof address);
}

/* --- what is there before ----------------------------------------------------------- */

static int sleep_then(void *unused)
{
    (void)unused;
    pass_time();
    return 0;
}

static void *sleep_and_end(void *unused)
{
    sleep_then(unused);
    return NULL;
}

static void make_thread(void)
{
    pthread_create(&sleeper, NULL, sleep_and_end, NULL);
}

static void make_c11_thread(void)
{
    thrd_create(&c11_sleeper, sleep_then, NULL);
}

static void make_child(void)
{
    child = fork();
    if (child == 0) {
        pass_time();
        _exit(0);
    }
}

/* A child locks the file by all means, and holds the locks for some time. */
static void make_holder(void)
{
    int ready[2];
    if (pipe(ready) != 0 || (child = fork()) < 0)
        abort();
    if (child == 0) {
        int own = open("file", O_RDWR);
        struct flock whole = {.l_type = F_WRLCK};
        flock(own, LOCK_EX);
        fcntl(own, F_SETLK, &whole);
        write(ready[1], "x", 1);
        pass_time();
        _exit(0);
    }
    read(ready[0], much, 1);
    close(ready[0]);
    close(ready[1]);
}

static void lock_mutexes(void)
{
    happened = 0;
    pthread_mutex_lock(&mutex);
    mtx_lock(&c11_mutex);
}

static void unlock_mutexes(void)
{
    pthread_mutex_unlock(&mutex);
    mtx_unlock(&c11_mutex);
}

static void fill_backlog(void)
{
    for (int i = 0; i < 2; i++) {
        struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&address, sizeof address);
    }
}

static void read_ahead(void)
{
    request = (struct aiocb){.aio_fildes = ends[0], .aio_buf = much, .aio_nbytes = 1};
    aio_read(&request);
}

static void fill_queue(void)
{
    static long message[1024] = {1};
    while (msgsnd(queue, message, sizeof message - sizeof *message, IPC_NOWAIT) == 0)
        ;
}

static void fill_posix(void)
{
    while (mq_timedsend(posix_queue, "x", 1, 0, &(struct timespec){0, 0}) == 0)
        ;
}

static void empty(void)
{
}

/* --- the calls ---------------------------------------------------------------------------- */

static struct pollfd polled = {.events = POLLIN};
static struct epoll_event event;
static struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
static struct msghdr large = {.msg_iov = &all, .msg_iovlen = 1};
static struct mmsghdr messages;
static struct flock whole = {.l_type = F_WRLCK};
static siginfo_t info;

static int dial_now(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

#define UNTIL_HAPPENED(call) \
    while (!happened)        \
    call
#define IOV(what) (messages.msg_hdr = (what), &messages)

static void block_usr1(void)
{
    pthread_sigmask(SIG_BLOCK, &usr1, NULL);
}

static void unblock_usr1(void)
{
    pthread_sigmask(SIG_UNBLOCK, &usr1, NULL);
}

/* One call gives as much as there is room for. */
static __attribute__((always_inline)) inline void splice_all(void)
{
    for (int i = 0; i < 3; i++)
        splice(file, &(loff_t){0}, ends[1], NULL, MUCH, 0);
}

static __attribute__((always_inline)) inline void sendfile_all(void)
{
    for (int i = 0; i < 3; i++)
        sendfile(ends[1], file, &(off_t){0}, MUCH);
}

static void release_file(void)
{
    struct flock none = {.l_type = F_UNLCK};
    waitpid(child, NULL, 0);
    flock(file, LOCK_UN);
    fcntl(file, F_SETLK, &none);
    fcntl(other_file, F_OFD_SETLK, &none);
}

#define DEFINE(name, kind, before, meanwhile, call, behind)             \
    static __attribute__((noinline, noclone)) void wait_in_##name(void) \
    {                                                                   \
        call;                                                           \
        __asm__ volatile("" ::: "memory");                              \
    }
CALLS(DEFINE)

struct call {
    const char *name, *kind;
    void (*before)(void), (*meanwhile)(void), (*wait)(void), (*behind)(void);
};
#define BEHIND(name, kind, before, meanwhile, call, behind) \
    static void behind_##name(void)                         \
    {                                                       \
        behind;                                             \
    }
CALLS(BEHIND)
#define ROW(name, kind, before, meanwhile, call, behind) \
    {#name, kind, before, meanwhile, wait_in_##name, behind_##name},
static const struct call calls[] = {CALLS(ROW)};

static void *run(void *meanwhile)
{
    const struct call *call = meanwhile;
    call->meanwhile();
    return NULL;
}

static uint64_t now(void)
{
    const struct timespec time = in_seconds(CLOCK_MONOTONIC, 0);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void make(const struct call *call)
{
    pthread_t thread;
    happened = begun = 0;
    call->before();
    pthread_create(&thread, NULL, run, (void *)call);
    while (!begun)
        sched_yield();
    uint64_t begin = now();
    call->wait();
    uint64_t end = now();
    call->behind();
    pthread_join(thread, NULL);
    printf("%s\t%s\t%llu\n", call->name, call->kind, (unsigned long long)(end - begin));
}

static void ignore(int signal)
{
    (void)signal;
}

static void prepare(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct mq_attr attributes = {.mq_maxmsg = 4, .mq_msgsize = 64};
    char name[40];
    snprintf(name, sizeof name, "/profinject-%d", (int)getpid());
    signal(SIGUSR1, ignore);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    main_thread = pthread_self();
    mtx_init(&c11_mutex, mtx_timed);
    cnd_init(&c11_condition);
    sem_init(&semaphore, 0, 0);
    pthread_barrier_init(&barrier, NULL, 2);
    listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (pipe(ends) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0 ||
        mkfifo("fifo", 0600) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    listen(listener, 0);
    polled.fd = ends[0];
    epoll = epoll_create1(0);
    file = open("file", O_RDWR | O_CREAT, 0600);
    other_file = open("file", O_RDWR);
    if (ftruncate(file, MUCH) != 0)
        abort();
    queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    semaphores = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
    posix_queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
    mq_unlink(name);
}

int main(int argc, char **argv)
{
    prepare();
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        if (argc < 2 || strcmp(argv[1], calls[i].name) == 0)
            make(&calls[i]);
    msgctl(queue, IPC_RMID, NULL);
    semctl(semaphores, 0, IPC_RMID);
    return 0;
}
