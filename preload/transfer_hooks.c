/*
 * Reading and writing by descriptor. Its own file because these are called most often of all that
 * may wait: each costs two looks at the processor's counter, and a return that, behind a
 * system call, is not foreseen; 40 ns.
 */
#include "preload/confinement.h"
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <stdarg.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL_FUNCTIONS(X)                                                   \
    X(ssize_t, read, (int, void *, size_t))                                 \
    X(ssize_t, __read_chk, (int, void *, size_t, size_t))                   \
    X(ssize_t, readv, (int, const struct iovec *, int))                     \
    X(ssize_t, write, (int, const void *, size_t))                          \
    X(ssize_t, writev, (int, const struct iovec *, int))                    \
    X(ssize_t, pread, (int, void *, size_t, off_t))                         \
    X(ssize_t, pread64, (int, void *, size_t, off64_t))                     \
    X(ssize_t, __pread_chk, (int, void *, size_t, off_t, size_t))           \
    X(ssize_t, __pread64_chk, (int, void *, size_t, off64_t, size_t))       \
    X(ssize_t, pwrite, (int, const void *, size_t, off_t))                  \
    X(ssize_t, pwrite64, (int, const void *, size_t, off64_t))              \
    X(ssize_t, preadv, (int, const struct iovec *, int, off_t))             \
    X(ssize_t, preadv64, (int, const struct iovec *, int, off64_t))         \
    X(ssize_t, preadv2, (int, const struct iovec *, int, off_t, int))       \
    X(ssize_t, preadv64v2, (int, const struct iovec *, int, off64_t, int))  \
    X(ssize_t, pwritev, (int, const struct iovec *, int, off_t))            \
    X(ssize_t, pwritev64, (int, const struct iovec *, int, off64_t))        \
    X(ssize_t, pwritev2, (int, const struct iovec *, int, off_t, int))      \
    X(ssize_t, pwritev64v2, (int, const struct iovec *, int, off64_t, int)) \
    X(off_t, lseek, (int, off_t, int))                                      \
    X(off64_t, lseek64, (int, off64_t, int))                                \
    X(int, socket, (int, int, int))                                         \
    X(int, socketpair, (int, int, int, int *))                              \
    X(int, pipe, (int *))                                                   \
    X(int, dup, (int))                                                      \
    X(int, eventfd, (unsigned, int))                                        \
    X(int, timerfd_create, (int, int))                                      \
    X(int, ioctl, (int, unsigned long, void *))                             \
    X(int, close, (int))                                                    \
    X(int, dup2, (int, int))                                                \
    X(int, dup3, (int, int, int))                                           \
    X(int, close_range, (unsigned, unsigned, int))                          \
    X(void, closefrom, (int))                                               \
    X(ssize_t, sendfile, (int, int, off_t *, size_t))                       \
    X(ssize_t, sendfile64, (int, int, off64_t *, size_t))                   \
    X(ssize_t, splice, (int, off64_t *, int, off64_t *, size_t, unsigned))  \
    X(ssize_t, copy_file_range, (int, off64_t *, int, off64_t *, size_t, unsigned))
HOOK_TABLE(transfer_hooks_init)

/* --- what may be a pipe or a socket --------------------------------------------------------- */

static int writer_of(int fd, const struct wait *wait, uint64_t ended)
{
    return confinement_any_sigsafe() ? 0 : wakers_find_writer(fd, waits_tid(), wait->ticks, ended);
}

#define READ_STREAM(call)                                                                     \
    SOCKET_IN(TRACE_WAIT_READ, false, (void)0, result >= 0 ? writer_of(fd, &wait, ended) : 0, \
              hooked_bytes(result),                                                           \
              io_counts_add(fd, IO_READ, hooked_bytes(result), IO_COUNTS_BEHIND), call)

/* Who reads from the other end may be woken before the call is back. */
static inline void note_write(int fd, const struct wait *wait)
{
    if (wait->place)
        wakers_note_write(fd, waits_tid(), wait->ticks);
}

#define WRITE_STREAM(call)                                                            \
    SOCKET_IN(TRACE_WAIT_WRITE, true, note_write(fd, &wait), 0, hooked_bytes(result), \
              io_counts_add(fd, IO_WRITE, hooked_bytes(result), IO_COUNTS_BEHIND), call)

