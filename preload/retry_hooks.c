/*
 * The hooks of retry.h. One file because they are one loop around many names.
 */
#include "preload/retry_hooks.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/retry.h"
#include "preload/socket_wait.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

/* X(type of the result, name, parameters) */
#define REAL_FUNCTIONS(X)                                                                       \
    X(int, poll, (struct pollfd *, nfds_t, int))                                                \
    X(int, __poll_chk, (struct pollfd *, nfds_t, int, size_t))                                  \
    X(int, ppoll, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))         \
    X(int, __ppoll_chk,                                                                         \
      (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t))             \
    X(int, select, (int, fd_set *, fd_set *, fd_set *, struct timeval *))                       \
    X(int, pselect,                                                                             \
      (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))           \
    X(int, epoll_wait, (int, struct epoll_event *, int, int))                                   \
    X(int, epoll_pwait, (int, struct epoll_event *, int, int, const sigset_t *))                \
    X(int, epoll_pwait2,                                                                        \
      (int, struct epoll_event *, int, const struct timespec *, const sigset_t *))              \
    X(int, nanosleep, (const struct timespec *, struct timespec *))                             \
    X(int, clock_nanosleep, (clockid_t, int, const struct timespec *, struct timespec *))       \
    X(int, sem_timedwait, (sem_t *, const struct timespec *))                                   \
    X(int, sem_clockwait, (sem_t *, clockid_t, const struct timespec *))                        \
    X(int, pause, (void))                                                                       \
    X(int, sigsuspend, (const sigset_t *))                                                      \
    X(int, sigwaitinfo, (const sigset_t *, siginfo_t *))                                        \
    X(int, sigtimedwait, (const sigset_t *, siginfo_t *, const struct timespec *))              \
    X(int, msgsnd, (int, const void *, size_t, int))                                            \
    X(ssize_t, msgrcv, (int, void *, size_t, long, int))                                        \
    X(int, semop, (int, struct sembuf *, size_t))                                               \
    X(int, semtimedop, (int, struct sembuf *, size_t, const struct timespec *))                 \
    X(ssize_t, recv, (int, void *, size_t, int))                                                \
    X(ssize_t, __recv_chk, (int, void *, size_t, size_t, int))                                  \
    X(ssize_t, recvfrom, (int, void *, size_t, int, __SOCKADDR_ARG, socklen_t *))               \
    X(ssize_t, __recvfrom_chk, (int, void *, size_t, size_t, int, __SOCKADDR_ARG, socklen_t *)) \
    X(ssize_t, recvmsg, (int, struct msghdr *, int))                                            \
    X(int, recvmmsg, (int, struct mmsghdr *, unsigned, int, struct timespec *))                 \
    X(int, sendmmsg, (int, struct mmsghdr *, unsigned, int))                                    \
    X(ssize_t, send, (int, const void *, size_t, int))                                          \
    X(ssize_t, sendto, (int, const void *, size_t, int, __CONST_SOCKADDR_ARG, socklen_t))       \
    X(ssize_t, sendmsg, (int, const struct msghdr *, int))                                      \
    X(int, accept, (int, __SOCKADDR_ARG, socklen_t *))                                          \
    X(int, accept4, (int, __SOCKADDR_ARG, socklen_t *, int))                                    \
    X(int, connect, (int, __CONST_SOCKADDR_ARG, socklen_t))                                     \
    X(ssize_t, read, (int, void *, size_t))                                                     \
    X(ssize_t, __read_chk, (int, void *, size_t, size_t))                                       \
    X(ssize_t, readv, (int, const struct iovec *, int))                                         \
    X(ssize_t, write, (int, const void *, size_t))                                              \
    X(ssize_t, writev, (int, const struct iovec *, int))                                        \
    X(int, setsockopt, (int, int, int, const void *, socklen_t))

static struct {
#define X(type, name, parameters) type(*name) parameters;
    REAL_FUNCTIONS(X)
#undef X
} real;

