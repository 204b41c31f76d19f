/*
 * The section of `report` about an end that the program did not choose: the first thing to
 * know. Its own file because it tells a story, of one process, in its order.
 */
#include "analyzer/model/last_second.h"
#include "analyzer/reports/end_text.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 6 /* columns of the screen's labels */
#define FRAMES 12
#define THREADS 5
#define FUNCTIONS 3
#define OTHERS 5
#define NAME 32
#define LOOKS 4
#define LOOKS_NS 10000000000ull /* how far back memory is shown */
#define CHAIN 5                 /* functions of a last sample */
#define FIGURE 11

/* Of whom, and all that is told of it. */
struct story {
    const struct text_report *report;
    const struct profile *profile;
    const struct profile_process *process;
    const struct profile_death *death; /* its own word; NULL: none that counts */
    struct last_second last;
};

/* A line below the label. */
static void tell(const struct cells *cells, char *text)
{
    fprintf(cells->out, "%*s", LABEL, "");
    cells_wrap(cells, text, LABEL, LABEL, CELL_PLAIN);
    free(text);
}

static struct unit_text since_start(const struct story *story, uint64_t time_ns)
{
    return text_resident_when(story->profile, time_ns);
}

static char *thread_text(const struct profile *profile, uint32_t number, int32_t tid)
{
    if (number == DEATH_THREAD_UNKNOWN)
        return memory_printf("(%d)", tid);
    char *name = utf8_clean(profile->threads[number].name);
    char *text = memory_printf("%s (%d)", name, profile->threads[number].tid);

    free(name);
    return text;
}

/* "function  file:line" of a frame, as wide as columns allow. */
static void write_frame(const struct story *story, const struct frame *frame)
{
    const struct cells *cells = &story->report->cells;
    char *clean = utf8_clean(frame->function);
    char *name = short_name(clean, NAME);
    char *place = cells_place(frame->file, frame->line, frame->module);
    char *shown = cells_elide(place, cells->columns - NAME - LABEL - 4);

    fprintf(cells->out, "%*s", LABEL + 2, "");
    cells_text(cells, name, NAME + 1, CELL_PLAIN);
    cells_text(cells, shown, (int)utf8_length(shown), CELL_DIM);
    fputc('\n', cells->out);
    free(shown);
    free(place);
    free(name);
    free(clean);
}

/* From the leaf towards the root. */
static void write_stack(const struct story *story, uint32_t stack)
{
    const struct profile *profile = story->profile;
    size_t shown = 0, more = 0;

    for (; stack != STACK_NONE; stack = profile->stacks[stack].parent) {
        if (shown < FRAMES || profile->stacks[stack].parent == STACK_NONE) {
            if (more > 0)
                fprintf(story->report->cells.out, "%*s... %zu more\n", LABEL + 2, "", more);
            write_frame(story, &profile->frames[profile->stacks[stack].frame]);
            shown++;
        } else {
            more++;
        }
    }
}

static void write_death(const struct story *story)
{
    const struct cells *cells = &story->report->cells;
    const struct profile_death *death = story->death;

    char *cause = end_text_cause(death);
    char *thread = thread_text(story->profile, death->thread, death->tid);
    tell(cells, memory_printf("%s; in thread %s, %s after the start:", cause, thread,
                              since_start(story, death->time_ns).text));
    free(thread);
    free(cause);
    write_stack(story, death->stack);
}

/* Whether a thread of the process was in a wait at the end. */
static bool has_open_waits(const struct story *story)
{
    const struct profile *profile = story->profile;
    size_t i = 0;

    while (
        i < profile->wait_count &&
        (profile->waits[i].sums.open == 0 ||
         &profile->processes[profile->threads[profile->waits[i].thread].process] != story->process))
        i++;
    return i < profile->wait_count;
}

/* What is known instead. A signal that a handler of ours would have told of, had there been room
 * for it on the stack. */
