/*
 * Finding traces. Its own file because it is about directories and names, and
 * opens no trace (archive_reader.h opens archives).
 */
#include "analyzer/load/sources.h"

#include "analyzer/load/archive_reader.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/tar_reader.h"
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

/* Where a trace was found: the directory, what it is called for the user, the archive that it
 * was unpacked from (0: none). */
struct place {
    const char *directory, *shown;
    unsigned archive;
    struct manifest manifest;
};

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* The same trace of the same recording, which is there once more as a copy or in an archive. */
static bool has_twin(const struct sources *sources, const char *path, const struct place *place)
{
    for (size_t i = 0; i < sources->count && place->manifest.id != 0; i++)
        if (sources->traces[i].manifest.id == place->manifest.id &&
            strcmp(name_of(sources->traces[i].path), name_of(path)) == 0)
            return true;
    return false;
}

static void add_trace(struct sources *sources, const char *path, struct file_identity file,
                      const struct place *place)
{
    const struct trace_copy *copy = copy_of(sources->copies, file);
    struct stat status;

    if (is_listed(sources, file))
        return;
    if (has_twin(sources, path, place)) {
        sources->twins++;
        return;
    }
    if (stat(place->directory, &status) != 0) /* gone since: all of those are one */
        memset(&status, 0, sizeof(status));
    sources->traces =
        memory_grow(sources->traces, sources->count, &sources->capacity, sizeof(*sources->traces));
    struct source *source = &sources->traces[sources->count++];
    *source = (struct source){
        .path = memory_strdup(path),
        .file = file,
        .beside = memory_strdup(place->directory),
        .archive = place->archive,
        .directory = identity_of(&status),
        .manifest = place->manifest,
    };
    source->content = copy != NULL ? copy->content : source->path;
    if (place->archive != 0) {
        source->content = source->unpacked = source->path;
        source->path = memory_printf("%s/%s", place->shown, name_of(path));
    }
}