void retry_hooks_init(void)
{
#define X(type, name, parameters) *(void **)&real.name = dlsym(RTLD_NEXT, #name);
    REAL_FUNCTIONS(X)
#undef X
}

/* Called before our constructor, by one of another library. */
static __attribute__((noinline, cold)) void find_late(void)
{
    int saved_errno = errno;
    retry_hooks_init();
    errno = saved_errno;
}

#define FIND(name)                         \
    if (PLATFORM_UNLIKELY(real.name == 0)) \
    find_late()

/* True when the call that returned `failed` is to be made again; errno is then what
 * it was before. */
static inline bool again(bool failed, int saved_errno)
{
    if (PLATFORM_LIKELY(!failed || errno != EINTR || !retry_noted))
        return false;
    errno = saved_errno;
    return true;
}

/* `call`, and again where our signal ended it; `before_again` comes in between. */
#define RETRY_WITH(call, before_again)         \
    int saved_errno = errno;                   \
    for (;;) {                                 \
        retry_noted = 0;                       \
        __typeof__(call) result = (call);      \
        if (!again(result == -1, saved_errno)) \
            return result;                     \
        before_again;                          \
    }
#define RETRY(name, ...) \
    FIND(name);          \
    RETRY_WITH(real.name(__VA_ARGS__), (void)0)

/* The same for a socket, whose time-out goes on. */
#define RETRY_SOCKET(name, sends, fd, ...)   \
    FIND(name);                              \
    uint64_t begin_ns = socket_wait_begin(); \
    RETRY_WITH(real.name(fd, __VA_ARGS__), if (!socket_wait_rest(fd, sends, begin_ns)) return -1)

#define NS_PER_S 1000000000ull

static uint64_t ns_of(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_nsec;
}

/* A relative time-out that shrinks. The clock is only read where there is one. */
struct timeout {
    uint64_t begin_ns, length_ns;
    struct timespec left;
    const struct timespec *given; /* &left once it has begun; NULL: for ever */
};

static bool is_finite(const struct timespec *time)
{
    return time && (time->tv_sec | time->tv_nsec) > 0 && time->tv_nsec < (long)NS_PER_S &&
           time->tv_sec >= 0 && time->tv_sec < (time_t)1 << 32;
}

static struct timeout timeout_of(const struct timespec *time)
{
    struct timeout timeout = {.given = time};
    if (is_finite(time) && !confinement_is_strict_sigsafe()) {
        timeout.length_ns = ns_of(time);
        timeout.begin_ns = libc_clock_now_sigsafe();
    }
    return timeout;
}

static void shorten(struct timeout *timeout)
{
    if (!timeout->length_ns)
        return;
    uint64_t passed = libc_clock_now_sigsafe() - timeout->begin_ns;
    uint64_t left = passed < timeout->length_ns ? timeout->length_ns - passed : 0;
    timeout->left =
        (struct timespec){.tv_sec = (time_t)(left / NS_PER_S), .tv_nsec = (long)(left % NS_PER_S)};
    timeout->given = &timeout->left;
}

/* The same in milliseconds, rounded up: what waits must not return early. */
struct timeout_ms {
    uint64_t begin_ns;
    int length, left;
};

static struct timeout_ms timeout_ms_of(int length)
{
    bool asks = length > 0 && !confinement_is_strict_sigsafe();
    return (struct timeout_ms){
        .begin_ns = asks ? libc_clock_now_sigsafe() : 0, .length = length, .left = length};
}

static void shorten_ms(struct timeout_ms *timeout)
{
    if (timeout->length <= 0)
        return;
    uint64_t passed = (libc_clock_now_sigsafe() - timeout->begin_ns) / 1000000u;
    timeout->left = passed < (uint64_t)timeout->length ? timeout->length - (int)passed : 0;
}

/* --- waiting for descriptors --------------------------------------------------- */