static void write_no_word(const struct story *story)
{
    const struct profile_process *process = story->process;
    bool is_fault = process->end == END_SIGNAL && death_code(process->end_status, 1).name != NULL &&
                    process->end_status != SIGTRAP;

    if (process->death.oom != NULL) {
        char *oom = utf8_clean(process->death.oom);
        tell(&story->report->cells, memory_printf("for want of memory: %s", oom));
        free(oom);
    }
    tell(&story->report->cells,
         memory_printf(
             "%s %s after the start; %swhere threads were is known from their last samples "
             "%s",
             process->death.undated ? "at an unknown time, the last that is known of it is"
                                    : "found gone",
             since_start(story, process->end_ns).text,
             is_fault ? "no room on the stack to tell more, as where it overflows, or "
                        "the signal was blocked: "
                      : "",
             has_open_waits(story) ? "and the waits they were in" : "only"));
}

static char *functions_text(const struct story *story, const struct last_thread *thread)
{
    const struct labels *labels = &story->report->functions.labels;
    char *text = memory_strdup("");

    for (size_t i = 0; i < thread->count && i < FUNCTIONS; i++) {
        const struct last_function *function = &thread->functions[i];
        char *name = short_name(labels->items[function->label].name, NAME);
        char *longer =
            memory_printf("%s%s%s %s", text, i > 0 ? ", " : "", name,
                          units_percent((double)function->cpu_ns, (double)thread->cpu_ns).text);
        free(name);
        free(text);
        text = longer;
    }
    return text;
}

/* "compute < work < start_thread" */
static char *chain_text(const struct story *story, uint32_t stack)
{
    const struct profile *profile = story->profile;
    char *text = memory_strdup("");
    int shown = 0;

    for (; stack != STACK_NONE && shown < CHAIN; stack = profile->stacks[stack].parent, shown++) {
        char *clean = utf8_clean(profile->frames[profile->stacks[stack].frame].function);
        char *name = short_name(clean, NAME);
        char *longer = memory_printf("%s%s%s", text, shown > 0 ? " < " : "", name);
        free(clean);
        free(name);
        free(text);
        text = longer;
    }
    if (stack != STACK_NONE) {
        char *longer = memory_printf("%s < ...", text);
        free(text);
        text = longer;
    }
    return text;
}

static void write_thread(const struct story *story, const struct last_thread *last)
{
    const struct cells *cells = &story->report->cells;
    const struct profile_thread *thread = &story->profile->threads[last->thread];

    char *name = thread_text(story->profile, last->thread, thread->tid);
    char *functions = functions_text(story, last);
    char *chain = chain_text(story, thread->last.stack);
    fprintf(cells->out, "%*s", LABEL + 2, "");
    cells_text(cells, name, 24, CELL_PLAIN);
    char *text =
        memory_printf("%s CPU%s%s; last sample at %s, in %s",
                      units_duration((int64_t)last->cpu_ns).text, last->count > 0 ? ": " : "",
                      functions, since_start(story, thread->last.time_ns).text, chain);
    cells_wrap(cells, text, LABEL + 26, LABEL + 26, CELL_PLAIN);
    free(text);
    free(chain);
    free(functions);
    free(name);
}

static void write_threads(const struct story *story)
{
    const struct last_second *last = &story->last;
    size_t most = story->report->top > THREADS ? THREADS : story->report->top;

    if (last->count == 0)
        return;
    tell(&story->report->cells, memory_strdup("The last second of its threads, sampled:"));
    for (size_t i = 0; i < last->count && i < most; i++)
        write_thread(story, &last->threads[i]);
    if (last->count > most)
        fprintf(story->report->cells.out, "%*sand %zu more threads\n", LABEL + 2, "",
                last->count - most);
}

