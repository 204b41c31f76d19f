/*
 * Finding traces. Its own file because it is about directories and names, and
 * opens no trace.
 */
#include "analyzer/load/sources.h"

#include "analyzer/util/memory.h"
#include "preload/contract/recording.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static struct file_identity identity_of(const struct stat *status)
{
    return (struct file_identity){status->st_dev, status->st_ino};
}

static bool is_listed(const struct sources *sources, struct file_identity file)
{
    for (size_t i = 0; i < sources->count; i++) {
        const struct file_identity *listed = &sources->traces[i].file;
        if (listed->device == file.device && listed->inode == file.inode)
            return true;
    }
    return false;
}

/* The copy that is to be read for the file, or is that file; NULL: none. */
static const struct trace_copy *copy_of(const struct trace_copies *copies,
                                        struct file_identity file)
{
    struct stat status;

    for (size_t i = 0; copies != NULL && i < copies->count; i++) {
        const struct trace_copy *copy = &copies->items[i];
        bool exists = stat(copy->trace, &status) == 0;
        if ((exists || stat(copy->content, &status) == 0) && status.st_dev == file.device &&
            status.st_ino == file.inode)
            return copy;
    }
    return NULL;
}

/* `directory` is where it lies. */
static void add_trace(struct sources *sources, const char *path, struct file_identity file,
                      const char *directory, const struct manifest *manifest)
{
    const struct trace_copy *copy = copy_of(sources->copies, file);
    struct stat status;

    if (is_listed(sources, file))
        return;
    if (stat(directory, &status) != 0) /* gone since: all of those are one */
        memset(&status, 0, sizeof(status));
    sources->traces =
        memory_grow(sources->traces, sources->count, &sources->capacity, sizeof(*sources->traces));
    struct source *source = &sources->traces[sources->count++];
    *source = (struct source){
        .path = memory_strdup(path),
        .file = file,
        .directory = identity_of(&status),
        .manifest = *manifest,
    };
    source->content = copy != NULL ? copy->content : source->path;
}

/* Traces that exist as copies alone. */
static size_t add_copies(struct sources *sources, const char *directory,
                         const struct manifest *manifest)
{
    struct stat here, there, status;
    size_t added = 0;

    for (size_t i = 0; sources->copies != NULL && i < sources->copies->count; i++) {
        const struct trace_copy *copy = &sources->copies->items[i];
        int length = (int)(strrchr(copy->trace, '/') - copy->trace);
        char *parent = memory_printf("%.*s", length, copy->trace);
        if (stat(copy->trace, &status) != 0 && stat(copy->content, &status) == 0 &&
            stat(directory, &here) == 0 && stat(parent, &there) == 0 &&
            here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
            add_trace(sources, copy->trace, identity_of(&status), directory, manifest);
            added++;
        }
        free(parent);
    }
    return added;
}

static int is_trace_name(const struct dirent *entry)
{
    return recording_is_trace(entry->d_name);
}

static int add_recording(struct sources *sources, const char *directory,
                         const struct manifest *manifest, struct problem *problem)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_trace_name, alphasort);

    if (count < 0)
        return problem_errno(problem, "cannot read '%s'", directory);
    for (int i = 0; i < count; i++) {
        struct stat status;
        char *path = memory_printf("%s/%s", directory, entries[i]->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            add_trace(sources, path, identity_of(&status), directory, manifest);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (add_copies(sources, directory, manifest) + (size_t)count == 0)
        return problem_set(problem, PROBLEM_NOTHING,
                           "cannot read '%s': the recording holds no trace", directory);
    sources->recordings = memory_grow(sources->recordings, sources->recording_count,
                                      &sources->recording_capacity, sizeof(*sources->recordings));
    sources->recordings[sources->recording_count++] = memory_strdup(directory);
    return 0;
}

static int add_path(struct sources *sources, const char *path, struct problem *problem)
{
    struct manifest manifest;
    struct stat status;

    if (stat(path, &status) != 0)
        return problem_errno(problem, "cannot open '%s'", path);
    if (S_ISDIR(status.st_mode)) {
        if (!manifest_read(path, &manifest))
            return errno != 0 && errno != ENOENT
                       ? problem_errno(problem, "cannot read '%s'", path)
                       : problem_set(problem, PROBLEM_DATA,
                                     "cannot read '%s': not a recording (it has no manifest)",
                                     path);
        return add_recording(sources, path, &manifest, problem);
    }
    const char *slash = strrchr(path, '/');
    char *directory =
        slash == NULL ? memory_strdup(".") : memory_printf("%.*s/", (int)(slash - path), path);
    manifest_read(directory, &manifest);
    add_trace(sources, path, identity_of(&status), directory, &manifest);
    free(directory);
    return 0;
}

/* The newest recording inside the current directory, else that directory when it
 * is one itself; NULL when there is none. To be freed. */
static char *newest_recording(struct manifest *newest)
{
    DIR *here = opendir(".");
    char *found = NULL;
    struct manifest manifest;

    for (struct dirent *entry; here != NULL && (entry = readdir(here)) != NULL;) {
        if (entry->d_name[0] == '.' || !manifest_read(entry->d_name, &manifest))
            continue;
        if (found == NULL || manifest.created_ns > newest->created_ns) {
            free(found);
            found = memory_strdup(entry->d_name);
            *newest = manifest;
        }
    }
    if (here != NULL)
        closedir(here);
    if (found == NULL && manifest_read(".", newest))
        found = memory_strdup(".");
    return found;
}

static int add_newest(struct sources *sources, struct problem *problem)
{
    struct manifest manifest;
    char *newest = newest_recording(&manifest);

    if (newest == NULL)
        return problem_set(problem, PROBLEM_NOTHING,
                           "cannot find a recording in '.': make one with 'profinject record "
                           "COMMAND', or name one");
    int status = add_recording(sources, newest, &manifest, problem);
    free(newest);
    return status;
}

char *sources_newest(void)
{
    struct manifest manifest;

    return newest_recording(&manifest);
}

int sources_init(struct sources *sources, const char *const *paths, size_t count,
                 const struct trace_copies *copies, struct problem *problem)
{
    int status = 0;

    memset(sources, 0, sizeof(*sources));
    sources->copies = copies;
    if (count == 0)
        return add_newest(sources, problem);
    for (size_t i = 0; i < count && status == 0; i++)
        status = add_path(sources, paths[i], problem);
    return status;
}

void sources_release(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        free(sources->traces[i].path);
    for (size_t i = 0; i < sources->recording_count; i++)
        free(sources->recordings[i]);
    free(sources->traces);
    free(sources->recordings);
}
