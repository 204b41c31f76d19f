/*
 * The section of `report` about resident memory: how much, why, and by whom. Its own file
 * because it is about a process, not about functions.
 */
#include "analyzer/model/resident.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 6
#define NAMED_LEAST 0.005 /* a smaller part is not named on the first screen */
#define HUGE_LEAST 0.1    /* likewise of huge pages */
#define CAUSES 3          /* functions named */
#define CAUSE_LEAST 0.05  /* of what the first of them has */
#define NAME_MOST 40      /* columns */
#define REST_PART 4       /* of the peak: less at the end is not told */

const struct profile_process *text_resident_largest(const struct profile *profile)
{
    const struct profile_process *most = NULL;
    uint64_t bytes = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        if (profile->processes[i].mapped.look_count == 0)
            continue;
        uint64_t peak = resident_most(profile, &profile->processes[i]).bytes;
        if (peak > bytes)
            most = &profile->processes[i];
        bytes = peak > bytes ? peak : bytes;
    }
    return most;
}

struct unit_text text_resident_when(const struct profile *profile, uint64_t time_ns)
{
    uint64_t start = profile_start_ns(profile);

    return units_duration(time_ns > start ? (int64_t)(time_ns - start) : 0);
}

/* --- in lines that fit ------------------------------------------------------------- */

struct line {
    const struct cells *cells;
    size_t used;
    bool has_any;
};

/* `text` is empty or ends in a blank. */
static struct line begin_line(const struct cells *cells, const char *text)
{
    size_t length = strlen(text);

    /* The blank at its end comes with what follows it, if that is on the same line. */
    fprintf(cells->out, "%*s%.*s", INDENT, "", (int)(length > 0 ? length - 1 : 0), text);
    return (struct line){cells, INDENT + utf8_length(text), false};
}

/* Takes `text`. */
static void add_to_line(struct line *line, char *text)
{
    size_t length = utf8_length(text);
    /* Before the first there may be words, which a long name leaves alone. */
    bool breaks = line->used > INDENT && line->used + length + 3 > line->cells->columns;

    if (line->has_any)
        fputs(breaks ? ",\n" : ", ", line->cells->out);
    else if (line->used > INDENT)
        fputc(breaks ? '\n' : ' ', line->cells->out);
    if (breaks)
        fprintf(line->cells->out, "%*s", INDENT, "");
    fputs(text, line->cells->out);
    line->used = (breaks ? INDENT : line->used + (line->has_any ? 2 : 0)) + length;
    line->has_any = true;
    free(text);
}

/* --- by whom ------------------------------------------------------------------------- */

struct cause {
    uint64_t value;
    uint32_t label;
};

static void rank(struct cause *causes, uint64_t value, uint32_t label)
{
    struct cause one = {value, label};

    for (size_t i = 0; i < CAUSES; i++)
        if (one.value > causes[i].value) {
            struct cause other = causes[i];
            causes[i] = one;
            one = other;
        }
}

static bool is_of(const struct profile *profile, uint32_t thread,
                  const struct profile_process *process)
{
    return &profile->processes[profile->threads[thread].process] == process;
}

static uint32_t label_of(const struct text_report *report, uint32_t stack)
{
    return report->functions.labels.of_frame[report->profile->stacks[stack].frame];
}

static void rank_all(const struct text_report *report, const uint64_t *values, struct cause *causes)
{
    for (size_t i = 0; i < report->functions.labels.count; i++)
        rank(causes, values[i], (uint32_t)i);
}

static void find_mappers(const struct text_report *report, const struct profile_process *process,
                         struct cause *causes)
{
    const struct profile *profile = report->profile;
    uint64_t *values = memory_alloc((report->functions.labels.count + 1) * sizeof(*values));

    for (size_t i = 0; i < profile->mapped_site_count; i++) {
        const struct profile_mapped_site *site = &profile->mapped_sites[i];
        if (site->stack != STACK_NONE && is_of(profile, site->thread, process))
            values[label_of(report, site->stack)] += site->mapped.peak;
    }
    rank_all(report, values, causes);
    free(values);
}

/* Whoever has bytes live when the heap is highest; or whose blocks, however small, are
 * there to the end: they keep what is free around them. */
