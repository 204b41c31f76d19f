/*
 * Opening files, locking them, and waiting until they are on the disk. One file because all of
 * them are about a file, and not about what is in it.
 */
#include "preload/hooked.h"
#include "preload/wait_hooks.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define REAL_FUNCTIONS(X)                                      \
    X(int, open, (const char *, int, ...))                     \
    X(int, open64, (const char *, int, ...))                   \
    X(int, openat, (int, const char *, int, ...))              \
    X(int, openat64, (int, const char *, int, ...))            \
    X(int, creat, (const char *, mode_t))                      \
    X(int, creat64, (const char *, mode_t))                    \
    X(int, __open_2, (const char *, int))                      \
    X(int, __open64_2, (const char *, int))                    \
    X(int, __openat_2, (int, const char *, int))               \
    X(int, __openat64_2, (int, const char *, int))             \
    X(int, fsync, (int))                                       \
    X(int, fdatasync, (int))                                   \
    X(int, sync_file_range, (int, off64_t, off64_t, unsigned)) \
    X(int, msync, (void *, size_t, int))                       \
    X(int, syncfs, (int))                                      \
    X(void, sync, (void))                                      \
    X(int, flock, (int, int))                                  \
    X(int, lockf, (int, int, off_t))                           \
    X(int, lockf64, (int, int, off64_t))                       \
    X(int, fcntl, (int, int, ...))                             \
    X(int, fcntl64, (int, int, ...))
HOOK_TABLE(file_hooks_init)

/* --- opening ------------------------------------------------------------------------------ */

/* What was opened is known when it is. */
#define OPEN(call)                                                   \
    PASS_UNLESS_WATCHED(call);                                       \
    struct wait wait;                                                \
    waits_begin(&wait, TRACE_WAIT_OPEN, 0, 0);                       \
    const int result = call;                                         \
    END_WAIT(wait, TRACE_WAIT_OPEN, waits_descriptor(result), 0, 0); \
    if (result >= 0)                                                 \
        io_counts_changed(result);                                   \
    return result

/* A mode that is not there is read, and not looked at: registers hold it. */
#define MODE_BEHIND(last)                         \
    va_list list;                                 \
    va_start(list, last);                         \
    const unsigned mode = va_arg(list, unsigned); \
    va_end(list)

PROFINJECT_API int open(const char *path, int flags, ...)
{
    MODE_BEHIND(flags);
    FIND(open);
    OPEN(real.open(path, flags, mode));
}

PROFINJECT_API int open64(const char *path, int flags, ...)
{
    MODE_BEHIND(flags);
    FIND(open64);
    OPEN(real.open64(path, flags, mode));
}

PROFINJECT_API int openat(int directory, const char *path, int flags, ...)
{
    MODE_BEHIND(flags);
    FIND(openat);
    OPEN(real.openat(directory, path, flags, mode));
}

PROFINJECT_API int openat64(int directory, const char *path, int flags, ...)
{
    MODE_BEHIND(flags);
    FIND(openat64);
    OPEN(real.openat64(directory, path, flags, mode));
}

PROFINJECT_API int creat(const char *path, mode_t mode)
{
    FIND(creat);
    OPEN(real.creat(path, mode));
}

PROFINJECT_API int creat64(const char *path, mode_t mode)
{
    FIND(creat64);
    OPEN(real.creat64(path, mode));
}

/* As programs are compiled that have their calls checked. */
PROFINJECT_API int __open_2(const char *path, int flags);
PROFINJECT_API int __open_2(const char *path, int flags)
{
    FIND(__open_2);
    OPEN(real.__open_2(path, flags));
}

PROFINJECT_API int __open64_2(const char *path, int flags);
PROFINJECT_API int __open64_2(const char *path, int flags)
{
    FIND(__open64_2);
    OPEN(real.__open64_2(path, flags));
}

PROFINJECT_API int __openat_2(int directory, const char *path, int flags);
PROFINJECT_API int __openat_2(int directory, const char *path, int flags)
{
    FIND(__openat_2);
    OPEN(real.__openat_2(directory, path, flags));
}

PROFINJECT_API int __openat64_2(int directory, const char *path, int flags);
PROFINJECT_API int __openat64_2(int directory, const char *path, int flags)
{
    FIND(__openat64_2);
    OPEN(real.__openat64_2(directory, path, flags));
}

/* --- until it is on the disk ------------------------------------------------------------------ */

#define SYNC(object, call)     \
    PASS_UNLESS_WATCHED(call); \
    WAIT_IN(TRACE_WAIT_SYNC, object, 0, 0, call)

PROFINJECT_API int fsync(int fd)
{
    FIND(fsync);
    SYNC(waits_descriptor(fd), real.fsync(fd));
}

PROFINJECT_API int fdatasync(int fd)
{
    FIND(fdatasync);
    SYNC(waits_descriptor(fd), real.fdatasync(fd));
}

PROFINJECT_API int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags)
{
    FIND(sync_file_range);
    SYNC(waits_descriptor(fd), real.sync_file_range(fd, at, size, flags));
}

PROFINJECT_API int msync(void *address, size_t size, int flags)
{
    FIND(msync);
    SYNC(0, real.msync(address, size, flags));
}

PROFINJECT_API int syncfs(int fd)
{
    FIND(syncfs);
    SYNC(waits_descriptor(fd), real.syncfs(fd));
}

PROFINJECT_API void sync(void)
{
    struct wait wait;
    FIND(sync);
    waits_begin(&wait, TRACE_WAIT_SYNC, 0, 0);
    real.sync();
    END_WAIT(wait, TRACE_WAIT_SYNC, 0, 0, 0);
}

/* --- locks ------------------------------------------------------------------------------------- */

#define LOCK_FILE(call)        \
    PASS_UNLESS_WATCHED(call); \
    WAIT_IN(TRACE_WAIT_FILE_LOCK, waits_descriptor(fd), 0, 0, call)

PROFINJECT_API int flock(int fd, int operation)
{
    FIND(flock);
    LOCK_FILE(real.flock(fd, operation));
}

PROFINJECT_API int lockf(int fd, int command, off_t size)
{
    FIND(lockf);
    LOCK_FILE(real.lockf(fd, command, size));
}

PROFINJECT_API int lockf64(int fd, int command, off64_t size)
{
    FIND(lockf64);
    LOCK_FILE(real.lockf64(fd, command, size));
}

/* Of all that these do only two wait. Whether the descriptor is to block may be another now. */
static inline bool waits_for_lock(int fd, int command)
{
    if (command == F_SETFL)
        io_counts_changed(fd);
    return PLATFORM_UNLIKELY(command == F_SETLKW || command == F_OFD_SETLKW);
}

#define ARGUMENT_BEHIND(last)                    \
    va_list list;                                \
    va_start(list, last);                        \
    void *const argument = va_arg(list, void *); \
    va_end(list)

PROFINJECT_API int fcntl(int fd, int command, ...)
{
    ARGUMENT_BEHIND(command);
    FIND(fcntl);
    if (!waits_for_lock(fd, command))
        return real.fcntl(fd, command, argument);
    LOCK_FILE(real.fcntl(fd, command, argument));
}

PROFINJECT_API int fcntl64(int fd, int command, ...)
{
    ARGUMENT_BEHIND(command);
    FIND(fcntl64);
    if (!waits_for_lock(fd, command))
        return real.fcntl64(fd, command, argument);
    LOCK_FILE(real.fcntl64(fd, command, argument));
}
