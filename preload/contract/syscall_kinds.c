/* Numbers to kinds. Its own file because who looks from inside and from outside needs it. */
#include "preload/contract/syscall_kinds.h"

#include <linux/futex.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/syscall.h>

bool syscall_kinds_parse(const char *text, struct syscall_seen *seen)
{
    char *rest;
    *seen = (struct syscall_seen){.number = strtol(text, &rest, 10)};
    if (rest == text || seen->number < 0)
        return false;
    for (int i = 0; i < 6; i++)
        seen->arguments[i] = strtoull(rest, &rest, 16);
    return true;
}

static const struct {
    long number;
    enum trace_wait kind;
} kinds[] = {
    {SYS_read, TRACE_WAIT_READ},
    {SYS_pread64, TRACE_WAIT_READ},
    {SYS_readv, TRACE_WAIT_READ},
    {SYS_preadv, TRACE_WAIT_READ},
    {SYS_write, TRACE_WAIT_WRITE},
    {SYS_pwrite64, TRACE_WAIT_WRITE},
    {SYS_writev, TRACE_WAIT_WRITE},
    {SYS_pwritev, TRACE_WAIT_WRITE},
    {SYS_recvfrom, TRACE_WAIT_RECEIVE},
    {SYS_recvmsg, TRACE_WAIT_RECEIVE},
    {SYS_recvmmsg, TRACE_WAIT_RECEIVE},
    {SYS_sendto, TRACE_WAIT_SEND},
    {SYS_sendmsg, TRACE_WAIT_SEND},
    {SYS_sendmmsg, TRACE_WAIT_SEND},
    {SYS_accept, TRACE_WAIT_ACCEPT},
    {SYS_accept4, TRACE_WAIT_ACCEPT},
    {SYS_connect, TRACE_WAIT_CONNECT},
    {SYS_fsync, TRACE_WAIT_SYNC},
    {SYS_fdatasync, TRACE_WAIT_SYNC},
    {SYS_sync_file_range, TRACE_WAIT_SYNC},
    {SYS_msync, TRACE_WAIT_SYNC},
    {SYS_open, TRACE_WAIT_OPEN},
    {SYS_openat, TRACE_WAIT_OPEN},
    {SYS_flock, TRACE_WAIT_FILE_LOCK},
    {SYS_fcntl, TRACE_WAIT_FILE_LOCK},
    {SYS_wait4, TRACE_WAIT_CHILD},
    {SYS_waitid, TRACE_WAIT_CHILD},
    {SYS_poll, TRACE_WAIT_POLL},
    {SYS_ppoll, TRACE_WAIT_POLL},
    {SYS_select, TRACE_WAIT_POLL},
    {SYS_pselect6, TRACE_WAIT_POLL},
    {SYS_epoll_wait, TRACE_WAIT_POLL},
    {SYS_epoll_pwait, TRACE_WAIT_POLL},
    {SYS_epoll_pwait2, TRACE_WAIT_POLL},
    {SYS_nanosleep, TRACE_WAIT_SLEEP},
    {SYS_clock_nanosleep, TRACE_WAIT_SLEEP},
    {SYS_pause, TRACE_WAIT_SIGNAL},
    {SYS_rt_sigsuspend, TRACE_WAIT_SIGNAL},
    {SYS_rt_sigtimedwait, TRACE_WAIT_SIGNAL},
    {SYS_futex, TRACE_WAIT_FUTEX},
    {SYS_semop, TRACE_WAIT_SEMAPHORE},
    {SYS_semtimedop, TRACE_WAIT_SEMAPHORE},
    {SYS_msgrcv, TRACE_WAIT_MESSAGE_QUEUE},
    {SYS_msgsnd, TRACE_WAIT_MESSAGE_QUEUE},
    {SYS_io_getevents, TRACE_WAIT_IO_EVENTS},
};

enum trace_wait syscall_kinds_of(const struct syscall_seen *seen)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].number == seen->number)
            return kinds[i].kind;
    return 0;
}

/* One with a time-out ends: what is left of that the kernel does not know. */
static bool is_endless_futex(const struct syscall_seen *seen)
{
    int operation = (int)seen->arguments[1] & FUTEX_CMD_MASK;
    return seen->number == SYS_futex && seen->arguments[3] == 0 &&
           (operation == FUTEX_WAIT || operation == FUTEX_WAIT_BITSET);
}

bool syscall_kinds_restarts(const struct syscall_seen *seen, int *fd)
{
    *fd = -1;
    switch (seen->number) {
    case SYS_wait4:
    case SYS_waitid:
    case SYS_flock:
        return true;
    case SYS_read:
    case SYS_readv:
        *fd = (int)seen->arguments[0];
        return true;
    default:
        return is_endless_futex(seen);
    }
}