PROFINJECT_API ssize_t read(int fd, void *data, size_t size)
{
    FIND(read);
    READ_STREAM(real.read(fd, data, size));
}

PROFINJECT_API ssize_t __read_chk(int fd, void *data, size_t size, size_t room)
{
    FIND(__read_chk);
    READ_STREAM(real.__read_chk(fd, data, size, room));
}

PROFINJECT_API ssize_t readv(int fd, const struct iovec *parts, int count)
{
    FIND(readv);
    READ_STREAM(real.readv(fd, parts, count));
}

PROFINJECT_API ssize_t write(int fd, const void *data, size_t size)
{
    FIND(write);
    WRITE_STREAM(real.write(fd, data, size));
}

PROFINJECT_API ssize_t writev(int fd, const struct iovec *parts, int count)
{
    FIND(writev);
    WRITE_STREAM(real.writev(fd, parts, count));
}

/* --- at a place in a file --------------------------------------------------------------------- */

#define FILE_IN(kind, direction, fd, at, call)                           \
    PASS_UNLESS_WATCHED(call);                                           \
    struct wait wait;                                                    \
    waits_begin(&wait, kind, waits_descriptor(fd), 0);                   \
    const ssize_t result = (call);                                       \
    END_WAIT(wait, kind, waits_descriptor(fd), 0, hooked_bytes(result)); \
    if (result >= 0 && !IS_OWN)                                          \
        io_counts_add(fd, direction, (uint64_t)result, (int64_t)(at));   \
    return result
#define READ_FILE(call) FILE_IN(TRACE_WAIT_READ, IO_READ, fd, at, call)
#define WRITE_FILE(call) FILE_IN(TRACE_WAIT_WRITE, IO_WRITE, fd, at, call)

PROFINJECT_API ssize_t pread(int fd, void *data, size_t size, off_t at)
{
    FIND(pread);
    READ_FILE(real.pread(fd, data, size, at));
}

PROFINJECT_API ssize_t pread64(int fd, void *data, size_t size, off64_t at)
{
    FIND(pread64);
    READ_FILE(real.pread64(fd, data, size, at));
}

PROFINJECT_API ssize_t __pread_chk(int fd, void *data, size_t size, off_t at, size_t room)
{
    FIND(__pread_chk);
    READ_FILE(real.__pread_chk(fd, data, size, at, room));
}

PROFINJECT_API ssize_t __pread64_chk(int fd, void *data, size_t size, off64_t at, size_t room)
{
    FIND(__pread64_chk);
    READ_FILE(real.__pread64_chk(fd, data, size, at, room));
}

PROFINJECT_API ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    FIND(pwrite);
    WRITE_FILE(real.pwrite(fd, data, size, at));
}

PROFINJECT_API ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    FIND(pwrite64);
    WRITE_FILE(real.pwrite64(fd, data, size, at));
}

PROFINJECT_API ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at)
{
    FIND(preadv);
    READ_FILE(real.preadv(fd, parts, count, at));
}

PROFINJECT_API ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at)
{
    FIND(preadv64);
    READ_FILE(real.preadv64(fd, parts, count, at));
}

PROFINJECT_API ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t at, int flags)
{
    FIND(preadv2);
    READ_FILE(real.preadv2(fd, parts, count, at, flags));
}

PROFINJECT_API ssize_t preadv64v2(int fd, const struct iovec *parts, int count, off64_t at,
                                  int flags)
{
    FIND(preadv64v2);
    READ_FILE(real.preadv64v2(fd, parts, count, at, flags));
}

PROFINJECT_API ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
    FIND(pwritev);
    WRITE_FILE(real.pwritev(fd, parts, count, at));
}

PROFINJECT_API ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at)
{
    FIND(pwritev64);
    WRITE_FILE(real.pwritev64(fd, parts, count, at));
}

PROFINJECT_API ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags)
{
    FIND(pwritev2);
    WRITE_FILE(real.pwritev2(fd, parts, count, at, flags));
}

