/* Reading with kept descriptors. Its own file because processes and threads are read alike. */
#include "preload/resources/kept_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The target's own descriptors are in another table, but under the same limit. */
static int room_for(int descriptors)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= KEPT_FILE_LOW)
        return 0;
    rlim_t half = (limit.rlim_cur - KEPT_FILE_LOW) / 2;
    int room = half < (rlim_t)descriptors ? (int)half : descriptors;
    return room > KEPT_FILE_OTHERS ? room - KEPT_FILE_OTHERS : 0;
}

int kept_file_move(int fd)
{
    int high = fd < 0 || fd >= KEPT_FILE_LOW ? fd : fcntl(fd, F_DUPFD_CLOEXEC, KEPT_FILE_LOW);
    if (high != fd)
        close(fd);
    return high;
}

static void folder_path(const struct kept_folder *folder, const char *name, char *path, size_t size)
{
    if (folder->pid)
        snprintf(path, size, "/proc/%d/%s", folder->pid, name);
    else
        snprintf(path, size, "/proc/self/%s", name);
}

void kept_folder_open(struct kept_folder *folder, int pid, int descriptors)
{
    char path[64];
    *folder = (struct kept_folder){.pid = pid, .room = room_for(descriptors)};
    folder_path(folder, "", path, sizeof path);
    folder->directory =
        descriptors ? kept_file_move(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) : -1;
    folder->has_proc = folder->directory >= 0 || access(path, F_OK) == 0;
}

void kept_folder_close(struct kept_folder *folder)
{
    if (folder->directory >= 0)
        close(folder->directory);
    folder->directory = -1;
}

static int open_in(const struct kept_folder *folder, const char *name, int flags)
{
    char path[128];
    if (!folder->elsewhere && folder->directory >= 0)
        return openat(folder->directory, name, flags | O_CLOEXEC);
    folder_path(folder, name, path, sizeof path);
    return open(path, flags | O_CLOEXEC);
}

/* False: `visit` has seen enough. */
static bool each_thread(const char *entries, long size, bool (*visit)(void *context, int tid),
                        void *context)
{
    for (long at = 0; at < size;) {
        const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
        int tid = atoi(entry->d_name); /* 0: "." and ".." */
        at += entry->d_reclen;
        if (tid > 0 && !visit(context, tid))
            return false;
    }
    return true;
}

bool kept_folder_each_thread(const struct kept_folder *folder,
                             bool (*visit)(void *context, int tid), void *context)
{
    _Alignas(struct dirent64) char entries[4096];
    int fd = open_in(folder, "task", O_RDONLY | O_DIRECTORY);
    long size = -1;
    while (fd >= 0 && (size = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0 &&
           each_thread(entries, size, visit, context))
        ;
    if (fd >= 0)
        close(fd);
    return size >= 0;
}

static ssize_t read_at_once(int fd, char *text, size_t size)
{
    ssize_t got = pread(fd, text, size - 1, 0);
    ssize_t status = got > 0 ? got : got == 0 ? -ENODATA : -errno;
    text[got > 0 ? got : 0] = '\0';
    return status;
}

ssize_t kept_file_read(struct kept_folder *folder, struct kept_file *file, const char *name,
                       char *text, size_t size)
{
    bool is_open = file && file->fd >= 0 && !folder->elsewhere;
    text[0] = '\0';
    if (is_open)
        return read_at_once(file->fd, text, size);
    int fd = open_in(folder, name, O_RDONLY);
    if (fd < 0)
        return -errno;
    ssize_t got = read_at_once(fd, text, size);
    if (file && !folder->elsewhere && got > 0 && folder->room > 0) {
        file->fd = kept_file_move(fd);
        folder->room -= file->fd >= 0;
    } else {
        close(fd);
    }
    return got;
}

void kept_file_close(struct kept_folder *folder, struct kept_file *file)
{
    if (file->fd < 0)
        return;
    close(file->fd);
    file->fd = -1;
    folder->room++;
}

bool kept_file_number(const char **text, uint64_t *number)
{
    const char *at = *text;
    while (*at && (*at < '0' || *at > '9'))
        at++;
    if (!*at)
        return false;
    for (*number = 0; *at >= '0' && *at <= '9'; at++)
        *number = *number * 10 + (uint64_t)(*at - '0');
    *text = at;
    return true;
}

bool kept_file_named(const char *text, const char *name, uint64_t *number)
{
    const size_t length = strlen(name);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, name, length) == 0) {
            const char *at = line + length;
            return kept_file_number(&at, number);
        }
    }
    return false;
}

bool kept_folder_is_gone(const struct kept_folder *folder, ssize_t status)
{
    return status == -ESRCH || (status == -ENOENT && folder->has_proc);
}

const char *kept_file_reason(ssize_t status)
{
    switch (-status) {
    case EACCES:
    case EPERM:
        return "no permission";
    case ENOENT:
        return "not in /proc";
    case EMFILE:
    case ENFILE:
        return "no descriptor left";
    case ENOMEM:
        return "no memory";
    default:
        return "cannot be read";
    }
}
