/*
 * What the calls of wait_calls.h wait for, none of which comes: empty pipes, locks that are held,
 * children that do not end. One place for each call that is made; what is dear is there when it is
 * needed. Included by one C file.
 */
#ifndef TESTS_WAIT_PLACES_H
#define TESTS_WAIT_PLACES_H

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/* What a place has to have beside what every place has. */
enum needs { NOTHING, CHILD, THREAD, LISTENER, FULL, FIFO, QUEUES, LOCKED_FILE, LOCKED_BY_CHILD };

struct place {
    int empty[2], full[2], sockets[2], full_sockets[2], listener, epoll, file, other_file;
    pthread_mutex_t locked, free;
    mtx_t c11_locked, c11_free;
    pthread_rwlock_t written;
    pthread_cond_t never;
    cnd_t c11_never;
    sem_t none, end_of_thread;
    pthread_barrier_t two;
    pid_t child;
    pthread_t thread;
    int queue, set, word;
    mqd_t messages;
    struct sockaddr_un address;
};

static void fill(int descriptor)
{
    static char text[4096];
    int flags = fcntl(descriptor, F_GETFL);
    fcntl(descriptor, F_SETFL, flags | O_NONBLOCK);
    while (write(descriptor, text, sizeof text) > 0)
        ;
    while (write(descriptor, text, 1) > 0)
        ;
    fcntl(descriptor, F_SETFL, flags);
}

static void *wait_for_end(void *place)
{
    while (sem_wait(&((struct place *)place)->end_of_thread) != 0)
        ;
    return NULL;
}

/* Waits until it is killed; with a file, first takes its lock. */
static pid_t start_child(int file)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int ready[2];
    char byte = 0;
    if (pipe(ready) != 0)
        exit(1);
    pid_t child = fork();
    if (child == 0) {
        if (file >= 0)
            fcntl(file, F_SETLK, &lock);
        if (write(ready[1], &byte, 1) == 1)
            for (;;)
                pause();
        _exit(1);
    }
    if (read(ready[0], &byte, 1) != 1)
        exit(1);
    close(ready[0]);
    close(ready[1]);
    return child;
}

static int connect_to(const struct place *place, int flags)
{
    int client = socket(AF_UNIX, SOCK_STREAM | flags, 0);
    int status = connect(client, (const struct sockaddr *)&place->address, sizeof place->address);
    int error = errno;
    if (status != 0 || flags == 0)
        close(client);
    errno = error;
    return status;
}

/* Takes nothing any more when FULL. What connects stays open until the process ends. */
static void set_listener(struct place *place, int full)
{
    static int number;
    place->address.sun_family = AF_UNIX;
    snprintf(place->address.sun_path + 1, sizeof place->address.sun_path - 1, "wait_ends.%d.%d",
             getpid(), number++);
    place->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(place->listener, (struct sockaddr *)&place->address, sizeof place->address) != 0 ||
        listen(place->listener, 0) != 0)
        exit(1);
    while (full && connect_to(place, SOCK_NONBLOCK) == 0)
        ;
}

static void set_locks(struct place *place)
{
    pthread_mutex_init(&place->locked, NULL);
    pthread_mutex_init(&place->free, NULL);
    mtx_init(&place->c11_locked, mtx_timed);
    mtx_init(&place->c11_free, mtx_plain);
    pthread_rwlock_init(&place->written, NULL);
    pthread_cond_init(&place->never, NULL);
    cnd_init(&place->c11_never);
    sem_init(&place->none, 0, 0);
    sem_init(&place->end_of_thread, 0, 0);
    pthread_barrier_init(&place->two, NULL, 2);
    pthread_mutex_lock(&place->locked);
    mtx_lock(&place->c11_locked);
    pthread_rwlock_wrlock(&place->written);
}

static void set_queues(struct place *place)
{
    struct mq_attr few = {.mq_maxmsg = 1, .mq_msgsize = 8};
    char name[32];
    snprintf(name, sizeof name, "/wait_ends.%d", getpid());
    place->messages = mq_open(name, O_RDWR | O_CREAT, 0600, &few);
    mq_unlink(name);
    place->queue = msgget(IPC_PRIVATE, 0600);
    place->set = semget(IPC_PRIVATE, 1, 0600);
}

static void set_place(struct place *place, enum needs needs)
{
    if (pipe(place->empty) != 0 || pipe(place->full) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, place->sockets) != 0 ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, place->full_sockets) != 0)
        exit(1);
    fill(place->full[1]);
    fill(place->full_sockets[1]);
    place->epoll = epoll_create1(0);
    epoll_ctl(place->epoll, EPOLL_CTL_ADD, place->empty[0],
              &(struct epoll_event){.events = EPOLLIN});
    set_locks(place);
    place->file = place->other_file = place->listener = -1;
    if (needs == LISTENER || needs == FULL)
        set_listener(place, needs == FULL);
    if (needs == FIFO && mkfifo("wait_ends.fifo", 0600) != 0)
        exit(1);
    if (needs == QUEUES)
        set_queues(place);
    if (needs == LOCKED_FILE || needs == LOCKED_BY_CHILD) {
        place->file = open("wait_ends.lock", O_RDWR | O_CREAT, 0600);
        place->other_file = open("wait_ends.lock", O_RDWR);
        flock(place->other_file, LOCK_EX);
        fcntl(place->other_file, F_OFD_SETLK,
              &(struct flock){.l_type = needs == LOCKED_FILE ? F_WRLCK : F_UNLCK});
    }
    if (needs == CHILD || needs == LOCKED_BY_CHILD)
        place->child = start_child(place->file);
    if (needs == THREAD && pthread_create(&place->thread, NULL, wait_for_end, place) != 0)
        exit(1);
}

static void clear_place(struct place *place, enum needs needs)
{
    int descriptors[] = {place->empty[0],
                         place->empty[1],
                         place->full[0],
                         place->full[1],
                         place->sockets[0],
                         place->sockets[1],
                         place->full_sockets[0],
                         place->full_sockets[1],
                         place->epoll,
                         place->listener,
                         place->file,
                         place->other_file};
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    if (place->child > 0 && kill(place->child, SIGKILL) == 0)
        waitpid(place->child, NULL, 0);
    if (needs == THREAD) {
        sem_post(&place->end_of_thread);
        pthread_join(place->thread, NULL); /* ESRCH where the call has joined it */
    }
    if (needs == QUEUES) {
        mq_close(place->messages);
        msgctl(place->queue, IPC_RMID, NULL);
        semctl(place->set, 0, IPC_RMID);
    }
    unlink("wait_ends.fifo");
    unlink("wait_ends.lock");
}

#endif
