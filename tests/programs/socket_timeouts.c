/*
 * socket_timeouts: waits for a socket with a time-out, in every way there is, while our
 * signal comes 50 times a second. Kernels before 6.4 send it so to a thread that waits,
 * under --clock itimer; here a timer of its own does, with what /proc/self/timers tells of
 * ours. Without us there is none to imitate.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define TIMEOUT_US 200000
#define SIGNALS_NS 20000000
#define PATIENCE_S 10 /* then a wait that begins anew each time is ended */

static int fds[2];
static char byte;
static struct iovec part = {&byte, 1};

static long by_recv(void)
{
    return recv(fds[0], &byte, 1, 0);
}

static long by_recvmsg(void)
{
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return recvmsg(fds[0], &message, 0);
}

static long by_recvmmsg(void)
{
    struct mmsghdr one = {.msg_hdr = {.msg_iov = &part, .msg_iovlen = 1}};
    return recvmmsg(fds[0], &one, 1, 0, NULL);
}

static long by_read(void)
{
    return read(fds[0], &byte, 1);
}

static long by_readv(void)
{
    return readv(fds[0], &part, 1);
}

static void imitate(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID};
    const struct itimerspec times = {{0, SIGNALS_NS}, {0, SIGNALS_NS}};
    FILE *timers = fopen("/proc/self/timers", "r");
    char line[256];
    int timer, found = 0;

    while (timers && !found && fgets(line, sizeof line, timers))
        found =
            sscanf(line, "signal: %d/%p", &event.sigev_signo, &event.sigev_value.sival_ptr) == 2;
    if (timers)
        fclose(timers);
    event.sigev_notify_thread_id = getpid();
    if (found && syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0)
        syscall(SYS_timer_settime, timer, 0, &times, NULL);
}

static void ignore(int signal)
{
    (void)signal;
}

static const struct {
    const char *name;
    long (*wait)(void);
} ways[] = {{"recv", by_recv},
            {"recvmsg", by_recvmsg},
            {"recvmmsg", by_recvmmsg},
            {"read", by_read},
            {"readv", by_readv}};

int main(void)
{
    const struct timeval timeout = {.tv_usec = TIMEOUT_US};
    const struct sigaction action = {.sa_handler = ignore};

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 ||
        setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0)
        return 1;
    sigaction(SIGALRM, &action, NULL);
    imitate();
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        alarm(PATIENCE_S);
        long got = ways[i].wait();
        printf("%s: %ld, %s\n", ways[i].name, got, strerror(errno));
    }
    return 0;
}
