/*
 * The leak report as text. Its own file as one output: it stands alone, beside the first
 * screen.
 */
#include "analyzer/reports/leaks_report.h"

#include "analyzer/reports/facts.h"
#include "analyzer/reports/roots.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TOP 15
#define MARGIN 7
#define INDENT 4
#define NUMBER_WIDTH 5   /* of a frame: "#123 " */
#define COLUMNS_LEAST 40 /* fewer show no name */

const char *leaks_report_kind(enum leak_kind kind)
{
    static const char *const names[LEAK_KINDS] = {
        [LEAK_UNKNOWN] = "not-freed",
        [LEAK_DIRECT] = "direct",
        [LEAK_INDIRECT] = "indirect",
        [LEAK_REACHABLE] = "reachable",
    };

    return names[kind];
}

/* "1.10 KiB (1 127 bytes) in 12 blocks"; of an estimate also what it lies between. */
static char *amount_text(const struct heap_amount *amount, uint64_t interval)
{
    long long bytes = llround(amount->bytes.total), blocks = llround(amount->count.total);
    const char *word = blocks == 1 ? "block" : "blocks";

    if (interval == 0)
        return memory_printf("%s (%s bytes) in %s %s", units_bytes(bytes).text,
                             units_exact(bytes).text, units_exact(blocks).text, word);
    struct interval of_bytes = estimate_interval(&amount->bytes, estimate_missed_bytes(interval));
    struct interval of_blocks = estimate_interval(&amount->count, estimate_missed_blocks(interval));
    return memory_printf("about %s (%s to %s) in %s %s (%s to %s)", units_bytes(bytes).text,
                         units_bytes(llround(of_bytes.low)).text,
                         units_bytes(llround(of_bytes.high)).text, units_count((double)blocks).text,
                         word, units_count(round(of_blocks.low)).text,
                         units_count(round(of_blocks.high)).text);
}

/* Writes `text`, and frees it: as many lines as it takes, behind a margin. */
static void say(const struct leaks_report *report, size_t margin, char *text)
{
    const struct cells cells = {.out = report->out, .columns = report->options->columns};

    fprintf(report->out, "%*s", (int)margin, "");
    cells_wrap(&cells, text, margin, margin, CELL_PLAIN);
    free(text);
}

/* --- what there is in all ------------------------------------------------------ */

static void write_scan(const struct leaks_report *report)
{
    const struct profile_leak_scan *scan = &report->scan;

    if (!scan->done) {
        say(report, MARGIN,
            memory_strdup(report->profile->is_window
                              ? "no scan for pointers to them: what was in use then is among them; "
                                "record --leak-scan looks once, when the program ends"
                              : "no scan for pointers to them: what was in use to the end is among "
                                "them; record --leak-scan tells"));
        return;
    }
    fprintf(report->out, "Scan   %s of memory, registers of %s %s, in %s\n",
            units_bytes((int64_t)scan->bytes).text, units_exact((int64_t)scan->threads).text,
            scan->threads == 1 ? "thread" : "threads",
            units_duration((int64_t)scan->length_ns).text);
    if (!scan->complete)
        say(report, MARGIN,
            memory_printf("incomplete: without %s of memory, registers of %s threads: what is "
                          "called lost may be in use",
                          units_bytes((int64_t)scan->left_bytes).text,
                          units_exact((int64_t)scan->left_threads).text));
    if (!scan->whole)
        say(report, MARGIN,
            memory_printf("lost is so at least: pointers in blocks that were not %s count as use",
                          report->interval > 0 ? "sampled" : "recorded"));
    if (report->unscanned > 0)
        say(report, MARGIN,
            memory_printf("of %zu of %zu processes: of others, which ended by exec or were "
                          "killed, all is \"not freed\"",
                          report->scanned, report->scanned + report->unscanned));
}

/* Writes `text`, and frees it, beside its head. */
static void write_headed(const struct leaks_report *report, const char *head, char *text)
{
    const struct cells cells = {
        .out = report->out, .color = report->options->color, .columns = report->options->columns};

    cells_text(&cells, head, MARGIN, CELL_BOLD);
    cells_wrap(&cells, text, MARGIN, MARGIN, CELL_PLAIN);
    free(text);
}

static void write_total(const struct leaks_report *report, enum leak_kind kind, const char *head,
                        const char *tail)
{
    const struct leaks *leaks = &report->leaks;
    char *amount = amount_text(&leaks->total[kind], report->interval);

    write_headed(report, head,
                 memory_printf("%s from %zu %s%s", amount, leaks->stacks[kind],
                               leaks->stacks[kind] == 1 ? "stack" : "stacks", tail));
    free(amount);
}

/* Of a sample none is no proof: how much may have been missed belongs to it. */
static char *none_text(uint64_t interval)
{
    const struct estimate none = {0};

    if (interval == 0)
        return memory_strdup("none");
    struct interval of_bytes = estimate_interval(&none, estimate_missed_bytes(interval));
    struct interval of_blocks = estimate_interval(&none, estimate_missed_blocks(interval));
    return memory_printf("none among the blocks sampled: %s in %s blocks at most",
                         units_bytes(llround(of_bytes.high)).text,
                         units_count(ceil(of_blocks.high)).text);
}

