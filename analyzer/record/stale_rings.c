/*
 * Cleaning up after processes that could not. Its own file because it is the one
 * place that deletes files outside the recording.
 */
#include "analyzer/record/stale_rings.h"

#include "analyzer/record/dead_ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PREFIX "profinject."
#define ID_DIGITS 16
#define OLD_S 3600 /* a ring of another version is nobody's after that time */

/* The process in "profinject.ID.PID.ring", 0 when the name is another one. */
static pid_t owner_of(const char *name, uint64_t *id)
{
    char *end;

    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
        return 0;
    name += strlen(PREFIX);
    *id = strtoull(name, &end, 16);
    if (end != name + ID_DIGITS || end[0] != '.' || end[1] < '0' || end[1] > '9')
        return 0;
    long pid = strtol(end + 1, &end, 10);
    return strcmp(end, ".ring") == 0 && pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

/* The ring's descriptor, locked; -1: it is another user's, somebody is at it, or it has gone. */
static int take(const char *path, struct stat *status)
{
    struct stat now;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode) &&
        status->st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
        lstat(path, &now) == 0 && now.st_ino == status->st_ino)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

/* True when nothing is in it any more that anybody could want. `recording`: the one it is of;
 * NULL: the ring knows. */
static bool is_done_with(const char *path, const struct stat *status,
                         const struct recording *recording)
{
    struct recording own;
    int found = recording != NULL ? 0 : dead_ring_recording(path, &own);

    if (found == -EPROTO)
        return recording != NULL || time(NULL) - status->st_mtime > OLD_S;
    if (found != 0)
        return found == -ENOENT;
    return dead_ring_drain(path, recording != NULL ? recording : &own) >= 0;
}

static size_t remove_in(const char *rings, const struct recording *recording)
{
    char path[PATH_MAX];
    DIR *directory = opendir(rings);
    size_t removed = 0;

    if (directory == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct stat status;
        uint64_t id = 0;
        pid_t pid = owner_of(entry->d_name, &id);
        if (pid <= 0 || (recording != NULL && id != recording->id) || !is_gone(pid))
            continue;
        int length = snprintf(path, sizeof(path), "%s/%s", rings, entry->d_name);
        int fd = length > 0 && (size_t)length < sizeof(path) ? take(path, &status) : -1;
        if (fd < 0)
            continue;
        if (is_done_with(path, &status, recording))
            removed += unlink(path) == 0;
        close(fd);
    }
    closedir(directory);
    return removed;
}

size_t stale_rings_remove(const struct recording *recording)
{
    return remove_in(recording->rings, recording);
}

size_t stale_rings_remove_all(const char *rings)
{
    return remove_in(rings, NULL);
}
