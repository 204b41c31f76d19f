/*
 * Threads that wait for descriptors in known ways, and measure it (see wait_measure.h):
 *
 *     wait_io_targets SCENARIO [SECONDS]
 *
 * pipes: a chain, each thread wakes the next. reader: one reads what comes after SECONDS. socket:
 * accepting, connecting, receiving after known delays, sending to a slow reader. disk: fsync,
 * synchronous writes, reads of what is no longer cached, in a file of the current directory. locks:
 * flock and record locks. queues: messages.
 */
#include "wait_stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/socket.h>

/* --- pipes, reader ---------------------------------------------------------------- */

#define CHAIN 4

static struct link {
    int ends[2];
    atomic_int writer;
} links[CHAIN];

/* False at the end of it. */
NOINLINE static int wait_for_byte(struct link *link)
{
    char byte;
    return WAITED("read", NULL, read(link->ends[0], &byte, 1), link->writer) == 1;
}

/* Waits for nobody, but whom it wakes may be given its processor. */
NOINLINE static void pass_on(struct link *link)
{
    link->writer = wait_self->tid;
    if (WAITED("write", NULL, write(link->ends[1], "x", 1), 0) != 1)
        wait_wrong("pipe");
}

/* The first sleeps and begins; the last passes nothing on. */
static void *chained(void *argument)
{
    intptr_t index = (intptr_t)argument;
    begin_one_of("chained", argument);
    while (index == 0 ? goes_on() : wait_for_byte(&links[index - 1])) {
        if (index == 0)
            wait_asleep(0.020);
        compute(0.001);
        if (index < CHAIN)
            pass_on(&links[index]);
    }
    if (index < CHAIN) {
        links[index].writer = 0; /* who closes writes nothing */
        close(links[index].ends[1]);
    }
    wait_end();
    return NULL;
}

static void *late_reader(void *index)
{
    wait_begin("reader");
    wait_for_byte(&links[(intptr_t)index]);
    wait_end();
    return NULL;
}

static void write_late(void)
{
    wait_asleep(seconds);
    pass_on(&links[0]);
}

/* --- socket ----------------------------------------------------------------------- */

static int listener;
static struct sockaddr_in address = {.sin_family = AF_INET};

NOINLINE static int wait_for_client(void)
{
    return WAITED("accept", NULL, accept(listener, NULL, NULL), 0);
}

NOINLINE static void wait_to_connect(int socket)
{
    const struct sockaddr *to = (const struct sockaddr *)&address;
    if (WAITED("connect", NULL, connect(socket, to, sizeof address), 0) != 0)
        wait_wrong("connect");
}

NOINLINE static ssize_t wait_to_receive(int socket, void *to, size_t size)
{
    return WAITED("receive", NULL, recv(socket, to, size, 0), 0);
}

NOINLINE static void wait_to_send(int socket, const void *from, size_t size)
{
    if (WAITED("send", NULL, send(socket, from, size, MSG_NOSIGNAL), 0) != (ssize_t)size)
        wait_wrong("send");
}

/* Answers each byte after a while, and takes the last long message slowly. */
static void *server(void *index)
{
    static char part[1 << 16];
    begin_one_of("server", index);
    int client = wait_for_client();
    while (wait_to_receive(client, part, 1) == 1 && part[0] != 'l') {
        wait_asleep(0.015);
        wait_to_send(client, part, 1);
    }
    for (ssize_t got; (got = wait_to_receive(client, part, sizeof part)) > 0;)
        wait_asleep(0.002);
    close(client);
    wait_end();
    return NULL;
}

static void *client(void *index)
{
    static char message[8 << 20];
    char byte = 'x';
    begin_one_of("client", index);
    wait_asleep(0.2);
    int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    wait_to_connect(server);
    while (goes_on()) {
        wait_asleep(0.012);
        wait_to_send(server, &byte, 1);
        wait_to_receive(server, &byte, 1);
    }
    memset(message, 'm', sizeof message);
    message[0] = 'l';
    wait_to_send(server, message, sizeof message);
    close(server);
    wait_end();
    return NULL;
}

static void listen_for_client(void)
{
    socklen_t size = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        wait_wrong("no socket");
}

/* --- disk ------------------------------------------------------------------------- */

#define BLOCK 65536

static char block[BLOCK];

NOINLINE static int wait_to_open(const char *name, int flags)
{
    return WAITED("open", NULL, open(name, flags, 0600), 0);
}

static int open_file(const char *name, int flags)
{
    int file = wait_to_open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | flags);
    if (file < 0)
        wait_wrong("no file");
    unlink(name);
    return file;
}

NOINLINE static void wait_for_disk(int file)
{
    if (WAITED("sync", NULL, fsync(file), 0) != 0)
        wait_wrong("fsync");
}

/* Where nothing waits for the disk it may be because another has written it. */
NOINLINE static void wait_to_write(int file, const void *from, size_t size, off_t at)
{
    if (WAITED("write", NULL, pwrite(file, from, size, at), 0) != (ssize_t)size)
        wait_wrong("pwrite");
}

