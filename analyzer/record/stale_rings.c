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

/* A zombie, all of whose threads are gone, is as good as gone: where nobody waits for it it
 * stays for ever. */
static bool is_zombie(pid_t pid)
{
    char path[32], text[512] = "";
    char state = '?';
    int threads = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return false;
    bool got = fgets(text, sizeof(text), in) != NULL;
    fclose(in);
    const char *behind = got ? strrchr(text, ')') : NULL; /* the name */
    return behind != NULL &&
           sscanf(behind + 1,
                  " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %d", &state,
                  &threads) == 2 &&
           state == 'Z' && threads == 1;
}

static bool is_gone(pid_t pid)
{
    return (kill(pid, 0) != 0 && errno == ESRCH) || is_zombie(pid);
}

/* The ring's descriptor, locked; -EAGAIN: somebody is at it, or it has gone; another -errno: it
 * is another user's. */
static int take(const char *path, struct stat *status)
{
    struct stat now;
    int refused = -EPERM;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode)) {
        bool ours = status->st_uid == geteuid();
        bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0 && lstat(path, &now) == 0 &&
                      now.st_ino == status->st_ino;
        if (ours && locked)
            return fd;
        refused = locked ? -EPERM : -EAGAIN;
    }
    if (fd >= 0)
        close(fd);
    return refused;
}

/* True when nothing is in it any more that anybody could want. `id`: of the recording, by the
 * ring's name; `recording`: that one; NULL: the ring knows where it is. */
static bool is_done_with(const char *path, uint64_t id, const struct stat *status,
                         const struct recording *recording)
{
    struct recording own;
    int found = recording != NULL ? 0 : dead_ring_recording(path, &own);

    if (found == -EPROTO)
        return recording != NULL || time(NULL) - status->st_mtime > OLD_S;
    if (found != 0)
        return found == -ENOENT;
    recording = recording != NULL ? recording : &own;
    if (recording->id != id) /* its own is gone, and another is in the same place */
        return true;
    return !recording_is_others(recording) && dead_ring_drain(path, recording) >= 0;
}

/* What a sweep is for, and what it found. */
struct sweep {
    const char *rings;
    const struct recording *recording; /* whose rings; NULL: whosever */
    struct trace_copies *copies;       /* of what cannot be written; NULL: nobody reads it */
    struct stale_rings found;
    bool count_only;
};

/* Nobody who reads can know whether a process of another namespace lives. */
static bool may_read(const char *path)
{
    struct recording own;

    return dead_ring_recording(path, &own) != -EPERM;
}

static void meet(struct sweep *sweep, const char *path, uint64_t id)
{
    struct stat status;
    char trace[PATH_MAX];

    if ((sweep->copies != NULL || sweep->count_only) && !may_read(path))
        return;
    int fd = take(path, &status);
    bool done = fd >= 0 && !sweep->count_only && is_done_with(path, id, &status, sweep->recording);
    if (done && unlink(path) == 0) {
        sweep->found.removed++;
    } else if (fd >= 0) {
        sweep->found.left++;
        sweep->found.bytes += (uint64_t)status.st_blocks * 512;
    }
    if (!done && fd != -EAGAIN && sweep->copies != NULL) {
        int copy = dead_ring_read(path, sweep->recording, trace);
        if (copy >= 0)
            trace_copies_add(sweep->copies, trace, copy);
    }
    if (fd >= 0)
        close(fd);
}

static struct stale_rings run(struct sweep *sweep)
{
    char path[PATH_MAX];
    DIR *directory = opendir(sweep->rings);

    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        uint64_t id = 0;
        pid_t pid = owner_of(entry->d_name, &id);
        if (pid <= 0 || (sweep->recording != NULL && id != sweep->recording->id) || !is_gone(pid))
            continue;
        int length = snprintf(path, sizeof(path), "%s/%s", sweep->rings, entry->d_name);
        if (length > 0 && (size_t)length < sizeof(path))
            meet(sweep, path, id);
    }
    if (directory != NULL)
        closedir(directory);
    return sweep->found;
}

size_t stale_rings_remove(const struct recording *recording)
{
    struct sweep sweep = {.rings = recording->rings, .recording = recording};

    return run(&sweep).removed;
}

size_t stale_rings_remove_all(const char *rings)
{
    struct sweep sweep = {.rings = rings};

    return run(&sweep).removed;
}

size_t stale_rings_take_in(const struct recording *recording, struct trace_copies *copies)
{
    struct sweep sweep = {.rings = recording->rings, .recording = recording, .copies = copies};

    return run(&sweep).removed;
}

struct stale_rings stale_rings_count(const char *rings)
{
    struct sweep sweep = {.rings = rings, .count_only = true};

    return run(&sweep);
}
