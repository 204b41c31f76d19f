/*
 * Cleaning up after processes that could not. Its own file because it is the one
 * place that deletes files outside the recording.
 */
#include "analyzer/record/stale_rings.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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
    char prefix[64];
    DIR *directory = opendir(recording->rings);
    size_t removed = 0;

    if (directory == NULL)
        return 0;
    snprintf(prefix, sizeof(prefix), "profinject.%016" PRIx64 ".", recording->id);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        pid_t pid = owner_of(entry->d_name, prefix);
        if (pid > 0 && is_gone(pid) && unlinkat(dirfd(directory), entry->d_name, 0) == 0)
            removed++;
    }
    closedir(directory);
    return removed;
}
