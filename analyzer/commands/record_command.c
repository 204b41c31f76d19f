/*
 * `profinject record`: settings from options and environment, the recording, the
 * command's run, the verdict. Its own file as every subcommand.
 *
 * Its own failures are 125, as with env and timeout: statuses below belong to
 * the command.
 */
#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/commands/html_command.h"
#include "analyzer/commands/verdict.h"
#include "analyzer/load/kernel_names.h"
#include "analyzer/record/annexes.h"
#include "analyzer/record/injection.h"
#include "analyzer/record/keeper.h"
#include "analyzer/record/launcher.h"
#include "analyzer/record/stale_rings.h"
#include "analyzer/record/target.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/shell.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/recording.h"
#include "preload/contract/settings.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATUS_OWN_FAILURE = 125, STATUS_NOT_EXECUTABLE = 126, STATUS_NOT_FOUND = 127 };

enum {
    OPTION_SETTING = 256,
    OPTION_FORCE = OPTION_SETTING + SETTING_ID_COUNT,
    OPTION_OPEN,
};

struct recording_run {
    struct settings settings;
    bool given[SETTING_ID_COUNT]; /* by an option */
    bool force, open, help;
    char **argv;        /* of the command */
    char **environment; /* as it was before the command's was made */
    int argc;
    struct recording recording;
    struct target target;
};

/* As settings.def has them; the note is the variable with its default. */
static const struct option_text rows[] = {
#define SETTING(field, kind, option, letter, variable, metavar, default_value, values, meaning) \
    {letter,                                                                                    \
     option,                                                                                    \
     SETTING_##kind == SETTING_FLAG ? NULL : metavar,                                           \
     meaning,                                                                                   \
     variable "=" default_value,                                                                \
     SETTING_##kind == SETTING_CHOICE ? values : NULL},
#include "preload/contract/settings.def"
#undef SETTING
    {'\0', "force", NULL, "replace a recording that is already there", NULL, NULL},
    {'\0', "open", NULL,
     "afterwards make the HTML report, report.html in the recording, and show it in a "
     "browser: $BROWSER, else xdg-open",
     NULL, NULL},
    {'h', "help", NULL, "this text", NULL, NULL},
    {0},
};

static void print_help(void)
{
    fputs("usage: profinject record [OPTIONS] [--] COMMAND [ARG...]\n"
          "Runs COMMAND with the profiler injected. Every option is a variable as well, in\n"
          "brackets with its default: LD_PRELOAD=.../libprofinject.so and the variables\n"
          "do the same without record.\n\n",
          stdout);
    help_options(rows);
}

static void make_options(struct option *options, char *letters)
{
    size_t count = 0;

    /* '+': what follows COMMAND belongs to it. */
    letters = stpcpy(letters, "+:h");
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        int has_value = setting->kind == SETTING_FLAG ? no_argument : required_argument;
        options[count++] = (struct option){setting->option, has_value, NULL, OPTION_SETTING + id};
        if (setting->short_option != '\0') {
            *letters++ = setting->short_option;
            letters = stpcpy(letters, has_value == required_argument ? ":" : "");
        }
    }
    options[count++] = (struct option){"force", no_argument, NULL, OPTION_FORCE};
    options[count++] = (struct option){"open", no_argument, NULL, OPTION_OPEN};
    options[count++] = (struct option){"help", no_argument, NULL, 'h'};
    options[count] = (struct option){0};
}

static int id_of_letter(int letter)
{
    int id = 0;

    while (id < SETTING_ID_COUNT && settings_table[id].short_option != letter)
        id++;
    return id;
}

static int set(struct recording_run *run, int id, const char *source, const char *dashes,
               const char *value, struct problem *problem)
{
    char why[256];

    if (settings_set(&run->settings, (enum setting_id)id, value, why, sizeof(why)) == 0)
        return 0;
    return problem_set(problem, PROBLEM_USAGE, "%s%s '%s': %s", dashes, source, value, why);
}

/* What no option has said. */
static int take_environment(struct recording_run *run, struct problem *problem)
{
    int status = 0;

    for (int id = 0; id < SETTING_ID_COUNT && status == 0; id++) {
        const char *variable = settings_table[id].variable;
        const char *value = getenv(variable);
        if (value != NULL && !run->given[id])
            status = set(run, id, variable, "", value, problem);
    }
    return status;
}

