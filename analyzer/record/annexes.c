/*
 * Taking annexes in. Its own file because it reads, as the user whose recording it is, directories
 * that belong to others.
 */
#include "analyzer/record/annexes.h"

#include "preload/contract/annex.h"
#include "preload/contract/recording.h"
#include "preload/contract/trace_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX 1000

static bool copy(int from, int to)
{
    char bytes[64 << 10];
    ssize_t got;

    while ((got = read(from, bytes, sizeof(bytes))) > 0)
        for (ssize_t done = 0, part; done < got; done += part)
            if ((part = write(to, bytes + done, (size_t)(got - done))) <= 0)
                return false;
    return got == 0;
}

/* "a.1.pinj", or "a.1.1.pinj" when there is one of that name. */
static int make_trace(int directory, const char *name, char *made, size_t size)
{
    int stem = (int)(strlen(name) - strlen(RECORDING_TRACE_SUFFIX));
    int fd = -1;

    snprintf(made, size, "%s", name);
    for (int i = 1; i < NAMES_MAX; i++) {
        fd = openat(directory, made, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
        snprintf(made, size, "%.*s.%d%s", stem, name, i, RECORDING_TRACE_SUFFIX);
    }
    return fd;
}

/* A file of that user's and nobody else's, -1: it is something else. */
static int open_file(int directory, const char *name, uid_t user)
{
    struct stat status;
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != user ||
                    status.st_nlink != 1)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* The further parts of a trace that is in the recording as `made`. */
static void take_parts(int annex, const char *name, uid_t user, int directory, const char *made)
{
    char from_name[NAME_MAX + 16], to_name[NAME_MAX + 16];

    for (uint32_t part = 1; part < TRACE_PARTS; part++) {
        trace_part_name(from_name, sizeof(from_name), name, part);
        trace_part_name(to_name, sizeof(to_name), made, part);
        int from = open_file(annex, from_name, user);
        int to = from >= 0 ? openat(directory, to_name,
                                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
                           : -1;
        if (to >= 0 && copy(from, to))
            unlinkat(annex, from_name, 0);
        if (to >= 0)
            close(to);
        if (from >= 0)
            close(from);
    }
}

/* True when the file is in the recording. */
static bool take_file(int annex, const char *name, uid_t user, int directory)
{
    char made[NAME_MAX + 8];
    bool trace = recording_is_trace(name), done = false;
    int from = open_file(annex, name, user), to = -1;

    if (from >= 0 && trace)
        to = make_trace(directory, name, made, sizeof(made));
    else if (from >= 0)
        to = openat(directory, RECORDING_MESSAGES,
                    O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to >= 0)
        done = copy(from, to);
    if (to >= 0 && !done && trace)
        unlinkat(directory, made, 0);
    if (trace && done)
        take_parts(annex, name, user, directory, made);
    if (to >= 0)
        close(to);
    if (from >= 0)
        close(from);
    return done;
}

static size_t take_in(int annex, uid_t user, int directory)
{
    DIR *files = fdopendir(annex); /* which closes it */
    size_t taken = 0;

    for (struct dirent *entry; files != NULL && (entry = readdir(files)) != NULL;) {
        const char *name = entry->d_name;
        bool trace = recording_is_trace(name);
        if (!trace && strcmp(name, RECORDING_MESSAGES) != 0)
            continue;
        if (take_file(annex, name, user, directory) && unlinkat(annex, name, 0) == 0)
            taken += trace;
    }
    unlinkat(annex, RECORDING_MANIFEST, 0);
    if (files != NULL)
        closedir(files);
    else
        close(annex);
    return taken;
}

/* The annex's directory, -1: it does not belong to whom it names. */
static int open_annex(int shared, const char *name, uid_t user)
{
    struct stat status;
    int fd = openat(shared, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd >= 0 && (fstat(fd, &status) != 0 || status.st_uid != user)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

size_t annexes_take_in(const struct recording *recording)
{
    char prefix[64];
    DIR *shared = opendir(ANNEX_DIRECTORY);
    int directory = open(recording->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    size_t taken = 0;

    annex_prefix(recording->path, prefix, sizeof(prefix));
    for (struct dirent *entry;
         shared != NULL && directory >= 0 && (entry = readdir(shared)) != NULL;) {
        const char *name = entry->d_name;
        if (strncmp(name, prefix, strlen(prefix)) != 0)
            continue;
        uid_t user = (uid_t)strtoul(name + strlen(prefix), NULL, 10);
        int annex = open_annex(dirfd(shared), name, user);
        if (annex < 0)
            continue;
        taken += take_in(annex, user, directory);
        unlinkat(dirfd(shared), name, AT_REMOVEDIR);
    }
    if (directory >= 0)
        close(directory);
    if (shared != NULL)
        closedir(shared);
    return taken;
}
