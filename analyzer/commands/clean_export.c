/*
 * Clean traces. Its own file because the other exports write reports.
 */
#include "analyzer/commands/clean_export.h"

#include "analyzer/commands/command.h"
#include "analyzer/commands/output.h"
#include "analyzer/commands/recovery.h"
#include "analyzer/load/kernel_names.h"
#include "analyzer/load/sources.h"
#include "analyzer/trace/trace_cleaner.h"
#include "analyzer/util/memory.h"
#include "preload/contract/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 1000

struct clean_export {
    const char *output;
    const char *const *paths;
    size_t path_count;
    bool help, with_args;
};

bool clean_export_is_asked(int argc, char **argv)
{
    bool asked = false;

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        asked |=
            strcmp(argv[i], "--format=" CLEAN_EXPORT_FORMAT) == 0 ||
            (strcmp(argv[i - 1], "--format") == 0 && strcmp(argv[i], CLEAN_EXPORT_FORMAT) == 0);
    return asked;
}

static int parse(struct clean_export *export, int argc, char **argv, struct problem *problem)
{
    static const struct option options[] = {{"format", required_argument, NULL, 'f'},
                                            {"output", required_argument, NULL, 'o'},
                                            {"with-args", no_argument, NULL, 'a'},
                                            {"help", no_argument, NULL, 'h'},
                                            {0}};
    int value;

    optind = 0;
    opterr = 0;
    while ((value = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        if (value == '?' || value == ':') {
            command_bad_option("export", value, argv, problem);
            return problem->code;
        }
        export->output = value == 'o' ? optarg : export->output;
        export->help |= value == 'h';
        export->with_args |= value == 'a';
    }
    export->paths = (const char *const *)(argv + optind);
    export->path_count = (size_t)(argc - optind);
    if (export->output == NULL && !export->help)
        return problem_set(problem, PROBLEM_USAGE,
                           "--output is missing: a file for one trace, else a directory");
    return 0;
}

/* A trace that cannot be read is told, and the others are written. */
static int clean_one(const struct clean_export *export, const char *content, const char *to,
                     struct problem *problem)
{
    struct output output;
    int status = output_init(&output, to, problem);

    if (status != 0)
        return status;
    status = trace_clean(content, output.stream, export->with_args, problem);
    if (status == 0)
        status = output_commit(&output, problem);
    output_release(&output);
    return status;
}

static void copy_file(const char *from, const char *to_directory, const char *name)
{
    char *source = memory_printf("%s/%s", from, name);
    char *copy = memory_printf("%s/%s", to_directory, name);
    FILE *in = fopen(source, "re");
    int fd =
        in != NULL ? open(copy, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    char bytes[4096];
    size_t size;

    while (out != NULL && (size = fread(bytes, 1, sizeof(bytes), in)) > 0)
        fwrite(bytes, 1, size, out);
    if (out != NULL)
        fclose(out);
    if (in != NULL)
        fclose(in);
    free(source);
    free(copy);
}

/* What the manifest says of the run: not where rings lie, of which the new one has none, nor
 * what was typed. */
static void copy_notes(const struct clean_export *export, const char *from,
                       const struct recording *recording)
{
    char *path = memory_printf("%s/%s", from, RECORDING_MANIFEST);
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;

    free(path);
    while (in != NULL && getline(&line, &capacity, in) > 0) {
        char *value = strchr(line, '=');
        line[strcspn(line, "\n")] = '\0';
        if (value == NULL || strncmp(line, "id=", 3) == 0 || strncmp(line, "rings=", 6) == 0 ||
            strncmp(line, "servant=", 8) == 0 ||
            (!export->with_args && strncmp(line, "command=", 8) == 0))
            continue;
        *value++ = '\0';
        recording_note(recording, line, value);
    }
    free(line);
    if (in != NULL)
        fclose(in);
}

static int make_recording(struct recording *recording, const char *path, struct problem *problem)
{
    int status = recording_create(recording, path, false);

    if (status == 0)
        return 0;
    errno = status == -ENOTEMPTY ? EEXIST : -status;
    return problem_errno(problem, "cannot create '%s'", path);
}

/* "DIRECTORY/NAME", or "DIRECTORY/STEM.2.pinj" where another recording had that, too. */
static char *free_name(const char *directory, const char *trace)
{
    const char *slash = strrchr(trace, '/');
    const char *name = slash != NULL ? slash + 1 : trace;
    int stem = (int)(strrchr(name, '.') != NULL ? strrchr(name, '.') - name : (long)strlen(name));
    char *path = memory_printf("%s/%.*s.pinj", directory, stem, name);

    for (int i = 2; i < NAMES_MAX && access(path, F_OK) == 0; i++) {
        free(path);
        path = memory_printf("%s/%.*s.%d.pinj", directory, stem, name, i);
    }
    return path;
}

static int clean_all(const struct clean_export *export, const struct sources *sources,
                     struct problem *problem)
{
    struct recording recording;
    struct problem failure = {0};
    size_t written = 0;
    int status = make_recording(&recording, export->output, problem);

    if (status != 0)
        return status;
    for (size_t i = 0; i < sources->count; i++) {
        char *path = free_name(export->output, sources->traces[i].path);
        if (clean_one(export, sources->traces[i].content, path, &failure) == 0)
            written++;
        else
            command_failed("export", &failure);
        free(path);
    }
    if (sources->recording_count > 0)
        copy_notes(export, sources->recordings[0], &recording);
    for (size_t i = 0; i < sources->recording_count; i++)
        copy_file(sources->recordings[i], export->output, RECORDING_MESSAGES);
    if (sources->recording_count > 0)
        copy_file(sources->recordings[0], export->output, KERNEL_NAMES_FILE);
    if (written > 0)
        return 0;
    recording_remove(&recording);
    return problem_set(problem, PROBLEM_DATA, "cannot write '%s': no trace is readable",
                       export->output);
}

static int write_clean(const struct clean_export *export, struct problem *problem)
{
    struct recovery recovery;
    struct sources sources;

    recovery_init(&recovery, export->paths, export->path_count);
    int status =
        sources_init(&sources, export->paths, export->path_count, &recovery.copies, problem);
    if (status == 0 && sources.recording_count == 0 && sources.count == 1)
        status = clean_one(export, sources.traces[0].content, export->output, problem);
    else if (status == 0)
        status = clean_all(export, &sources, problem);
    sources_release(&sources);
    recovery_release(&recovery);
    return status;
}

int clean_export_run(int argc, char **argv)
{
    struct clean_export export = {0};
    struct problem problem = {0};
    int status = parse(&export, argc, argv, &problem);

    if (status == 0 && export.help)
        puts("usage: profinject export --format pinj -o CLEAN [--with-args] [TRACE|RECORDING]...\n"
             "Writes what is sound in traces as traces without damage: of one file a file,\n"
             "of a recording a recording in the directory CLEAN. The arguments of commands,\n"
             "which may be secrets, are left out without --with-args.");
    else if (status == 0)
        status = write_clean(&export, &problem);
    return status != 0 ? command_failed("export", &problem) : 0;
}