PROFINJECT_API int poll(struct pollfd *fds, nfds_t count, int timeout)
{
    FIND(poll);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_WITH(real.poll(fds, count, t.left), shorten_ms(&t))
}

PROFINJECT_API int __poll_chk(struct pollfd *fds, nfds_t count, int timeout, size_t size)
{
    FIND(__poll_chk);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_WITH(real.__poll_chk(fds, count, t.left, size), shorten_ms(&t))
}

PROFINJECT_API int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                         const sigset_t *mask)
{
    FIND(ppoll);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.ppoll(fds, count, t.given, mask), shorten(&t))
}

PROFINJECT_API int __ppoll_chk(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
                               const sigset_t *mask, size_t size)
{
    FIND(__ppoll_chk);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.__ppoll_chk(fds, count, t.given, mask, size), shorten(&t))
}

/* The kernel leaves what is left in *timeout, and the sets as they were. */
PROFINJECT_API int select(int count, fd_set *in, fd_set *out, fd_set *other,
                          struct timeval *timeout){RETRY(select, count, in, out, other, timeout)}

PROFINJECT_API int pselect(int count, fd_set *in, fd_set *out, fd_set *other,
                           const struct timespec *timeout, const sigset_t *mask)
{
    FIND(pselect);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.pselect(count, in, out, other, t.given, mask), shorten(&t))
}

PROFINJECT_API int epoll_wait(int fd, struct epoll_event *events, int count, int timeout)
{
    FIND(epoll_wait);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_WITH(real.epoll_wait(fd, events, count, t.left), shorten_ms(&t))
}

PROFINJECT_API int epoll_pwait(int fd, struct epoll_event *events, int count, int timeout,
                               const sigset_t *mask)
{
    FIND(epoll_pwait);
    struct timeout_ms t = timeout_ms_of(timeout);
    RETRY_WITH(real.epoll_pwait(fd, events, count, t.left, mask), shorten_ms(&t))
}

PROFINJECT_API int epoll_pwait2(int fd, struct epoll_event *events, int count,
                                const struct timespec *timeout, const sigset_t *mask)
{
    FIND(epoll_pwait2);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.epoll_pwait2(fd, events, count, t.given, mask), shorten(&t))
}

/* --- sleeping ------------------------------------------------------------------ */

PROFINJECT_API int clock_nanosleep(clockid_t clock, int flags, const struct timespec *wanted,
                                   struct timespec *left)
{
    struct timespec rest = {0, 0}, next;
    FIND(clock_nanosleep);
    for (;;) {
        retry_noted = 0;
        int status = real.clock_nanosleep(clock, flags, wanted, &rest);
        if (PLATFORM_LIKELY(status != EINTR))
            return status;
        if (!retry_noted) {
            if (left && !(flags & TIMER_ABSTIME))
                *left = rest;
            return status;
        }
        if (!(flags & TIMER_ABSTIME)) {
            next = rest;
            wanted = &next;
        }
    }
}

PROFINJECT_API int nanosleep(const struct timespec *wanted, struct timespec *left)
{
    int status = clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);
    if (status != 0)
        errno = status;
    return status != 0 ? -1 : 0;
}

/* C11's own way to say what ended it. */
PROFINJECT_API int thrd_sleep(const struct timespec *wanted, struct timespec *left)
{
    int status = clock_nanosleep(CLOCK_REALTIME, 0, wanted, left);
    return status == 0 ? 0 : status == EINTR ? -1 : -2;
}

PROFINJECT_API unsigned sleep(unsigned seconds)
{
    struct timespec time = {.tv_sec = (time_t)seconds};
    return nanosleep(&time, &time) == 0 ? 0 : (unsigned)time.tv_sec;
}

PROFINJECT_API int usleep(useconds_t us)
{
    struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000};
    return nanosleep(&time, NULL);
}

