/* Parts of traces. Its own file because all who write traces, and who read them, name parts
 * alike. */
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

int trace_part_name(char *name, size_t size, const char *trace, uint32_t part)
{
    uint32_t number = part % TRACE_PARTS;
    int length =
        number ? snprintf(name, size, "%s.%u", trace, number) : snprintf(name, size, "%s", trace);
    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

/* The empty file, under a name nobody reads; one may be left of somebody killed. */
static int make(int directory, const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(directory, name, flags, 0600);
    if (fd < 0 && errno == EEXIST && unlinkat(directory, name, 0) == 0)
        fd = openat(directory, name, flags, 0600);
    return fd < 0 ? -errno : fd;
}

int trace_part_begin(int directory, const char *trace, uint32_t part, int fd)
{
    char name[PATH_MAX + 80], made[sizeof name];
    int status = trace_part_name(name, sizeof name, trace, part);
    int length = snprintf(made, sizeof made, "%s" TRACE_PART_NEW, trace);
    if (status != 0 || length < 0 || (size_t)length >= sizeof made)
        return -ENAMETOOLONG;
    int file = make(directory, made);
    if (file < 0)
        return file;
    if (renameat(directory, made, directory, name) != 0 || dup3(file, fd, O_CLOEXEC) < 0)
        status = -errno;
    close(file);
    return status;
}