/* Traces that exist as copies alone. */
static size_t add_copies(struct sources *sources, const struct place *place)
{
    struct stat here, there, status;
    size_t added = 0;

    for (size_t i = 0; sources->copies != NULL && i < sources->copies->count; i++) {
        const struct trace_copy *copy = &sources->copies->items[i];
        int length = (int)(strrchr(copy->trace, '/') - copy->trace);
        char *parent = memory_printf("%.*s", length, copy->trace);
        if (stat(copy->trace, &status) != 0 && stat(copy->content, &status) == 0 &&
            stat(place->directory, &here) == 0 && stat(parent, &there) == 0 &&
            here.st_ino == there.st_ino && here.st_dev == there.st_dev) {
            add_trace(sources, copy->trace, identity_of(&status), place);
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

static int add_recording(struct sources *sources, const struct place *place,
                         struct problem *problem)
{
    const char *directory = place->directory;
    struct dirent **entries;
    int count = scandir(directory, &entries, is_trace_name, alphasort);

    if (count < 0)
        return problem_errno(problem, "cannot read '%s'", place->shown);
    for (int i = 0; i < count; i++) {
        struct stat status;
        char *path = memory_printf("%s/%s", directory, entries[i]->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            add_trace(sources, path, identity_of(&status), place);
        free(path);
        free(entries[i]);
    }
    free(entries);
    if (add_copies(sources, place) + (size_t)count == 0)
        return problem_set(problem, PROBLEM_NOTHING,
                           "cannot read '%s': the recording holds no trace", place->shown);
    sources->recordings = memory_grow(sources->recordings, sources->recording_count,
                                      &sources->recording_capacity, sizeof(*sources->recordings));
    sources->recordings[sources->recording_count++] = memory_strdup(directory);
    return 0;
}

static bool is_unpacked(const struct sources *sources, struct file_identity file)
{
    for (size_t i = 0; i < sources->archive_count; i++)
        if (sources->archives[i].device == file.device && sources->archives[i].inode == file.inode)
            return true;
    return false;
}

/* The recordings below `root`, as if they had been given. */
static int add_unpacked(struct sources *sources, const char *path, const char *root,
                        unsigned recordings, struct problem *problem)
{
    int status = 0;

    for (unsigned i = 1; i <= recordings && status == 0; i++) {
        char *directory = memory_printf("%s/%u", root, i), *shown = memory_printf("%s/%u", path, i);
        struct place place = {directory, shown, (unsigned)sources->archive_count, {0}};
        manifest_read(directory, &place.manifest);
        status = add_recording(sources, &place, problem);
        free(directory);
        free(shown);
    }
    if (status == 0 && recordings == 0)
        return problem_set(problem, PROBLEM_NOTHING, "cannot read '%s': the archive is empty",
                           path);
    return status;
}

static int add_archive(struct sources *sources, const char *path, struct file_identity file,
                       struct problem *problem)
{
    unsigned recordings = 0;

    if (is_unpacked(sources, file))
        return 0;
    if (sources->scratch.path == NULL && scratch_directory_init(&sources->scratch, problem) != 0)
        return problem->code;
    sources->archives = memory_grow(sources->archives, sources->archive_count,
                                    &sources->archive_capacity, sizeof(*sources->archives));
    sources->archives[sources->archive_count++] = file;
    unsigned number = (unsigned)sources->archive_count;
    char *root = memory_printf("%s/%u", sources->scratch.path, number);
    int status = 0;
    if (mkdir(root, 0700) != 0)
        status = problem_errno(problem, "cannot make '%s'", root);
    else
        status = archive_reader_unpack(path, root, number, &sources->symbols, &recordings, problem);
    if (status == 0)
        status = add_unpacked(sources, path, root, recordings, problem);
    free(root);
    return status;
}

/* The directory of a session (profinject.h) is no recording, but holds a trace. */
static bool add_session(struct sources *sources, const struct place *place)
{
    char *trace = memory_printf("%s/trace.pinj", place->directory);
    struct stat status;
    bool is_session = stat(trace, &status) == 0 && S_ISREG(status.st_mode);

    if (is_session)
        add_trace(sources, trace, identity_of(&status), place);
    free(trace);
    return is_session;
}

static int add_directory(struct sources *sources, const char *path, struct problem *problem)
{
    struct place place = {.directory = path, .shown = path};

    if (manifest_read(path, &place.manifest))
        return add_recording(sources, &place, problem);
    if (errno != 0 && errno != ENOENT)
        return problem_errno(problem, "cannot read '%s'", path);
    if (add_session(sources, &place))
        return 0;
    return problem_set(problem, PROBLEM_DATA,
                       "cannot read '%s': not a recording (it has no manifest)", path);
}

static int add_path(struct sources *sources, const char *path, struct problem *problem)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return problem_errno(problem, "cannot open '%s'", path);
    if (S_ISDIR(status.st_mode))
        return add_directory(sources, path, problem);
    if (S_ISREG(status.st_mode) && tar_reader_is_compressed(path))
        return add_archive(sources, path, identity_of(&status), problem);
    const char *slash = strrchr(path, '/');
    char *directory =
        slash == NULL ? memory_strdup(".") : memory_printf("%.*s/", (int)(slash - path), path);
    struct place place = {.directory = directory, .shown = directory};
    manifest_read(directory, &place.manifest);
    add_trace(sources, path, identity_of(&status), &place);
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
    const struct place place = {newest, newest, 0, manifest};
    int status = add_recording(sources, &place, problem);
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
    for (size_t i = 0; i < sources->count; i++) {
        free(sources->traces[i].path);
        free(sources->traces[i].unpacked);
        free(sources->traces[i].beside);
    }
    for (size_t i = 0; i < sources->recording_count; i++)
        free(sources->recordings[i]);
    free(sources->traces);
    free(sources->recordings);
    free(sources->archives);
    symbol_archive_release(&sources->symbols);
    scratch_directory_release(&sources->scratch);
}