/* --- semaphores, signals, System V ---------------------------------------------- */

PROFINJECT_API int sem_timedwait(sem_t *semaphore, const struct timespec *until){
    RETRY(sem_timedwait, semaphore, until)}

PROFINJECT_API int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until){
    RETRY(sem_clockwait, semaphore, clock, until)}

PROFINJECT_API int pause(void){RETRY(pause)}

PROFINJECT_API int sigsuspend(const sigset_t *mask){RETRY(sigsuspend, mask)}

PROFINJECT_API int sigwaitinfo(const sigset_t *set, siginfo_t *info){RETRY(sigwaitinfo, set, info)}

PROFINJECT_API
    int sigtimedwait(const sigset_t *set, siginfo_t *info, const struct timespec *timeout)
{
    FIND(sigtimedwait);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.sigtimedwait(set, info, t.given), shorten(&t))
}

PROFINJECT_API int msgsnd(int queue, const void *message, size_t size,
                          int flags){RETRY(msgsnd, queue, message, size, flags)}

PROFINJECT_API ssize_t msgrcv(int queue, void *message, size_t size, long type,
                              int flags){RETRY(msgrcv, queue, message, size, type, flags)}

PROFINJECT_API int semop(int set, struct sembuf *operations,
                         size_t count){RETRY(semop, set, operations, count)}

PROFINJECT_API
    int semtimedop(int set, struct sembuf *operations, size_t count, const struct timespec *timeout)
{
    FIND(semtimedop);
    struct timeout t = timeout_of(timeout);
    RETRY_WITH(real.semtimedop(set, operations, count, t.given), shorten(&t))
}

/* --- sockets: EINTR only where they have a time-out ------------------------------ */

PROFINJECT_API ssize_t recv(int fd, void *data, size_t size,
                            int flags){RETRY_SOCKET(recv, false, fd, data, size, flags)}

PROFINJECT_API ssize_t __recv_chk(int fd, void *data, size_t size, size_t room, int flags){
    RETRY_SOCKET(__recv_chk, false, fd, data, size, room, flags)}

PROFINJECT_API ssize_t
    recvfrom(int fd, void *data, size_t size, int flags, __SOCKADDR_ARG from,
             socklen_t *length){RETRY_SOCKET(recvfrom, false, fd, data, size, flags, from, length)}

PROFINJECT_API ssize_t __recvfrom_chk(int fd, void *data, size_t size, size_t room, int flags,
                                      __SOCKADDR_ARG from, socklen_t *length){
    RETRY_SOCKET(__recvfrom_chk, false, fd, data, size, room, flags, from, length)}

PROFINJECT_API ssize_t recvmsg(int fd, struct msghdr *message,
                               int flags){RETRY_SOCKET(recvmsg, false, fd, message, flags)}

PROFINJECT_API ssize_t send(int fd, const void *data, size_t size,
                            int flags){RETRY_SOCKET(send, true, fd, data, size, flags)}

PROFINJECT_API ssize_t
    sendto(int fd, const void *data, size_t size, int flags, __CONST_SOCKADDR_ARG to,
           socklen_t length){RETRY_SOCKET(sendto, true, fd, data, size, flags, to, length)}

PROFINJECT_API ssize_t sendmsg(int fd, const struct msghdr *message,
                               int flags){RETRY_SOCKET(sendmsg, true, fd, message, flags)}

/* Its own time-out is looked at after a datagram only, and the call ends with that. */
PROFINJECT_API int recvmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags,
                            struct timespec *timeout){
    RETRY_SOCKET(recvmmsg, false, fd, messages, count, flags, timeout)}

PROFINJECT_API int sendmmsg(int fd, struct mmsghdr *messages, unsigned count,
                            int flags){RETRY_SOCKET(sendmmsg, true, fd, messages, count, flags)}

PROFINJECT_API int accept(int fd, __SOCKADDR_ARG address,
                          socklen_t *length){RETRY_SOCKET(accept, false, fd, address, length)}

