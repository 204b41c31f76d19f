/*
 * The section of `report` about resident memory over time. Its own file because the first
 * screen says the same of one moment in words.
 */
#include "analyzer/model/resident.h"
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>
#include <string.h>

#define NAME 18
#define FIGURE 13
#define LINE_MOST 60
#define SHOWN_LEAST 0.005 /* of the peak; parts that never come to it are left out */

/* A row: the whole, or a part of it. */
#define WHOLE RESIDENT_PARTS

struct table {
    const struct text_report *report;
    const struct profile_mapped *mapped;
    size_t peak, first; /* looks: the highest, and the first by kinds; WITHOUT: there is none */
    unsigned width;     /* of the lines */
};
#define WITHOUT SIZE_MAX

static bool value_of(const struct profile_resident *look, enum resident_part row, uint64_t *bytes)
{
    struct resident_parts parts = resident_parts_of(look);

    *bytes = row == WHOLE ? look->resident : parts.bytes[row];
    return row == WHOLE || parts.known & 1u << row;
}

static size_t first_by_kinds(const struct profile_mapped *mapped)
{
    for (size_t i = 0; i + 1 < mapped->look_count; i++)
        if (mapped->looks[i].known & TRACE_RESIDENT_KINDS)
            return i;
    return WITHOUT;
}

static void write_value(const struct table *table, size_t look, enum resident_part row)
{
    uint64_t bytes;
    bool known = value_of(&table->mapped->looks[look], row, &bytes);

    cells_text(&table->report->cells, known ? units_bytes((int64_t)bytes).text : "-", -FIGURE,
               row == WHOLE ? CELL_BOLD : CELL_PLAIN);
}

/* From the first look to the last. */
static void write_growth(const struct table *table, enum resident_part row)
{
    uint64_t first, last;
    char text[40] = "-";

    if (table->first != WITHOUT && value_of(&table->mapped->looks[table->first], row, &first) &&
        value_of(&table->mapped->looks[table->mapped->look_count - 1], row, &last))
        snprintf(text, sizeof(text), "%s%s", last > first ? "+" : "",
                 units_bytes((int64_t)(last - first)).text);
    cells_text(&table->report->cells, text, -FIGURE, CELL_PLAIN);
}

/* Each column is the last look at or before its moment. */
static void write_line(const struct table *table, enum resident_part row, double most)
{
    const struct profile_resident *looks = table->mapped->looks;
    size_t count = table->mapped->look_count, at = 0;
    double start = (double)looks[0].time_ns, span = (double)looks[count - 1].time_ns - start;
    double values[LINE_MOST];

    for (unsigned column = 0; column < table->width; column++) {
        double moment = start + span * (column + 1) / table->width;
        uint64_t bytes;
        while (at + 1 < count && (double)looks[at + 1].time_ns <= moment)
            at++;
        values[column] = value_of(&looks[at], row, &bytes) ? (double)bytes : 0;
    }
    fputs("  ", table->report->cells.out);
    heap_line(&table->report->cells, values, table->width, table->width, most);
}

static bool is_shown(const struct table *table, enum resident_part row)
{
    double least = SHOWN_LEAST * (double)table->mapped->looks[table->peak].resident;
    uint64_t bytes, most = 0;

    for (size_t i = 0; i < table->mapped->look_count; i++)
        if (value_of(&table->mapped->looks[i], row, &bytes) && bytes > most)
            most = bytes;
    return row == WHOLE || (most > 0 && (double)most >= least);
}

static void write_row(const struct table *table, enum resident_part row)
{
    const struct cells *cells = &table->report->cells;

    if (!is_shown(table, row))
        return;
    cells_text(cells, row == WHOLE ? "RSS" : resident_part_name(row), NAME,
               row == WHOLE ? CELL_BOLD : CELL_PLAIN);
    write_value(table, table->peak, row);
    write_value(table, table->mapped->look_count - 1, row);
    write_growth(table, row);
    write_line(table, row, (double)table->mapped->looks[table->peak].resident);
    fputc('\n', cells->out);
}

static void write_heads(const struct table *table)
{
    const struct profile *profile = table->report->profile;
    const struct cells *cells = &table->report->cells;
    const struct profile_resident *looks = table->mapped->looks;
    const char *const heads[] = {"peak", "end", "growth"};
    const struct unit_text times[] = {
        text_resident_when(profile, looks[table->peak].time_ns),
        text_resident_when(profile, looks[table->mapped->look_count - 1].time_ns),
        text_resident_when(profile, looks[table->first == WITHOUT ? 0 : table->first].time_ns)};

    cells_text(cells, "", NAME, CELL_PLAIN);
    for (int i = 0; i < 3; i++)
        cells_text(cells, heads[i], -FIGURE, CELL_DIM);
    fputs("  over time\n", cells->out);
    cells_text(cells, "", NAME, CELL_PLAIN);
    for (int i = 0; i < 3; i++) {
        char text[128];
        snprintf(text, sizeof(text), "%s %s", i == 2 ? "from" : "at", times[i].text);
        cells_text(cells, text, -FIGURE, CELL_DIM);
    }
    fputc('\n', cells->out);
}

static void write_heap(FILE *out, const struct profile_process *process)
{
    const struct profile_mapped *mapped = &process->mapped;
    const struct profile_resident *last = &mapped->looks[mapped->look_count - 1];

    if (!(last->known & TRACE_RESIDENT_LIVE))
        fprintf(out, "the heap: unavailable (%s)\n", facts_memory_reason(process));
    else if (last->known & TRACE_RESIDENT_HELD)
        fprintf(out,
                "at the end %s of live blocks by the counters (exact);\n"
                "the allocator has %s of address space\n",
                units_bytes((int64_t)last->live).text,
                units_bytes((int64_t)(last->held + last->large)).text);
}

void text_resident_looks(const struct text_report *report)
{
    const struct profile_process *process = text_resident_largest(report->profile);
    const struct cells *cells = &report->cells;
    unsigned used = NAME + 3 * FIGURE + 2;

    if (process == NULL)
        return;
    const struct profile_mapped *mapped = &process->mapped;
    struct table table = {.report = report,
                          .mapped = mapped,
                          .peak = resident_peak(mapped),
                          .first = first_by_kinds(mapped),
                          .width = cells->columns - used < LINE_MOST ? cells->columns - used
                                                                     : LINE_MOST};
    cells_heading(cells, "Resident memory",
                  "by the kernel; live heap, fragmentation and other: estimates");
    write_heads(&table);
    write_row(&table, WHOLE);
    for (int part = 0; part < RESIDENT_PARTS; part++)
        write_row(&table, (enum resident_part)part);
    write_heap(cells->out, process);
}
