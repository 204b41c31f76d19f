/*
 * `profinject archive [RECORDING...] -o FILE`: a recording and the names of all that is in it, as
 * one file that every command reads on another machine.
 */
#include "analyzer/commands/archive_stage.h"
#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/commands/output.h"
#include "analyzer/commands/recovery.h"
#include "analyzer/load/archive_writer.h"
#include "analyzer/load/load.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

struct archiving {
    const char *output;
    struct load_options load;
    bool with_args, help;
    const char *const *paths;
    size_t path_count;
    struct symbol_archive symbols;
};

static const struct option options[] = {
    {"with-args", no_argument, NULL, 'A'},
    {"debug-dir", required_argument, NULL, 'D'},
    {"debuginfod", no_argument, NULL, 'S'},
    {"no-cache", no_argument, NULL, 'C'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const struct option_text rows[] = {
    {'o', "output", "FILE", "write to FILE ('-': standard output)", NULL, NULL},
    {'\0', "with-args", NULL,
     "with the arguments of commands, which may be secrets and are left out otherwise", NULL, NULL},
    {'\0', "debug-dir", "DIRS",
     "look for separate debug information here first; ':' between directories",
     "then /usr/lib/debug", NULL},
    {'\0', "debuginfod", NULL, "ask the servers of DEBUGINFOD_URLS for what is not on this machine",
     NULL, NULL},
    {'\0', "no-cache", NULL, "neither use nor keep answers in ~/.cache/profinject", NULL, NULL},
    {'h', "help", NULL, "this text", NULL, NULL},
    {0},
};

static void print_help(void)
{
    printf(
        "usage: profinject archive [OPTIONS] -o FILE [TRACE|RECORDING]...\n%s\n"
        "FILE has clean traces (of killed processes too), what lies beside them, and function,\n"
        "file and line of every place in them; `tar --zstd -tf` lists it. What has no name here\n"
        "is told. Without a path it takes the newest recording in the current directory.\n\n",
        command_archive.summary);
    help_options(rows);
}

static int parse(struct archiving *work, int argc, char **argv, struct problem *problem)
{
    int value;

    optind = 0;
    opterr = 0;
    while ((value = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (value) {
        case 'A':
            work->with_args = true;
            break;
        case 'D':
            work->load.debug_dirs = optarg;
            break;
        case 'S':
            work->load.debuginfod = true;
            break;
        case 'C':
            work->load.no_cache = true;
            break;
        case 'o':
            work->output = optarg;
            break;
        case 'h':
            work->help = true;
            return 0;
        default:
            command_bad_option(command_archive.name, value, argv, problem);
            return problem->code;
        }
    }
    work->paths = (const char *const *)(argv + optind);
    work->path_count = (size_t)(argc - optind);
    if (work->output == NULL)
        return problem_set(problem, PROBLEM_USAGE, "--output is missing: a file for the archive");
    return 0;
}

/* Modules of another build than the recorded one, gone, stripped: the names are lost for good
 * once the machine is. */
static void tell_missing(const struct symbol_archive *symbols)
{
    for (size_t i = 0; i < symbols->count; i++) {
        const char *why = symbol_store_message(symbols->items[i].store);
        if (why == NULL || symbols->items[i].nameless == 0)
            continue;
        char *text = memory_printf("no names for %zu places: %s", symbols->items[i].nameless, why);
        command_tell(command_archive.name, text);
        free(text);
    }
}

/* Symbols for whatever a command may ask of the copy, which nobody writes to any more. */
static int collect(struct archiving *work, const struct archive_stage *stage,
                   struct problem *problem)
{
    struct profile *profile = NULL;

    work->load.collect = &work->symbols;
    int status = load_profile((const char *const *)stage->paths, stage->path_count, &work->load,
                              &profile, problem);
    if (status == 0)
        profile_free(profile);
    return status;
}

static int pack(struct archiving *work, const struct archive_stage *stage, struct problem *problem)
{
    struct output output;
    int status = output_init(&output, work->output, problem);

    if (status != 0)
        return status;
    progress_begin();
    status = archive_writer_pack(stage->scratch.path, stage->recordings, &work->symbols,
                                 output.stream, problem);
    progress_end();
    if (status == 0)
        status = output_commit(&output, problem);
    output_release(&output);
    return status;
}

static int archive(struct archiving *work, struct problem *problem)
{
    struct archive_stage stage = {0};
    struct recovery recovery;
    struct sources sources;

    recovery_init(&recovery, work->paths, work->path_count);
    int status = sources_init(&sources, work->paths, work->path_count, &recovery.copies, problem);
    if (status == 0 && sources.archive_count > 0)
        status = problem_set(problem, PROBLEM_USAGE,
                             "what is an archive already cannot be put into one: every command "
                             "takes several");
    if (status == 0)
        status = archive_stage_init(&stage, &sources, work->with_args, problem);
    if (status == 0)
        status = collect(work, &stage, problem);
    if (status == 0)
        status = pack(work, &stage, problem);
    if (status == 0)
        tell_missing(&work->symbols);
    archive_stage_release(&stage);
    sources_release(&sources);
    recovery_release(&recovery);
    return status;
}

static int run(int argc, char **argv)
{
    struct archiving work = {0};
    struct problem problem = {0};
    int status = parse(&work, argc, argv, &problem);

    if (work.help) {
        print_help();
        return 0;
    }
    if (status == 0)
        status = archive(&work, &problem);
    symbol_archive_release(&work.symbols);
    return status != 0 ? command_failed(command_archive.name, &problem) : 0;
}

const struct command command_archive = {
    .options = rows,
    .name = "archive",
    .summary = "One file for another machine: the recording and the names of all in it.",
    .run = run,
};