static void find_allocators(const struct text_report *report, const struct profile_process *process,
                            bool blocks, struct cause *causes)
{
    const struct profile *profile = report->profile;
    uint64_t *values = memory_alloc((report->functions.labels.count + 1) * sizeof(*values));

    for (size_t i = 0; i < profile->heap_site_count; i++) {
        const struct profile_heap_site *site = &profile->heap_sites[i];
        const struct heap_site sums = profile_heap_sums(profile, site);
        double value = blocks ? sums.live.count.total : sums.peak.bytes.total;
        if (site->stack != STACK_NONE && value > 0 && is_of(profile, site->thread, process))
            values[label_of(report, site->stack)] += (uint64_t)llround(value);
    }
    rank_all(report, values, causes);
    free(values);
}

static void write_causes(const struct text_report *report, const char *words,
                         const struct cause *causes, bool blocks)
{
    if (causes[0].value == 0)
        return;
    struct line line = begin_line(&report->cells, words);
    for (size_t i = 0; i < CAUSES; i++) {
        double value = (double)causes[i].value;
        if (value == 0 || value < CAUSE_LEAST * (double)causes[0].value)
            break;
        char *name = short_name(report->functions.labels.items[causes[i].label].name, NAME_MOST);
        add_to_line(&line, memory_printf("%s %s%s", name,
                                         blocks ? units_count(value).text
                                                : units_bytes((int64_t)causes[i].value).text,
                                         blocks ? " blocks" : ""));
        free(name);
    }
    fputc('\n', report->cells.out);
}

static void write_allocators(const struct text_report *report,
                             const struct profile_process *process, bool blocks)
{
    struct cause causes[CAUSES] = {{0}};

    find_allocators(report, process, blocks, causes);
    char *words = memory_printf(
        "%s (%s): ", blocks ? "held by what is live at the end" : "at the heap's peak",
        heap_quality(report->profile, false).text);
    write_causes(report, words, causes, blocks);
    free(words);
}

/* What the part that is most of it is, and whose doing, as far as that is known. */
static void write_why(const struct text_report *report, const struct profile_process *process,
                      enum resident_part most, const struct profile_resident *look)
{
    struct cause causes[CAUSES] = {{0}};
    bool is_file = most == RESIDENT_FILES || most == RESIDENT_SHMEM || most == RESIDENT_DATA;

    if (most == RESIDENT_MAPPED) {
        find_mappers(report, process, causes);
        write_causes(report, "mapped at the most, touched or not: ", causes, false);
    } else if (most == RESIDENT_FRAGMENTATION || most == RESIDENT_LIVE) {
        write_allocators(report, process, most == RESIDENT_FRAGMENTATION);
    } else if (is_file && look->file != NULL) {
        char *bytes = memory_printf(", %s", units_bytes((int64_t)look->file_resident).text);
        size_t used = INDENT + sizeof("largest: ") - 1 + utf8_length(bytes);
        char *file = cells_elide(look->file, report->cells.columns - used);
        fprintf(report->cells.out, "%*slargest: %s%s\n", INDENT, "", file, bytes);
        free(file);
        free(bytes);
    } else if (most == RESIDENT_LAZY) {
        fprintf(report->cells.out,
                "%*slazily freed: by MADV_FREE; the kernel takes it when short\n", INDENT, "");
    }
}

/* --- the section --------------------------------------------------------------------- */

static enum resident_part most_of(const struct resident_parts *parts)
{
    enum resident_part most = RESIDENT_LIVE;

    for (enum resident_part part = RESIDENT_LIVE; part < RESIDENT_PARTS; part++)
        if (parts->bytes[part] > parts->bytes[most])
            most = part;
    return most;
}

/* "mapped 256 MiB (97 %), files 2.4 MiB (1 %)", largest first. */
static void write_parts(const struct cells *cells, struct resident_parts parts, uint64_t resident)
{
    struct line line = begin_line(cells, "");

    for (int i = 0; i < RESIDENT_PARTS; i++) {
        enum resident_part part = most_of(&parts);
        double bytes = (double)parts.bytes[part];
        if (bytes <= 0 || bytes < NAMED_LEAST * (double)resident)
            break;
        add_to_line(&line, memory_printf("%s %s (%s)", resident_part_name(part),
                                         units_bytes((int64_t)parts.bytes[part]).text,
                                         units_percent(bytes, (double)resident).text));
        parts.bytes[part] = 0;
    }
    fputc('\n', cells->out);
}