static int take_option(struct recording_run *run, int value, struct problem *problem)
{
    if (value == 'h' || value == OPTION_FORCE || value == OPTION_OPEN) {
        run->help = run->help || value == 'h';
        run->open = run->open || value == OPTION_OPEN;
        run->force = run->force || value == OPTION_FORCE;
        return 0;
    }
    int id = value >= OPTION_SETTING ? value - OPTION_SETTING : id_of_letter(value);
    const struct setting *setting = &settings_table[id];
    run->given[id] = true;
    return set(run, id, setting->option, "--",
               setting->kind == SETTING_FLAG ? setting->metavar : optarg, problem);
}

/* For whoever drains, which is elsewhere. */
static int find_root(struct recording_run *run, struct problem *problem)
{
    char *root = realpath(run->settings.resources_root, NULL);
    char why[64];

    if (root == NULL)
        return problem_errno(problem, "cannot open '%s'", run->settings.resources_root);
    int status = settings_set(&run->settings, SETTING_ID_resources_root, root, why, sizeof(why));
    if (status != 0)
        status = problem_set(problem, PROBLEM_USAGE, "'%s': the name is too long", root);
    run->given[SETTING_ID_resources_root] |= strcmp(root, "/") != 0;
    free(root);
    return status;
}

static int parse(struct recording_run *run, int argc, char **argv, struct problem *problem)
{
    struct option options[SETTING_ID_COUNT + 4];
    char letters[SETTING_ID_COUNT * 2 + 8];
    int status = 0;
    int value;

    settings_init(&run->settings);
    make_options(options, letters);
    optind = 0;
    opterr = 0;
    while (status == 0 && !run->help &&
           (value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        if (value == '?' || value == ':') {
            command_bad_option(command_record.name, value, argv, problem);
            return problem->code;
        }
        status = take_option(run, value, problem);
    }
    run->argv = argv + optind;
    run->argc = argc - optind;
    if (status != 0 || run->help)
        return status;
    if (run->argc == 0)
        return problem_set(problem, PROBLEM_USAGE,
                           "COMMAND is missing: see 'profinject record --help'");
    status = take_environment(run, problem);
    if (status == 0 && settings_flag(&run->settings, SETTING_ID_rotate) &&
        run->settings.number[SETTING_ID_max_size] == 0)
        return problem_set(problem, PROBLEM_USAGE, "--rotate needs --max-size, as in 64M");
    return status == 0 ? find_root(run, problem) : status;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static int make_recording(struct recording_run *run, struct problem *problem)
{
    const char *pattern = run->settings.output;
    char path[PATH_MAX];
    int status = recording_expand(pattern, base_name(run->argv[0]), path, sizeof(path));

    if (status != 0) /* nothing is in it */
        snprintf(path, sizeof(path), "%s", pattern);
    if (status == -EINVAL)
        return problem_set(
            problem, PROBLEM_USAGE, "%s '%s': allowed after %%: c p t h %%",
            run->given[SETTING_ID_output] ? "--output" : settings_table[SETTING_ID_output].variable,
            pattern);
    if (status == 0 && !run->force && settings_is_default(&run->settings, SETTING_ID_output))
        status = recording_create_numbered(&run->recording, path);
    else if (status == 0)
        status = recording_create(&run->recording, path, run->force);
    if (status == -EEXIST)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot create '%s': a recording is there already: use --force or "
                           "another --output",
                           path);
    if (status == -ENOTEMPTY)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot create '%s': a directory is there that is not empty and no "
                           "recording",
                           path);
    if (status == 0)
        return 0;
    errno = -status;
    return problem_errno(problem, "cannot create '%s'", path);
}

/* Everything the command and its descendants find in their environment. */
static int set_environment(struct recording_run *run, const char *library, struct problem *problem)
{
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        /* The output directory is told by RECORDING_VARIABLE: a recording that
         * the command itself starts must choose its own. */
        if (run->given[id] && id != SETTING_ID_output &&
            setenv(settings_table[id].variable, settings_text(&run->settings, id), 1) != 0)
            return problem_errno(problem, "cannot set '%s'", settings_table[id].variable);
    }
    if (setenv(RECORDING_VARIABLE, run->recording.path, 1) != 0)
        return problem_errno(problem, "cannot set '%s'", RECORDING_VARIABLE);
    return target_must_be_spared(run->target.kind)
               ? 0
               : injection_preload(run->target.first_library, library, problem);
}

/* A manifest that cannot be completed costs the report a detail, not the run. */
static void note_start(const struct recording_run *run, const struct launch *launch)
{
    bool with_args = settings_flag(&run->settings, SETTING_ID_args);
    char *command = shell_quote((const char *const *)run->argv, with_args ? (size_t)run->argc : 1);
    char pid[16];

    snprintf(pid, sizeof(pid), "%d", (int)launch->pid);
    recording_note(&run->recording, "pid", pid);
    recording_note(&run->recording, "command", command);
    free(command);
}