PROFINJECT_API ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at,
                                   int flags)
{
    FIND(pwritev64v2);
    WRITE_FILE(real.pwritev64v2(fd, parts, count, at, flags));
}

/* --- from one to another: it counts as written ---------------------------------------------------- */

#define COPY(call) FILE_IN(TRACE_WAIT_WRITE, IO_WRITE, out, IO_COUNTS_BEHIND, call)

PROFINJECT_API ssize_t sendfile(int out, int in, off_t *at, size_t size)
{
    FIND(sendfile);
    COPY(real.sendfile(out, in, at, size));
}

PROFINJECT_API ssize_t sendfile64(int out, int in, off64_t *at, size_t size)
{
    FIND(sendfile64);
    COPY(real.sendfile64(out, in, at, size));
}

PROFINJECT_API ssize_t splice(int in, off64_t *from, int out, off64_t *to, size_t size,
                              unsigned flags)
{
    FIND(splice);
    COPY(real.splice(in, from, out, to, size, flags));
}

PROFINJECT_API ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size,
                                       unsigned flags)
{
    FIND(copy_file_range);
    COPY(real.copy_file_range(in, from, out, to, size, flags));
}

/* --- what counts of calls hang on (io_counts.h) ----------------------------------------------------- */

/* Where it is, it may be asked. */
static inline void note_seek(int fd, int64_t offset, int whence)
{
    if (whence != SEEK_CUR || offset)
        io_counts_moved(fd);
}

PROFINJECT_API off_t lseek(int fd, off_t offset, int whence)
{
    FIND(lseek);
    note_seek(fd, offset, whence);
    return real.lseek(fd, offset, whence);
}

PROFINJECT_API off64_t lseek64(int fd, off64_t offset, int whence)
{
    FIND(lseek64);
    note_seek(fd, offset, whence);
    return real.lseek64(fd, offset, whence);
}

PROFINJECT_API int close(int fd)
{
    FIND(close);
    if (io_counts_place)
        io_counts_closing(fd);
    return real.close(fd);
}

PROFINJECT_API int dup2(int from, int to)
{
    FIND(dup2);
    io_counts_changed(to);
    return real.dup2(from, to);
}

PROFINJECT_API int dup3(int from, int to, int flags)
{
    FIND(dup3);
    io_counts_changed(to);
    return real.dup3(from, to, flags);
}

PROFINJECT_API int close_range(unsigned first, unsigned last, int flags)
{
    FIND(close_range);
    io_counts_all_changed();
    return real.close_range(first, last, flags);
}

PROFINJECT_API void closefrom(int first)
{
    FIND(closefrom);
    io_counts_all_changed();
    real.closefrom(first);
}

/* A descriptor of that number may have been closed out of our sight, by fclose() say. */
static inline int made(int fd)
{
    if (fd >= 0)
        io_counts_changed(fd);
    return fd;
}

static inline int made_both(int status, const int *ends)
{
    if (status == 0) {
        made(ends[0]);
        made(ends[1]);
    }
    return status;
}

PROFINJECT_API int socket(int domain, int type, int protocol)
{
    FIND(socket);
    return made(real.socket(domain, type, protocol));
}

PROFINJECT_API int socketpair(int domain, int type, int protocol, int ends[2])
{
    FIND(socketpair);
    return made_both(real.socketpair(domain, type, protocol, ends), ends);
}

PROFINJECT_API int pipe(int ends[2])
{
    FIND(pipe);
    return made_both(real.pipe(ends), ends);
}

PROFINJECT_API int dup(int fd)
{
    FIND(dup);
    return made(real.dup(fd));
}

PROFINJECT_API int eventfd(unsigned value, int flags)
{
    FIND(eventfd);
    return made(real.eventfd(value, flags));
}

PROFINJECT_API int timerfd_create(int clock, int flags)
{
    FIND(timerfd_create);
    return made(real.timerfd_create(clock, flags));
}

/* FIONBIO says whether it is to block. */
PROFINJECT_API int ioctl(int fd, unsigned long request, ...)
{
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    FIND(ioctl);
    if (request == FIONBIO)
        io_counts_changed(fd);
    return real.ioctl(fd, request, argument);
}
