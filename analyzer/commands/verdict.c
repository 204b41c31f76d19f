/*
 * The verdict. Its own file because it looks at a recording as a reader does,
 * which the launcher itself never does.
 */
#include "analyzer/commands/verdict.h"

#include "analyzer/load/load.h"
#include "analyzer/model/functions.h"
#include "analyzer/model/last_second.h"
#include "analyzer/reports/end_text.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/shell.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"
#include "preload/contract/recording.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_WIDTH 50 /* of the hottest function: the verdict is one line */

/* The first line of RECORDING/messages, fit to show, or NULL; to be freed. */
static char *first_message(const char *recording)
{
    char *path = memory_printf("%s/%s", recording, RECORDING_MESSAGES);
    FILE *in = fopen(path, "re");
    char *line = NULL;
    char *message = NULL;
    size_t capacity = 0;

    free(path);
    if (in == NULL)
        return NULL;
    if (getline(&line, &capacity, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        message = utf8_clean(line);
    }
    free(line);
    fclose(in);
    return message;
}

static void print_why_not(const char *message, const char *shown, const struct problem *problem)
{
    if (message != NULL)
        fprintf(stderr, "profinject: no profile: %s\n", message);
    else if (problem->code == PROBLEM_NOTHING)
        fprintf(stderr,
                "profinject: no profile: nothing was written to '%s': the library was not "
                "loaded, could not start, or the program ended before its first write\n",
                shown);
    else
        fprintf(stderr, "profinject: no profile: %s\n", problem->text);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_hottest(const struct profile *profile)
{
    struct functions functions;
    const struct function *hottest = NULL;

    functions_init(&functions, profile);
    for (size_t i = 0; i < functions.count; i++) {
        const struct function *function = &functions.items[i];
        bool is_code = functions.labels.items[function->label].kind != FRAME_MARK;
        if (is_code && (hottest == NULL || function->self[METRIC_CPU] > hottest->self[METRIC_CPU]))
            hottest = function;
    }
    if (hottest != NULL && hottest->self[METRIC_CPU] > 0) {
        char *clean = utf8_clean(functions.labels.items[hottest->label].name);
        char *name = short_name(clean, NAME_WIDTH);
        fprintf(stderr, ", hottest: %s %s", name,
                units_percent((double)hottest->self[METRIC_CPU],
                              (double)profile_total(profile, METRIC_CPU))
                    .text);
        free(name);
        free(clean);
    }
    functions_release(&functions);
}

/* A crash is the news; that a signal somebody sent has ended it, who sent it knows. */
static void print_death(const struct profile *profile, const struct profile_process *root)
{
    const struct profile_process *process = last_second_of_whom(profile, root);
    const struct profile_death *death = process != NULL ? end_text_word(process) : NULL;
    uint32_t stack = death != NULL ? death->stack : STACK_NONE;

    if (process == NULL || process->end != END_SIGNAL || (death == NULL && !process->death.oom))
        return;
    fputs("; ", stderr);
    if (process != root) {
        char *comm = utf8_clean(process->comm);
        fprintf(stderr, "%s (%d) ", comm, process->pid);
        free(comm);
    }
    fprintf(stderr, "killed by %s", death_signal_name(process->end_status));
    if (stack != STACK_NONE) {
        char *clean = utf8_clean(profile->frames[profile->stacks[stack].frame].function);
        char *name = short_name(clean, NAME_WIDTH);
        fprintf(stderr, " in %s", name);
        free(name);
        free(clean);
    }
    if (process->death.oom != NULL)
        fputs(" for want of memory", stderr);
}

static void print_verdict(const struct profile *profile, const char *shown, const char *message,
                          bool next)
{
    struct facts facts;
    char *quoted = shell_quote(&shown, 1);

    facts_init(&facts, profile);
    fprintf(stderr, "profinject: %s wall, %s CPU, %zu process%s, %" PRIu64 " sample%s",
            units_duration((int64_t)facts.wall_ns).text, units_duration((int64_t)facts.cpu_ns).text,
            facts.processes, facts.processes == 1 ? "" : "es", facts.samples,
            plural(facts.samples));
    print_hottest(profile);
    print_death(profile, facts.root);
    fprintf(stderr, "\nprofinject: recording in %s%s%s\n", quoted,
            message != NULL ? "; it says: " : "", message != NULL ? message : "");
    if (next)
        fprintf(stderr, "profinject: next: profinject report %s\n", quoted);
    free(quoted);
}

bool verdict_print(const char *path, const char *shown, bool told, bool next)
{
    const struct load_options options = {0};
    struct problem problem = {0};
    struct profile *profile;
    char *message = first_message(path);
    bool is_there = load_profile(&path, 1, &options, &profile, &problem) == 0;

    if (is_there) {
        print_verdict(profile, shown, message, next);
        profile_free(profile);
    } else if (!told) {
        print_why_not(message, shown, &problem);
    }
    free(message);
    return is_there;
}
