/*
 * Cleaning up after processes that could not. Its own file because it is the one
 * place that deletes files outside the recording.
 */
#include "analyzer/record/stale_rings.h"

#include "analyzer/record/dead_ring.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The process in "PREFIXpid.ring", 0 when the name is another one. */
static pid_t owner_of(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);
    char *end;

    if (strncmp(name, prefix, length) != 0 || name[length] < '0' || name[length] > '9')
        return 0;
    long pid = strtol(name + length, &end, 10);
    return strcmp(end, ".ring") == 0 && pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static bool is_gone(pid_t pid)
{
    return kill(pid, 0) != 0 && errno == ESRCH;
}

size_t stale_rings_remove(const struct recording *recording)
{
    char prefix[64], path[PATH_MAX];
    DIR *directory = opendir(recording->rings);
    size_t removed = 0;

    if (directory == NULL)
        return 0;
    snprintf(prefix, sizeof(prefix), "profinject.%016" PRIx64 ".", recording->id);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        pid_t pid = owner_of(entry->d_name, prefix);
        if (pid <= 0 || !is_gone(pid))
            continue;
        int length = snprintf(path, sizeof(path), "%s/%s", recording->rings, entry->d_name);
        if (length > 0 && (size_t)length < sizeof(path))
            dead_ring_drain(path, recording);
        removed += unlinkat(dirfd(directory), entry->d_name, 0) == 0;
    }
    closedir(directory);
    return removed;
}