PROFINJECT_API int accept4(int fd, __SOCKADDR_ARG address, socklen_t *length,
                           int flags){RETRY_SOCKET(accept4, false, fd, address, length, flags)}

/* The kernel goes on connecting: the second call waits for it, or finds it done. */
PROFINJECT_API int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    int saved_errno = errno;
    bool repeated = false;
    FIND(connect);
    uint64_t begin_ns = socket_wait_begin();
    for (;;) {
        retry_noted = 0;
        int status = real.connect(fd, address, length);
        if (status != 0 && repeated && errno == EISCONN) {
            errno = saved_errno;
            return 0;
        }
        if (!again(status == -1, saved_errno))
            return status;
        repeated = true;
        if (!socket_wait_rest(fd, true, begin_ns)) {
            errno = errno == EAGAIN ? EINPROGRESS : errno;
            return -1;
        }
    }
}

/* Sockets may be read and written as files, too, which is done often: until there is a
 * time-out the call is passed on as a jump. Behind a system call a return is not foreseen
 * and costs 20 ns. */
#define PASS_OR_RETRY(name, sends, fd, ...)   \
    if (PLATFORM_LIKELY(!socket_wait_used)) { \
        FIND(name);                           \
        return real.name(fd, __VA_ARGS__);    \
    }                                         \
    RETRY_SOCKET(name, sends, fd, __VA_ARGS__)

PROFINJECT_API ssize_t read(int fd, void *data,
                            size_t size){PASS_OR_RETRY(read, false, fd, data, size)}

PROFINJECT_API ssize_t __read_chk(int fd, void *data, size_t size, size_t room){
    PASS_OR_RETRY(__read_chk, false, fd, data, size, room)}

PROFINJECT_API ssize_t readv(int fd, const struct iovec *parts,
                             int count){PASS_OR_RETRY(readv, false, fd, parts, count)}

PROFINJECT_API ssize_t
    write(int fd, const void *data, size_t size){PASS_OR_RETRY(write, true, fd, data, size)}

PROFINJECT_API ssize_t writev(int fd, const struct iovec *parts, int count)
{
    PASS_OR_RETRY(writev, true, fd, parts, count)
}

/* --- events of libaio ----------------------------------------------------------- */

/* What that library's function does, where it was loaded out of our sight. */
static int get_events(void *context, long least, long most, void *events, struct timespec *timeout)
{
    int saved_errno = errno;
    long got = syscall(SYS_io_getevents, context, least, most, events, timeout);
    int result = got < 0 ? -errno : (int)got;
    errno = saved_errno;
    return result;
}

typedef int get_events_function(void *, long, long, void *, struct timespec *);

/* Not looked for before it is called: in most programs in vain, which dlerror() would tell. */
static get_events_function *find_get_events(void)
{
    static get_events_function *found;
    int saved_errno = errno;
    if (!found)
        found = (get_events_function *)dlsym(RTLD_NEXT, "io_getevents");
    if (!found) {
        found = get_events;
        dlerror();
    }
    errno = saved_errno;
    return found;
}

PROFINJECT_API get_events_function io_getevents;
PROFINJECT_API int io_getevents(void *context, long least, long most, void *events,
                                struct timespec *timeout)
{
    get_events_function *next = find_get_events();
    struct timeout t = timeout_of(timeout);
    for (;;) {
        retry_noted = 0;
        int got = next(context, least, most, events, (struct timespec *)t.given);
        if (PLATFORM_LIKELY(got != -EINTR || !retry_noted)) /* no errno here */
            return got;
        shorten(&t);
    }
}

PROFINJECT_API int setsockopt(int fd, int level, int option, const void *value, socklen_t size)
{
    FIND(setsockopt);
    if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO))
        socket_wait_used = true;
    return real.setsockopt(fd, level, option, value, size);
}
