/*
 * A library whose write() to traces of `phases` does less than it might: $WRITES = short: 1000 bytes
 * at most, and every third one is interrupted; quota: after 100 KB the user's quota is used up.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_trace(int fd)
{
    char link[64], path[4096]; /* a thread of ours may have descriptors of its own */
    snprintf(link, sizeof link, "/proc/thread-self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    return strstr(path, "/phases.") != NULL;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static ssize_t (*next)(int, const void *, size_t);
    static unsigned long calls, written;
    const char *how = getenv("WRITES");
    if (!next)
        next = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
    if (!how || !is_trace(fd))
        return next(fd, bytes, size);
    if (strcmp(how, "short") == 0 && ++calls % 3 == 0) {
        errno = EINTR;
        return -1;
    }
    if (strcmp(how, "short") == 0)
        return next(fd, bytes, size < 1000 ? size : 1000);
    if (written > 100000) {
        errno = EDQUOT;
        return -1;
    }
    size = size < 60000 ? size : 60000; /* as far as it reaches */
    written += size;
    return next(fd, bytes, size);
}