/* Looks at memory in the time before, first and last and evenly between; returns how many. */
static size_t choose_looks(const struct story *story, size_t chosen[LOOKS])
{
    const struct profile_mapped *mapped = &story->process->mapped;
    uint64_t end_ns = last_second_death_ns(story->process);
    size_t first = 0, count = mapped->look_count;

    while (first + 2 < count && mapped->looks[first].time_ns + LOOKS_NS < end_ns)
        first++;
    size_t there = count - first, shown = there < LOOKS ? there : LOOKS;
    for (size_t i = 0; i < shown; i++)
        chosen[i] = shown > 1 ? first + i * (there - 1) / (shown - 1) : first;
    return shown;
}

static void write_memory_row(const struct story *story, const char *name, const size_t *looks,
                             size_t count, bool is_live)
{
    const struct cells *cells = &story->report->cells;

    fprintf(cells->out, "%*s", LABEL + 2, "");
    cells_text(cells, name, 24, CELL_PLAIN);
    for (size_t i = 0; i < count; i++) {
        const struct profile_resident *look = &story->process->mapped.looks[looks[i]];
        cells_text(cells, units_bytes((int64_t)(is_live ? look->live : look->resident)).text,
                   -FIGURE, CELL_PLAIN);
    }
    fputc('\n', cells->out);
}

static void write_memory(const struct story *story)
{
    const struct cells *cells = &story->report->cells;
    size_t looks[LOOKS];
    size_t count = choose_looks(story, looks);

    if (count == 0)
        return;
    fprintf(cells->out, "%*s", LABEL, "");
    cells_text(cells, "Its memory before, at", 26, CELL_PLAIN);
    bool has_live = true;
    for (size_t i = 0; i < count; i++) {
        const struct profile_resident *look = &story->process->mapped.looks[looks[i]];
        cells_text(cells, since_start(story, look->time_ns).text, -FIGURE, CELL_PLAIN);
        has_live &= (look->known & TRACE_RESIDENT_LIVE) != 0;
    }
    fputc('\n', cells->out);
    write_memory_row(story, "resident", looks, count, false);
    if (has_live)
        write_memory_row(story, "live heap", looks, count, true);
}

/* Processes beside the one that is told of. */
static void write_others(const struct story *story)
{
    size_t told = 0, more = 0;

    for (size_t i = 0; i < story->profile->process_count; i++) {
        const struct profile_process *process = &story->profile->processes[i];
        if (process == story->process || process->end != END_SIGNAL)
            continue;
        if (told++ >= OTHERS) {
            more++;
            continue;
        }
        char *how = end_text_signal(process);
        char *comm = utf8_clean(process->comm);
        tell(&story->report->cells,
             memory_printf("%s (%d), too, was killed %s, %s after the start", comm, process->pid,
                           how, since_start(story, last_second_death_ns(process)).text));
        free(comm);
        free(how);
    }
    if (more > 0)
        tell(&story->report->cells, memory_printf("and %zu more, see --all", more));
}

void text_end(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    const struct profile_process *process = last_second_of_whom(profile, report->facts.root);

    if (process == NULL)
        return;
    struct story story = {
        .report = report, .profile = profile, .process = process, .death = end_text_word(process)};
    char *how = end_text_signal(process);
    char *comm = utf8_clean(process->comm);
    bool is_root = process == report->facts.root;
    bool is_killed = process->end == END_SIGNAL || story.death != NULL;
    char *text = is_root ? memory_printf("%s %s", is_killed ? "killed" : "ended", how)
                         : memory_printf("%s (%d) was %s %s", comm, process->pid,
                                         is_killed ? "killed" : "gone", how);

    last_second_init(&story.last, profile, &report->functions.labels,
                     (uint32_t)(process - profile->processes));
    cells_text(&report->cells, "End", LABEL, CELL_BOLD);
    cells_wrap(&report->cells, text, LABEL, LABEL, CELL_PLAIN);
    if (story.death != NULL)
        write_death(&story);
    else
        write_no_word(&story);
    write_threads(&story);
    write_memory(&story);
    write_others(&story);
    last_second_release(&story.last);
    free(text);
    free(comm);
    free(how);
}