NOINLINE static void wait_to_read_file(int file, off_t at)
{
    char to[4096];
    if (WAITED("read", NULL, pread(file, to, sizeof to, at), 0) != sizeof to)
        wait_wrong("pread");
}

static void *syncing(void *index)
{
    begin_one_of("syncing", index);
    int file = open_file("wait_io_synced", 0);
    for (off_t at = 0; goes_on(); at += BLOCK) {
        wait_to_write(file, block, BLOCK, at % (64 * BLOCK));
        wait_for_disk(file);
        wait_asleep(0.001);
    }
    close(file);
    wait_end();
    return NULL;
}

static void *writing_through(void *index)
{
    begin_one_of("through", index);
    int file = open_file("wait_io_written", O_DSYNC);
    for (off_t at = 0; goes_on(); at += 4096) {
        wait_to_write(file, block, 4096, at % (64 * BLOCK));
        wait_asleep(0.001);
    }
    close(file);
    wait_end();
    return NULL;
}

static void *reading(void *index)
{
    begin_one_of("reading", index);
    int file = open_file("wait_io_read", 0);
    for (off_t at = 0; at < 64 * BLOCK; at += BLOCK)
        wait_to_write(file, block, BLOCK, at);
    wait_for_disk(file);
    for (uint32_t at = 0; goes_on(); at = at * 1103515245u + 12345u) {
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        wait_to_read_file(file, (off_t)(at >> 8) % (63 * BLOCK));
        wait_asleep(0.001);
    }
    close(file);
    wait_end();
    return NULL;
}

/* --- locks, queues ---------------------------------------------------------------- */

NOINLINE static void wait_to_flock(int file)
{
    WAITED("file lock", NULL, flock(file, LOCK_EX), 0);
}

/* Waits for nobody, but may lose the processor, and is a call of the kind. */
NOINLINE static void unlock(int file)
{
    WAITED("file lock", NULL, flock(file, LOCK_UN), 0);
}

NOINLINE static void wait_for_record_lock(int file, struct flock *lock)
{
    WAITED("file lock", NULL, fcntl(file, F_OFD_SETLKW, lock), 0);
}

/* Each by an opening of its own; the first two by flock. */
static void *locking(void *argument)
{
    intptr_t index = (intptr_t)argument;
    struct flock lock = {.l_whence = SEEK_SET, .l_len = 1};
    int file =
        open(index < 2 ? "wait_io_flock" : "wait_io_record", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    begin_one_of("locking", argument);
    while (goes_on()) {
        lock.l_type = F_WRLCK;
        if (index < 2)
            wait_to_flock(file);
        else
            wait_for_record_lock(file, &lock);
        wait_asleep(0.020);
        lock.l_type = F_UNLCK;
        if (index < 2)
            unlock(file);
        else
            fcntl(file, F_OFD_SETLK, &lock);
        wait_asleep(0.002);
    }
    wait_end();
    close(file);
    return NULL;
}

static int queue;

static struct message {
    long type;
    char text[8];
} message = {1, "text"};

NOINLINE static ssize_t wait_for_message(struct message *to)
{
    return WAITED("message queue", NULL, msgrcv(queue, to, sizeof to->text, 0, 0), 0);
}

static void *receiver(void *index)
{
    struct message got;
    begin_one_of("receiver", index);
    while (wait_for_message(&got) > 0 && got.type == 1)
        compute(0.001);
    msgctl(queue, IPC_RMID, NULL);
    wait_end();
    return NULL;
}

static void *poster(void *index)
{
    struct message last = {2, "last"};
    begin_one_of("poster", index);
    while (goes_on()) {
        wait_asleep(0.020);
        msgsnd(queue, &message, sizeof message.text, 0);
    }
    msgsnd(queue, &last, sizeof last.text, 0);
    wait_end();
    return NULL;
}

/* --------------------------------------------------------------------------------- */

static int stage(const char *scenario)
{
    for (int i = 0; i < CHAIN; i++)
        if (pipe(links[i].ends) != 0)
            wait_wrong("no pipe");
    if (strcmp(scenario, "pipes") == 0) {
        start_all(chained, CHAIN + 1);
    } else if (strcmp(scenario, "reader") == 0) {
        start_all(late_reader, 1);
        write_late();
    } else if (strcmp(scenario, "socket") == 0) {
        listen_for_client();
        start_all(server, 1);
        start_all(client, 1);
    } else if (strcmp(scenario, "disk") == 0) {
        start_all(syncing, 1);
        start_all(writing_through, 1);
        start_all(reading, 1);
    } else if (strcmp(scenario, "locks") == 0) {
        start_all(locking, 4);
    } else if (strcmp(scenario, "queues") == 0) {
        queue = msgget(IPC_PRIVATE, 0600);
        start_all(receiver, 1);
        start_all(poster, 1);
    } else {
        return 0;
    }
    return 1;
}