static void note_end(const struct recording_run *run, const struct launch *launch)
{
    char end[32];

    snprintf(end, sizeof(end), "%" PRIu64, libc_clock_now_sigsafe());
    recording_note(&run->recording, "ended_monotonic_ns", end);
    snprintf(end, sizeof(end), "%s %d", launch->signalled ? "signal" : "exit", launch->status);
    recording_note(&run->recording, "exit", end);
}

/* The recording as the user would type it: relative when it lies below here. */
static const char *shown_path(const char *path)
{
    char here[PATH_MAX];
    size_t length;

    if (getcwd(here, sizeof(here)) == NULL)
        return path;
    length = strlen(here);
    return strncmp(path, here, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

/* The variables of the environment as they are now; free(). */
static char **copy_environment(void)
{
    size_t count = 0;

    while (environ[count] != NULL)
        count++;
    char **copy = memory_alloc((count + 1) * sizeof(*copy));
    memcpy(copy, environ, count * sizeof(*copy));
    return copy;
}

/* The last words, and the page. Its browser is not the command's: it is not to be profiled. */
static void tell(struct recording_run *run, bool told)
{
    const char *shown = shown_path(run->recording.path);
    bool quiet = settings_flag(&run->settings, SETTING_ID_quiet);
    bool is_there = quiet || verdict_print(run->recording.path, shown, told, !run->open);

    if (!run->open || !is_there)
        return;
    environ = run->environment;
    html_command_for_record(shown, quiet);
}

static int run_command(struct recording_run *run, struct problem *problem)
{
    struct launch launch;
    struct keeper keeper;
    bool quiet = settings_flag(&run->settings, SETTING_ID_quiet);
    const char *reason = target_reason(run->target.kind);

    /* Not afterwards, as the run may take hours, nor beside it, in the middle of what the
     * command says. */
    if (reason != NULL && !quiet && target_may_start(&run->target))
        fprintf(stderr, "profinject: '%s' %s\n", run->target.path, reason);
    keeper_start(&keeper, &run->recording);
    if (launch_start(&launch, run->argv, problem) != 0) {
        int status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE;
        size_t used = strlen(problem->text);
        target_way_out(&run->target, run->argv[0], errno, problem->text + used,
                       sizeof(problem->text) - used);
        keeper_settle(&keeper);
        recording_remove(&run->recording);
        return status;
    }
    note_start(run, &launch);
    stale_rings_remove_all(run->recording.rings); /* of others, while this one runs */
    launch_wait(&launch, keeper_note_end, &keeper);
    note_end(run, &launch);
    keeper_settle(&keeper);
    stale_rings_remove(&run->recording);
    annexes_take_in(&run->recording);
    if (settings_flag(&run->settings, SETTING_ID_kernel) &&
        !kernel_names_keep(run->recording.path) && !quiet)
        fprintf(stderr, "profinject: cannot keep the kernel's names in '%s'\n",
                run->recording.path);
    tell(run, reason != NULL);
    return launch.signalled ? 128 + launch.status : launch.status;
}

/* Everything that can fail before there is a command. */
static int prepare(struct recording_run *run, struct problem *problem)
{
    char library[PATH_MAX];
    int status = injection_find_library(library, sizeof(library), problem);

    if (status == 0)
        status = injection_check_unwinder(run->settings.text[SETTING_ID_unwinder], problem);
    if (status == 0)
        status = make_recording(run, problem);
    if (status != 0)
        return status;
    target_examine(&run->target, run->argv[0]);
    run->environment = copy_environment();
    status = set_environment(run, library, problem);
    if (status != 0)
        recording_remove(&run->recording);
    return status;
}

static int run(int argc, char **argv)
{
    struct recording_run *run = memory_alloc(sizeof(*run));
    struct problem problem = {0};
    int status = parse(run, argc, argv, &problem) == 0 ? 0 : STATUS_OWN_FAILURE;

    if (status == 0 && run->help)
        print_help();
    else if (status == 0)
        status = prepare(run, &problem) == 0 ? run_command(run, &problem) : STATUS_OWN_FAILURE;
    if (problem.code != 0)
        command_failed(command_record.name, &problem);
    if (environ != run->environment)
        free(run->environment);
    free(run);
    return status;
}

const struct command command_record = {
    .operand = OPERAND_PROGRAM,
    .options = rows,
    .name = "record",
    .summary = "Runs a command with the profiler injected.",
    .run = run,
};
