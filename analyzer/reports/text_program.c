/*
 * The sections of `report` about what the program says of itself: regions, counters.
 */
#include "analyzer/model/program.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>

#define NAME_WIDTH 29
#define NUMBER_WIDTH 10

static void name_cell(const struct cells *cells, const char *name)
{
    char *clean = utf8_clean(name);

    fputs("  ", cells->out);
    cells_text(cells, clean, NAME_WIDTH - 2, CELL_PLAIN);
    free(clean);
}

static void number_cell(const struct cells *cells, const char *text)
{
    cells_text(cells, text, -NUMBER_WIDTH, CELL_PLAIN);
}

static void write_region(const struct text_report *report, uint32_t number)
{
    const struct cells *cells = &report->cells;
    const struct profile_region *region = &report->profile->regions[number];
    uint64_t mean = region->count > 0 ? region->total_ns / region->count : 0;

    name_cell(cells, region->path);
    number_cell(cells, units_exact((int64_t)region->count).text);
    number_cell(cells, units_duration((int64_t)region->total_ns).text);
    number_cell(cells, units_duration((int64_t)mean).text);
    number_cell(cells, units_duration((int64_t)region->longest_ns).text);
    number_cell(cells, units_duration(profile_region_cpu(report->profile, number)).text);
    fputc('\n', cells->out);
}

void text_regions(const struct text_report *report)
{
    static const char *const columns[] = {"left", "wall", "mean", "longest", "CPU"};
    const struct cells *cells = &report->cells;
    size_t count = report->profile->region_count;
    size_t shown = count < report->top + 1 ? count : report->top + 1;

    if (count <= 1)
        return;
    cells_heading(cells, "Regions", "wall time exact, of those left; CPU time sampled inside");
    fputs("  ", cells->out);
    cells_text(cells, "region", NAME_WIDTH - 2, CELL_DIM);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
        cells_text(cells, columns[i], -NUMBER_WIDTH, CELL_DIM);
    fputc('\n', cells->out);
    for (size_t i = 1; i < shown; i++)
        write_region(report, (uint32_t)i);
    text_more(cells, shown - 1, count - 1);
}

void text_counters(const struct text_report *report)
{
    static const char *const kinds[] = {[COUNTER_PROGRAM] = "",
                                        [COUNTER_HARDWARE] = "   hardware",
                                        [COUNTER_PER_THREAD] = "   hardware, per thread"};
    const struct cells *cells = &report->cells;
    const struct profile *profile = report->profile;

    if (profile->counter_count == 0)
        return;
    cells_heading(cells, "Counters", "exact at the end of each process");
    for (size_t i = 0; i < profile->counter_count; i++) {
        name_cell(cells, profile->counters[i].name);
        cells_text(cells, units_exact(profile->counters[i].total).text, -2 * NUMBER_WIDTH,
                   CELL_PLAIN);
        fprintf(cells->out, "%s\n", kinds[profile->counters[i].kind]);
    }
}
