/*
 * Tables of descriptors. Its own file because a thread with one of its own is a rarity
 * that needs raw calls.
 */
#include "preload/descriptors.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLOSE_RANGE_UNSHARE
#define CLOSE_RANGE_UNSHARE 2u
#endif

void descriptors_keep_none(void)
{
    syscall(SYS_close_range, 0u, ~0u, CLOSE_RANGE_UNSHARE);
}

void descriptors_keep_only(int a, int b)
{
    int low = a < b ? a : b, high = a < b ? b : a;
    syscall(SYS_unshare, CLONE_FILES);
    if (low > 0)
        syscall(SYS_close_range, 0u, (unsigned)low - 1, 0u);
    if (high > low)
        syscall(SYS_close_range, (unsigned)low + 1, (unsigned)high - 1, 0u);
    syscall(SYS_close_range, (unsigned)high + 1, ~0u, 0u);
}

int descriptors_borrow(int tid, int fd, int flags)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%d/fd/%d", tid, fd);
    return fd < 0 ? -1 : open(path, flags | O_CLOEXEC);
}
