/*
 * The sections of `report` about resident memory: how much, and why. Its own file because
 * it is about a process, not about functions.
 */
#include "analyzer/model/resident.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>
#include <string.h>

#define WIDTH 10
#define INDENT 6
#define NAMED_LEAST 0.005 /* a smaller part is not named on the first screen */

/* The process that had most resident; NULL where nobody looked. */
static const struct profile_process *largest(const struct profile *profile)
{
    const struct profile_process *most = NULL;
    uint64_t bytes = 0;

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_mapped *mapped = &profile->processes[i].mapped;
        if (mapped->look_count == 0)
            continue;
        uint64_t peak = mapped->looks[resident_peak(mapped)].resident;
        if (peak > bytes)
            most = &profile->processes[i];
        bytes = peak > bytes ? peak : bytes;
    }
    return most;
}

static struct unit_text time_of(const struct text_report *report, uint64_t time_ns)
{
    uint64_t start = profile_start_ns(report->profile);

    return units_duration(time_ns > start ? (int64_t)(time_ns - start) : 0);
}

/* "mapped 256 MiB (97 %), files and shared 2.4 MiB (1 %)", in lines that fit. */
static void write_parts(const struct cells *cells, size_t used, const struct resident_parts *parts,
                        uint64_t resident)
{
    const char *between = "";

    for (enum resident_part part = 0; part < RESIDENT_PARTS; part++) {
        double bytes = (double)parts->bytes[part];
        if (bytes < NAMED_LEAST * (double)resident)
            continue;
        char *text = memory_printf("%s %s (%s)", resident_part_name(part),
                                   units_bytes((int64_t)parts->bytes[part]).text,
                                   units_percent(bytes, (double)resident).text);
        bool breaks = used + strlen(between) + strlen(text) + 1 > cells->columns;
        used = breaks ? INDENT : used + strlen(between);
        fprintf(cells->out, "%s%s", breaks ? ",\n      " : between, text);
        used += strlen(text);
        between = ", ";
        free(text);
    }
    fputc('\n', cells->out);
}

void text_resident(const struct text_report *report)
{
    const struct profile_process *process = largest(report->profile);
    FILE *out = report->cells.out;

    if (process == NULL)
        return;
    const struct profile_mapped *mapped = &process->mapped;
    size_t peak = resident_peak(mapped);
    const struct profile_resident *looks = mapped->looks;
    struct resident_parts parts = resident_parts_of(mapped, peak);
    uint64_t resident = looks[peak].resident;
    cells_text(&report->cells, "RSS", 6, CELL_BOLD);
    fprintf(out, "start %s, peak %s at %s", units_bytes((int64_t)looks[0].resident).text,
            units_bytes((int64_t)resident).text, time_of(report, looks[peak].time_ns).text);
    if (report->profile->process_count > 1)
        fprintf(out, " in %s", process->comm);
    fprintf(out, ", end %s\n      ",
            units_bytes((int64_t)looks[mapped->look_count - 1].resident).text);
    enum resident_part most = resident_most_beyond(&parts);
    if (2 * parts.bytes[most] > resident)
        fprintf(out, "mostly %s, at the peak:\n      ", resident_part_name(most));
    write_parts(&report->cells, INDENT, &parts, resident);
    if (mapped->lost > 0)
        fprintf(out, "      %s events of mapped memory were lost: it may be wrong\n",
                units_count((double)mapped->lost).text);
}

static void write_look(const struct text_report *report, const struct profile_mapped *mapped,
                       const char *name, size_t number)
{
    const struct cells *cells = &report->cells;
    const struct profile_resident *look = &mapped->looks[number];
    struct resident_parts parts = resident_parts_of(mapped, number);

    cells_text(cells, name, -WIDTH, CELL_PLAIN);
    cells_text(cells, time_of(report, look->time_ns).text, -WIDTH, CELL_DIM);
    cells_text(cells, units_bytes((int64_t)look->resident).text, -WIDTH, CELL_PLAIN);
    for (int part = 0; part < RESIDENT_PARTS; part++)
        cells_text(cells,
                   parts.known & 1u << part ? units_bytes((int64_t)parts.bytes[part]).text : "-",
                   -WIDTH, CELL_PLAIN);
    fputc('\n', cells->out);
}

static void write_head(const struct cells *cells, const char *const *texts)
{
    for (int i = 0; i < RESIDENT_PARTS + 3; i++)
        cells_text(cells, texts[i], -WIDTH, CELL_DIM);
    fputc('\n', cells->out);
}

void text_resident_looks(const struct text_report *report)
{
    static const char *const heads[] = {"",       "at",     "RSS",    "live",
                                        "fragm.", "mapped", "shared", "other"};
    static const char *const labels[] = {"",          "",      "kernel", "estimated",
                                         "estimated", "exact", "kernel", "rest"};
    const struct profile_process *process = largest(report->profile);
    const struct cells *cells = &report->cells;

    if (process == NULL)
        return;
    const struct profile_mapped *mapped = &process->mapped;
    const struct profile_resident *last = &mapped->looks[mapped->look_count - 1];
    cells_heading(cells, "Resident memory",
                  "fragm.: in the allocator, of no live block; shared: files as well");
    write_head(cells, heads);
    write_head(cells, labels);
    write_look(report, mapped, "start", 0);
    write_look(report, mapped, "peak", resident_peak(mapped));
    write_look(report, mapped, "end", mapped->look_count - 1);
    if (!(last->known & TRACE_RESIDENT_LIVE))
        fprintf(cells->out, "the heap: unavailable (%s)\n", facts_memory_reason(process));
    else
        fprintf(cells->out,
                "at the end %s of live blocks by the counters (exact), %s of address space with "
                "the allocator\n",
                units_bytes((int64_t)last->live).text, units_bytes((int64_t)last->held).text);
}