static void write_pages(FILE *out, const struct profile_resident *look)
{
    if ((double)look->huge > HUGE_LEAST * (double)look->resident)
        fprintf(out, "%*s%s of it in huge pages: 2 MiB for each that was touched anywhere\n",
                INDENT, "", units_bytes((int64_t)look->huge).text);
    if (look->hugetlb > 0)
        fprintf(out, "%*sbesides %s of reserved huge pages, which are not part of RSS\n", INDENT,
                "", units_bytes((int64_t)look->hugetlb).text);
}

static const char *seen_by(const struct resident_most *most)
{
    if (most->by == RESIDENT_SEEN_BY_SERIES)
        return "by process.rss, looked at more often than what it is made of";
    if (most->time_ns != 0)
        return "by the kernel; about as much by process.rss then";
    return "for a moment, by the kernel, when nobody looked";
}

/* "start 3 MiB, end 5 MiB, peak 127 MiB at 956 ms in zstd:", and, where the parts are of another
 * moment, since nobody took the peak apart, who saw it and when they are from. */
static void write_sizes(const struct text_report *report, const struct profile_process *process,
                        const struct profile_resident *look)
{
    const struct profile *profile = report->profile;
    const struct profile_mapped *mapped = &process->mapped;
    struct resident_most most = resident_most(profile, process);
    FILE *out = report->cells.out;

    fprintf(out, "start %s, end %s, peak %s", units_bytes((int64_t)mapped->looks[0].resident).text,
            units_bytes((int64_t)resident_last(profile, process).bytes).text,
            units_bytes((int64_t)most.bytes).text);
    if (most.time_ns != 0)
        fprintf(out, " at %s", text_resident_when(profile, most.time_ns).text);
    if (profile->process_count > 1)
        fprintf(out, " in %s", process->comm);
    fputs(":\n", out);
    if ((double)most.bytes > (1 + RESIDENT_UNSEEN_LEAST) * (double)look->resident)
        fprintf(out, "%*s(%s;\n%*staken apart at %s, when it was %s)\n", INDENT, "", seen_by(&most),
                INDENT, "", text_resident_when(profile, look->time_ns).text,
                units_bytes((int64_t)look->resident).text);
}

/* What is left when the peak is over can be there for another reason. */
static void write_last(const struct text_report *report, const struct profile_process *process,
                       const struct profile_resident *peak)
{
    const struct profile_resident *last = &process->mapped.looks[process->mapped.look_count - 1];
    struct resident_parts parts = resident_parts_of(last), before = resident_parts_of(peak);
    enum resident_part most = most_of(&parts);

    if (most == most_of(&before) || REST_PART * last->resident < peak->resident)
        return;
    fprintf(report->cells.out, "%*sat the end mostly %s, %s (%s)\n", INDENT, "",
            resident_part_name(most), units_bytes((int64_t)parts.bytes[most]).text,
            units_percent((double)parts.bytes[most], (double)last->resident).text);
    write_why(report, process, most, last);
}

void text_resident(const struct text_report *report)
{
    const struct profile *profile = report->profile;
    const struct profile_process *process = text_resident_largest(profile);
    FILE *out = report->cells.out;

    if (process == NULL)
        return;
    const struct profile_mapped *mapped = &process->mapped;
    const struct profile_resident *looks = mapped->looks, *peak = &looks[resident_peak(mapped)];
    struct resident_parts parts = resident_parts_of(peak);
    cells_text(&report->cells, "RSS", INDENT, CELL_BOLD);
    write_sizes(report, process, peak);
    write_parts(&report->cells, parts, peak->resident);
    write_why(report, process, most_of(&parts), peak);
    write_pages(out, peak);
    write_last(report, process, peak);
    if (mapped->lost > 0)
        fprintf(out, "%*s%s events of mapped memory were lost: who mapped it may be wrong\n",
                INDENT, "", units_count((double)mapped->lost).text);
}
