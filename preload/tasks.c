/* Reading /proc/self/task by getdents64 itself: opendir() would take memory from the target's
 * heap. */
#include "preload/tasks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void tasks_list(void (*look)(void *context, int tid), void *context)
{
    _Alignas(struct dirent64) char entries[4096];
    int fd = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    long size;
    if (fd < 0)
        return;
    while ((size = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0) {
        for (long at = 0; at < size;) {
            const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
            int tid = atoi(entry->d_name);
            if (tid > 0)
                look(context, tid);
            at += entry->d_reclen;
        }
    }
    close(fd);
}

/* proc(5): the state stands behind the name, which may hold anything, the end of the thread
 * last in the line. */
bool tasks_has_ended(int tid, int *status)
{
    char text[1024];
    snprintf(text, sizeof text, "/proc/self/task/%d/stat", tid);
    int fd = open(text, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
    if (fd >= 0)
        close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *name_end = strrchr(text, ')'), *last = strrchr(text, ' ');
    if (!name_end || name_end[1] != ' ' || (name_end[2] != 'Z' && name_end[2] != 'X'))
        return false;
    *status = atoi(last);
    return true;
}
