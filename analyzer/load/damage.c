/*
 * Telling of damage. Its own file because it puts times and counts of the wire into words.
 */
#include "analyzer/load/damage.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GAPS_TOLD 3u

struct line {
    char text[1024];
    size_t used;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int size =
        vsnprintf(line->text + line->used, sizeof(line->text) - line->used, format, arguments);
    va_end(arguments);
    line->used += size > 0 ? (size_t)size : 0;
    if (line->used >= sizeof(line->text))
        line->used = sizeof(line->text) - 1;
}

static double seconds(uint64_t time_ns, uint64_t start_ns)
{
    return time_ns > start_ns ? (double)(time_ns - start_ns) / 1e9 : 0;
}

/* What comes next may tell of before as well. */
static void add_time(struct line *line, const struct trace_gap *gap, uint64_t start_ns)
{
    uint64_t to_ns = gap->to_ns > gap->from_ns ? gap->to_ns : gap->from_ns;

    if (gap->to_ns != 0)
        add(line, "%.3f to %.3f s", seconds(gap->from_ns, start_ns), seconds(to_ns, start_ns));
    else
        add(line, "%.3f s on", seconds(gap->from_ns, start_ns));
}

static void add_gaps(struct line *line, const struct trace_summary *summary, uint64_t start_ns)
{
    size_t told = summary->gap_count < GAPS_TOLD ? summary->gap_count : GAPS_TOLD;

    for (size_t i = 0; i < told; i++) {
        add(line, i == 0 ? ", missing from " : " and ");
        add_time(line, &summary->gaps[i], start_ns);
    }
    if (told < summary->gap_count)
        add(line, " and %zu other times", summary->gap_count - told);
}

static void add_counts(struct line *line, const struct profile_process *process)
{
    if (process->records_missing > 0)
        add(line, ", %" PRIu64 " records missing", process->records_missing);
    if (process->chunks_untold > 0)
        add(line, "%s %" PRIu64 " chunk%s of unknown content",
            process->records_missing > 0 ? " and" : ",", process->chunks_untold,
            process->chunks_untold == 1 ? "" : "s");
}

void damage_note(struct profile_process *process, const struct trace_summary *summary,
                 uint64_t first_ns, uint64_t last_ns)
{
    if (process->end_ns == 0)
        process->end_ns = last_ns;
    if (process->start_ns == 0)
        process->start_ns = summary->time_first;
    if (summary->chunks_before > 0)
        process->kept_from_ns = first_ns != 0 ? first_ns : process->end_ns;
    process->bytes = summary->bytes;
    process->chunks = summary->chunks;
    process->chunks_before = summary->chunks_before;
    process->records_before = summary->records_before;
    process->chunks_damaged = summary->chunks_damaged;
    process->recovered_records = summary->recovered_records;
    for (size_t i = 0; i < summary->gap_count; i++) {
        process->records_missing = sum_unsigned(process->records_missing, summary->gaps[i].records);
        process->chunks_untold = sum_unsigned(process->chunks_untold, summary->gaps[i].untold);
    }
}

void damage_tell(struct profile *profile, const char *path, const struct profile_process *process,
                 const struct trace_summary *summary)
{
    struct line line = {.used = 0};
    uint64_t start_ns = process->start_ns != 0 ? process->start_ns : summary->time_first;

    if (summary->chunks_damaged > 0)
        add(&line, ", %" PRIu64 " of %" PRIu64 " chunks damaged", summary->chunks_damaged,
            summary->chunks + summary->chunks_damaged);
    add_gaps(&line, summary, start_ns);
    add_counts(&line, process);
    if (summary->truncated)
        add(&line, ", it ends inside a chunk");
    if (summary->bytes_skipped > 0)
        add(&line, ", %" PRIu64 " bytes skipped", summary->bytes_skipped);
    if (summary->records_dropped > 0)
        add(&line, ", %" PRIu64 " records dropped", summary->records_dropped);
    if (summary->samples_dropped > 0)
        add(&line, ", %" PRIu64 " samples dropped", summary->samples_dropped);
    if (line.used == 0)
        return;
    char *text = memory_printf("trace '%s': %s", path, line.text + 2);
    profile_add_message(profile, text);
    free(text);
}