static void write_totals(const struct leaks_report *report)
{
    const size_t *stacks = report->leaks.stacks;

    if (stacks[LEAK_UNKNOWN] > 0)
        write_total(report, LEAK_UNKNOWN, "Leaks",
                    report->profile->is_window
                        ? ", allocated in that part of the run and not freed at its end"
                        : ", not freed when the recording ended");
    if (stacks[LEAK_DIRECT] > 0)
        write_total(report, LEAK_DIRECT, "Leaks", ", lost: no pointer leads there");
    if (stacks[LEAK_INDIRECT] > 0)
        write_total(report, LEAK_INDIRECT, "and", ", lost with others that point there");
    if (stacks[LEAK_UNKNOWN] + stacks[LEAK_DIRECT] + stacks[LEAK_INDIRECT] == 0)
        write_headed(report, "Leaks", none_text(report->interval));
    if (stacks[LEAK_REACHABLE] > 0)
        write_total(report, LEAK_REACHABLE, "Kept",
                    report->options->all ? ", not freed but within reach"
                                         : ", not freed but within reach: --all lists them");
}

/* --- one group ------------------------------------------------------------------ */

/* What libraries keep on purpose is shown as all else, and explained. */
static const char *note_on(const struct frame *leaf)
{
    static const struct {
        const char *pattern, *text;
    } notes[] = {
        {"/ld-linux", "the loader keeps this for as long as the process lives"},
        {"^_IO_file_doallocate$", "buffer of a stream; standard ones are never closed"},
        {"^_IO_wfile_doallocate$", "buffer of a stream; standard ones are never closed"},
        {"eh_alloc.cc", "reserve for exceptions when memory is out; libstdc++ keeps it"},
        {"^__gnu_cxx::__freeres", "reserve for exceptions when memory is out; libstdc++ keeps it"},
    };

    for (size_t i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
        if (suppression_matches(notes[i].pattern, leaf->function) ||
            suppression_matches(notes[i].pattern, leaf->module) ||
            suppression_matches(notes[i].pattern, leaf->file))
            return notes[i].text;
    return NULL;
}

/* Where a frame is, as other tools read it, in the columns there are; free(). */
static char *place_text(const struct frame *frame, size_t columns)
{
    char *place = utf8_clean(frame->file != NULL     ? frame->file
                             : frame->module != NULL ? frame->module
                                                     : "");
    char *text;

    if (frame->file != NULL && frame->line != 0)
        text = memory_printf("%s:%" PRIu32, place, frame->line);
    else if (frame->file != NULL || *place == '\0')
        text = memory_strdup(place);
    else
        text = memory_printf("(%s+0x%" PRIx64 ")", place, frame->address);
    free(place);
    char *shown = cells_elide(text, columns);
    free(text);
    return shown;
}

static void write_frames(const struct leaks_report *report, uint32_t stack)
{
    const struct profile *profile = report->profile;
    size_t columns =
        report->options->columns > COLUMNS_LEAST ? report->options->columns : COLUMNS_LEAST;

    for (size_t i = 0; stack != STACK_NONE; stack = profile->stacks[stack].parent, i++) {
        const struct frame *frame = &profile->frames[profile->stacks[stack].frame];
        char *clean = utf8_clean(frame->function);
        char *name = short_name(clean, columns - INDENT - NUMBER_WIDTH);
        char *place = place_text(frame, columns - 2 * INDENT);
        free(clean);
        char *head = memory_printf("#%zu %s", i, name);
        bool both = INDENT + utf8_length(head) + 1 + utf8_length(place) <= columns;
        fprintf(report->out, "%*s%s", INDENT, "", head);
        if (*place != '\0' && !both)
            fprintf(report->out, "\n%*s", 2 * INDENT - 1, "");
        fprintf(report->out, "%s%s\n", *place != '\0' ? " " : "", place);
        free(head);
        free(place);
        free(name);
    }
}

static struct unit_text after_start(const struct leaks_report *report, uint64_t time_ns)
{
    return units_duration(time_ns > report->start_ns ? (int64_t)(time_ns - report->start_ns) : 0);
}

/* Who and when: "by main (1234), 120 ms to 3.10 s after the start". */
static void write_origin(const struct leaks_report *report, const struct leak_group *group)
{
    const struct profile_thread *thread = &report->profile->threads[group->thread];
    char *name = utf8_clean(thread->name != NULL ? thread->name : "?");
    char threads[32] = "", processes[32] = "", last[32] = "";

    if (group->threads > 1)
        snprintf(threads, sizeof(threads), " of %" PRIu32 " threads", group->threads);
    if (group->processes > 1)
        snprintf(processes, sizeof(processes), " in %" PRIu32 " processes", group->processes);
    if (group->last_ns != group->first_ns)
        snprintf(last, sizeof(last), " to %.20s", after_start(report, group->last_ns).text);
    say(report, INDENT,
        memory_printf("%sby %s (%" PRId32 ")%s%s, %s%s after the start",
                      group->threads > 1 ? "most " : "", name, thread->tid, threads, processes,
                      after_start(report, group->first_ns).text, last));
    free(name);
}

static void write_group(const struct leaks_report *report, const struct leak_group *group)
{
    static const char *const heads[LEAK_KINDS] = {
        [LEAK_UNKNOWN] = "Not freed: ",
        [LEAK_DIRECT] = "Direct leak of ",
        [LEAK_INDIRECT] = "Indirect leak of ",
        [LEAK_REACHABLE] = "Still reachable: ",
    };
    const struct cells cells = {
        .out = report->out, .color = report->options->color, .columns = report->options->columns};
    const struct profile *profile = report->profile;
    char *amount = amount_text(&group->amount, report->interval);
    char *head = memory_printf("%s%s, allocated from:", heads[group->kind], amount);

    fputc('\n', report->out);
    cells_wrap(&cells, head, 0, INDENT, CELL_BOLD);
    write_frames(report, group->stack);
    write_origin(report, group);
    const char *note = group->stack != STACK_NONE
                           ? note_on(&profile->frames[profile->stacks[group->stack].frame])
                           : NULL;
    if (note != NULL)
        say(report, INDENT, memory_printf("note: %s", note));
    free(head);
    free(amount);
}

static void write_groups(const struct leaks_report *report)
{
    const struct leaks *leaks = &report->leaks;
    size_t top = report->options->all   ? SIZE_MAX
                 : report->options->top ? report->options->top
                                        : DEFAULT_TOP;
    size_t written = 0, wanted = 0;

    for (size_t i = 0; i < leaks->shown; i++) {
        const struct leak_group *group = &leaks->groups[i];
        if (group->kind == LEAK_REACHABLE && !report->options->all)
            continue;
        if (wanted++ >= top)
            continue;
        write_group(report, group);
        written++;
    }
    if (wanted > written)
        fprintf(report->out, "\nand %zu more stacks (--top N, --all)\n", wanted - written);
}

/* --- suppressed ------------------------------------------------------------------ */

static void write_suppressed(const struct leaks_report *report)
{
    const struct suppressions *suppressions = report->options->suppressions;
    const struct leaks *leaks = &report->leaks;

    if (suppressions == NULL || leaks->all_suppressed.groups == 0)
        return;
    char *all = amount_text(&leaks->all_suppressed.amount, report->interval);
    fputc('\n', report->out);
    say(report, 0,
        memory_printf("Suppressed %zu %s, %s:", leaks->all_suppressed.groups,
                      leaks->all_suppressed.groups == 1 ? "stack" : "stacks", all));
    for (size_t i = 0; i < suppressions->count; i++) {
        const struct leak_suppressed *one = &leaks->suppressed[i];
        if (one->groups == 0)
            continue;
        char *amount = amount_text(&one->amount, report->interval);
        char *pattern = utf8_clean(suppressions->rules[i].pattern);
        say(report, INDENT,
            memory_printf("line %u, leak:%s: %zu %s, %s", suppressions->rules[i].line, pattern,
                          one->groups, one->groups == 1 ? "stack" : "stacks", amount));
        free(pattern);
        free(amount);
    }
    free(all);
}

/* --- the whole ------------------------------------------------------------------- */

static void write_text(const struct leaks_report *report)
{
    uint64_t lost = 0;

    for (size_t i = 0; i < report->profile->process_count; i++)
        lost += report->profile->processes[i].heap.lost;
    write_totals(report);
    write_scan(report);
    if (lost > 0)
        fprintf(report->out,
                "       %s allocations were lost for want of room: leaks may be missing\n",
                units_count((double)lost).text);
    write_groups(report);
    write_suppressed(report);
}

static void gather(struct leaks_report *report)
{
    const struct profile *profile = report->profile;
    struct profile_leak_scan *sum = &report->scan;

    *sum = (struct profile_leak_scan){.whole = true, .complete = true};
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_heap *heap = &profile->processes[i].heap;
        const struct profile_leak_scan *scan = &heap->scan;
        if (!heap->has_sites)
            continue;
        if (heap->interval > report->interval)
            report->interval = heap->interval;
        report->scanned += scan->done;
        report->unscanned += !scan->done;
        if (!scan->done)
            continue;
        sum->done = true;
        sum->whole = sum->whole && scan->whole && heap->interval == 0 && heap->lost == 0;
        sum->complete = sum->complete && scan->complete;
        sum->bytes += scan->bytes;
        sum->left_bytes += scan->left_bytes;
        sum->length_ns += scan->length_ns;
        sum->threads += scan->threads;
        sum->left_threads += scan->left_threads;
    }
}

int leaks_report_write(const struct profile *profile, const struct report_options *options,
                       FILE *out, struct problem *problem)
{
    struct leaks_report report = {
        .profile = profile, .options = options, .start_ns = profile_start_ns(profile), .out = out};
    int code = report_check_metric(profile, METRIC_LIVE_BYTES, problem);

    if (code != 0)
        return code;
    gather(&report);
    leaks_init(&report.leaks, profile, options->suppressions);
    if (options->json)
        leaks_json_write(&report);
    else
        write_text(&report);
    leaks_release(&report.leaks);
    return 0;
}
