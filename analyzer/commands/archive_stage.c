/*
 * archive_stage.h: its own file because it decides what leaves the machine.
 */
#include "analyzer/commands/archive_stage.h"

#include "analyzer/commands/command.h"
#include "analyzer/trace/trace_cleaner.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/tar_format.h"
#include "analyzer/util/tar_reader.h"
#include "preload/contract/recording.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What others put into a recording comes along, within reason. */
#define OTHERS_MAX 10000
#define OTHER_SIZE_MAX (INT64_C(4) << 30)

#define NAMES_MAX 1000

/* One directory that traces come from, and its copy. */
struct group {
    const struct source *first;
    char *path;
    bool has_manifest;
    size_t traces;
};

static int cannot_write(const char *path, struct problem *problem)
{
    return problem_errno(problem, "cannot write '%s' (TMPDIR)", path);
}

/* --- what lies beside traces ----------------------------------------------- */

static bool is_kept_line(const char *line, bool with_args)
{
    return strncmp(line, "rings=", 6) != 0 && strncmp(line, "servant=", 8) != 0 &&
           (with_args || strncmp(line, "command=", 8) != 0);
}

/* Not where rings lie, nor what was typed. */
static void copy_manifest(struct group *group, bool with_args)
{
    char *from = memory_printf("%s/%s", group->first->beside, RECORDING_MANIFEST);
    char *to = memory_printf("%s/%s", group->path, RECORDING_MANIFEST);
    struct manifest manifest;
    char *line = NULL;
    size_t capacity = 0;

    group->has_manifest = manifest_read(group->first->beside, &manifest);
    FILE *in = group->has_manifest ? fopen(from, "re") : NULL;
    FILE *out = in != NULL ? fopen(to, "we") : NULL;
    while (out != NULL && getline(&line, &capacity, in) > 0)
        if (is_kept_line(line, with_args))
            fputs(line, out);
    free(line);
    if (in != NULL)
        fclose(in);
    if (out != NULL)
        fclose(out);
    free(from);
    free(to);
}

static bool copy_bytes(int from, int to)
{
    char bytes[16384];
    ssize_t got;

    while ((got = read(from, bytes, sizeof(bytes))) > 0) {
        errno = ENOSPC; /* what a short write means */
        if (write(to, bytes, (size_t)got) != got)
            return false;
    }
    return got == 0;
}

/* NULL, or why it was left out. */
static const char *copy_other(const char *from, const char *to)
{
    int in = open(from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), out = -1;
    const char *why = NULL;
    struct stat status;

    if (in < 0)
        why = errno == ELOOP ? "it is a symbolic link" : strerror(errno);
    else if (fstat(in, &status) != 0 || !S_ISREG(status.st_mode))
        why = "not a regular file";
    else if (status.st_size > OTHER_SIZE_MAX)
        why = "it is too large";
    else if (tar_reader_is_compressed(from)) /* the one that is made anew, as a rule */
        why = "it is an archive itself";
    else {
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (out < 0 || !copy_bytes(in, out))
            why = strerror(errno);
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    if (out >= 0 && why != NULL)
        unlink(to);
    return why;
}

/* Traces and their parts were cleaned, rings taken in, the manifest was copied. */
static bool is_other(const char *name)
{
    return name[0] != '.' && strstr(name, RECORDING_TRACE_SUFFIX) == NULL &&
           strcmp(name, RECORDING_MANIFEST) != 0 && strcmp(name, RECORDING_PAGE) != 0 &&
           strncmp(name, "profinject.", 11) != 0;
}

static void tell_left_out(const char *path, const char *why)
{
    char *text = memory_printf("'%s' is left out: %s", path, why);

    command_tell("archive", text);
    free(text);
}

static void copy_others(const struct group *group)
{
    DIR *directory = opendir(group->first->beside);
    size_t count = 0;

    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        if (!is_other(entry->d_name) || entry->d_type == DT_DIR)
            continue;
        char *from = memory_printf("%s/%s", group->first->beside, entry->d_name);
        char *to = memory_printf("%s/%s", group->path, entry->d_name);
        const char *why = count++ >= OTHERS_MAX                  ? "too many files"
                          : strlen(entry->d_name) > TAR_NAME_MAX ? "its name is too long"
                                                                 : copy_other(from, to);
        if (why != NULL)
            tell_left_out(from, why);
        free(from);
        free(to);
    }
    if (directory != NULL)
        closedir(directory);
}

