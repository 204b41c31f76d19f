/*
 * Small made-up profiles for the tests of model/ and reports/, and a report's
 * output as a string. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_PROFILE_FIXTURE_H
#define PROFINJECT_TESTS_PROFILE_FIXTURE_H

#include "analyzer/reports/report.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

static inline uint32_t fixture_process(struct profile *profile, const char *comm, int pid, int ppid)
{
    struct profile_process process = {
        .pid = pid,
        .ppid = ppid,
        .comm = strings_intern(profile->strings, comm),
        .exe = "/usr/bin/made-up",
        .command = strings_intern(profile->strings, comm),
        .trace = "made-up.pinj",
        .start_ns = 1000000000,
        .end_ns = 3000000000,
        .cpu_ns = 500000000,
        .end = END_EXIT,
        .clock = "cpu",
        .unwinder = "auto",
        .frequency_asked = 1000,
        .weight_unit_ns = 1000000,
        .has_memory = true,
        .bytes = 1000,
        .chunks = 2,
    };

    return profile_add_process(profile, &process);
}

static inline uint32_t fixture_thread(struct profile *profile, uint32_t process, const char *name,
                                      int tid)
{
    struct profile_thread thread = {
        .process = process,
        .tid = tid,
        .name = strings_intern(profile->strings, name),
        .start_ns = 1000000000,
        .end_ns = 3000000000,
        .cpu_ns = 500000000,
        .sampled_ns = 500000000,
        .samples = 100,
        .memory = {.alloc_count = 10, .alloc_bytes = 4096, .free_count = 4, .free_bytes = 1024},
    };

    return profile_add_thread(profile, &thread);
}

/* Adds one frame. A name that starts with '+' is inlined, with '[' a mark. */
static inline uint32_t fixture_frame(struct profile *profile, const char *name)
{
    struct frame frame = {
        .kind = *name == '+'   ? FRAME_INLINED
                : *name == '[' ? FRAME_MARK
                               : FRAME_NATIVE,
        .module = strings_intern(profile->strings, "/usr/bin/made-up"),
    };

    frame.function = strings_intern(profile->strings, *name == '+' ? name + 1 : name);
    return profile_add_frame(profile, &frame);
}

/* "main;loop;work", root first; a name that holds ';' needs fixture_frame(). */
static inline uint32_t fixture_stack(struct profile *profile, const char *folded)
{
    char *copy = memory_strdup(folded);
    char *rest = copy;
    uint32_t stack = STACK_NONE;

    for (char *name; (name = strsep(&rest, ";")) != NULL;)
        stack = profile_add_stack(profile, stack, fixture_frame(profile, name), false);
    free(copy);
    return stack;
}

static inline void fixture_entry(struct profile *profile, uint32_t thread, uint32_t stack,
                                 int64_t cpu_ns, int64_t memory)
{
    struct profile_entry entry = {
        .thread = thread,
        .stack = stack,
        .value = {[METRIC_CPU] = cpu_ns, [METRIC_SAMPLES] = 1, [METRIC_MEMORY_DELTA] = memory},
        .alloc_count = memory > 0 ? 1 : 0,
        .alloc_bytes = memory > 0 ? (uint64_t)memory : 0,
        .free_count = memory < 0 ? 1 : 0,
        .free_bytes = memory < 0 ? (uint64_t)-memory : 0,
    };

    entries_add(&profile->entries, &entry);
}

/* What the report writes, as text that ends in NUL; free(). NULL when it fails. */
static inline char *fixture_output(const struct report *report, const struct profile *profile,
                                   const struct report_options *options)
{
    char *text = NULL;
    size_t size;
    struct problem problem = {0};
    FILE *out = open_memstream(&text, &size);
    int code = report->write(profile, options, out, &problem);

    fclose(out);
    if (code != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* True when jq finds that the report satisfies `filter`. */
static inline bool fixture_satisfies(const struct report *report, const struct profile *profile,
                                     const struct report_options *options, const char *filter)
{
    char *text = fixture_output(report, profile, options);
    char *command = memory_printf("jq -e '%s' >/dev/null", filter);
    FILE *jq = popen(command, "w");

    if (jq != NULL && text != NULL)
        fputs(text, jq);
    free(command);
    free(text);
    return jq != NULL && pclose(jq) == 0;
}

#endif
