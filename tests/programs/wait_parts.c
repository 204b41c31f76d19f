/*
 * Calls that do a part at a time, and are slow to end: what they say they did is all of it.
 *     wait_parts
 * Who reads sleeps first, longer than any wait is left unasked about. Prints what each returned.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define SIZE (1u << 20)
#define ASLEEP_US 2500000

static char data[SIZE], taken[SIZE];
static int ends[2];

static void *read_late(void *unused)
{
    usleep(ASLEEP_US);
    for (size_t got = 0; got < SIZE;) {
        ssize_t one = read(ends[0], taken, sizeof taken);
        if (one <= 0)
            break;
        got += (size_t)one;
    }
    return unused;
}

static void *write_slowly(void *unused)
{
    for (int i = 0; i < 3; i++) {
        if (write(ends[0], data, 1000) != 1000)
            exit(1);
        usleep(ASLEEP_US / 2);
    }
    return unused;
}

enum way { WRITE, WRITEV, SEND, BY_NUMBER, BY_STDIO, RECEIVE, WAYS };

static long call(enum way way)
{
    const struct iovec halves[2] = {{data, SIZE / 2}, {data, SIZE / 2}};
    FILE *file;
    switch (way) {
    case WRITE:
        return write(ends[1], data, SIZE);
    case WRITEV:
        return writev(ends[1], halves, 2);
    case SEND:
        return send(ends[1], data, SIZE, 0);
    case BY_NUMBER:
        return syscall(SYS_write, ends[1], data, SIZE);
    case BY_STDIO:
        file = fdopen(dup(ends[1]), "w");
        size_t done = fwrite(data, 1, SIZE, file);
        fclose(file);
        return (long)done;
    default:
        return recv(ends[1], taken, 3000, MSG_WAITALL);
    }
}

int main(void)
{
    static const char *const names[WAYS] = {"write",           "writev", "send",
                                            "write by number", "fwrite", "recv all"};
    for (enum way way = WRITE; way < WAYS; way++) {
        pthread_t other;
        int status =
            way == SEND || way == RECEIVE ? socketpair(AF_UNIX, SOCK_STREAM, 0, ends) : pipe(ends);
        if (status != 0 ||
            pthread_create(&other, NULL, way == RECEIVE ? write_slowly : read_late, NULL) != 0)
            return 1;
        printf("%s: %ld\n", names[way], call(way));
        fflush(stdout);
        pthread_join(other, NULL);
        close(ends[0]);
        close(ends[1]);
    }
    return 0;
}