/* --- traces ---------------------------------------------------------------- */

/* "DIRECTORY/STEM.pinj", or "DIRECTORY/STEM.2.pinj" where that name is taken. */
static char *free_name(const char *directory, const char *trace)
{
    const char *slash = strrchr(trace, '/');
    const char *name = slash != NULL ? slash + 1 : trace;
    const char *dot = strrchr(name, '.');
    int stem = dot != NULL && dot != name ? (int)(dot - name) : (int)strlen(name);
    char *path = NULL;

    stem = stem > TAR_NAME_MAX - 16 ? TAR_NAME_MAX - 16 : stem;
    for (int i = 1; i < NAMES_MAX && (path == NULL || access(path, F_OK) == 0); i++) {
        free(path);
        path = i == 1
                   ? memory_printf("%s/%.*s" RECORDING_TRACE_SUFFIX, directory, stem, name)
                   : memory_printf("%s/%.*s.%d" RECORDING_TRACE_SUFFIX, directory, stem, name, i);
    }
    return path;
}

/* 0 too when the trace cannot be read: that is told, and the others are written. */
static int copy_trace(struct group *group, const struct source *source, const char *path,
                      bool with_args, struct problem *problem)
{
    FILE *out = fopen(path, "wxe");
    struct problem failure = {0};

    if (out == NULL)
        return cannot_write(path, problem);
    int status = trace_clean(source->content, out, with_args, &failure);
    bool written = !ferror(out);
    written = fclose(out) == 0 && written;
    if (!written)
        return cannot_write(path, problem);
    if (status == 0) {
        group->traces++;
        return 0;
    }
    command_failed("archive", &failure);
    unlink(path);
    return 0;
}

static bool is_same(const struct source *one, const struct source *other)
{
    return one->directory.device == other->directory.device &&
           one->directory.inode == other->directory.inode;
}

static void add_path(struct archive_stage *stage, const char *path)
{
    stage->paths =
        memory_grow(stage->paths, stage->path_count, &stage->path_capacity, sizeof(*stage->paths));
    stage->paths[stage->path_count++] = memory_strdup(path);
}

/* Copies the traces of one directory, of which sources->traces[first] is the first. */
static int copy_group(struct archive_stage *stage, const struct sources *sources, size_t first,
                      bool with_args, struct problem *problem)
{
    struct group group = {.first = &sources->traces[first]};
    int status = 0;

    group.path = memory_printf("%s/%u", stage->scratch.path, stage->recordings + 1);
    if (mkdir(group.path, 0700) != 0)
        status = cannot_write(group.path, problem);
    if (status == 0)
        copy_manifest(&group, with_args);
    for (size_t i = first; i < sources->count && status == 0; i++) {
        progress_step("copying traces", i, sources->count);
        if (!is_same(&sources->traces[i], group.first))
            continue;
        char *path = free_name(group.path, sources->traces[i].path);
        status = copy_trace(&group, &sources->traces[i], path, with_args, problem);
        if (!group.has_manifest && access(path, F_OK) == 0)
            add_path(stage, path);
        free(path);
    }
    if (status == 0 && group.traces > 0) {
        stage->recordings++;
        if (group.has_manifest) {
            copy_others(&group);
            add_path(stage, group.path);
        }
    }
    free(group.path);
    return status;
}

static bool was_copied(const struct sources *sources, size_t number)
{
    for (size_t i = 0; i < number; i++)
        if (is_same(&sources->traces[i], &sources->traces[number]))
            return true;
    return false;
}

int archive_stage_init(struct archive_stage *stage, const struct sources *sources, bool with_args,
                       struct problem *problem)
{
    memset(stage, 0, sizeof(*stage));
    int status = scratch_directory_init(&stage->scratch, problem);
    for (size_t i = 0; i < sources->count && status == 0; i++)
        if (!was_copied(sources, i))
            status = copy_group(stage, sources, i, with_args, problem);
    if (status == 0 && stage->recordings == 0)
        return problem_set(problem, PROBLEM_DATA, "cannot archive '%s': no trace is readable",
                           sources->traces[0].path);
    return status;
}

void archive_stage_release(struct archive_stage *stage)
{
    for (size_t i = 0; i < stage->path_count; i++)
        free(stage->paths[i]);
    free(stage->paths);
    scratch_directory_release(&stage->scratch);
}
