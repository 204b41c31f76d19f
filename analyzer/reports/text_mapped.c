/*
 * The section of `report` about what the program mapped itself. Its own file because no
 * allocator knows of it.
 */
#include "analyzer/model/mapped_functions.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

#define WIDTH 10

static void write_row(const struct text_report *report, const struct mapped_function *function,
                      struct text_widths widths)
{
    const struct cells *cells = &report->cells;
    const struct mapped_site *sum = &function->sum;

    cells_text(cells, units_bytes((int64_t)sum->live).text, -WIDTH, CELL_PLAIN);
    cells_text(cells, units_bytes((int64_t)sum->peak).text, -WIDTH, CELL_PLAIN);
    cells_text(cells, units_bytes((int64_t)sum->mapped).text, -WIDTH, CELL_PLAIN);
    cells_text(cells, units_count((double)sum->count).text, -WIDTH, CELL_PLAIN);
    fputs("   ", cells->out);
    text_name_and_place(cells, &report->functions.labels.items[function->label], widths);
}

void text_mapped(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    size_t count;
    struct mapped_function *functions =
        mapped_functions_new(report->profile, &report->functions.labels, &count);
    size_t shown = count < report->top ? count : report->top;
    uint32_t *order = memory_alloc((shown + 1) * sizeof(*order));

    for (size_t i = 0; i < shown; i++)
        order[i] = functions[i].label;
    if (count > 0) {
        struct text_widths widths = text_fit_columns(report, order, shown, 4 * WIDTH + 3);
        cells_heading(cells, "Mapped memory",
                      "exact: anonymous mappings of 1 MiB or more by the program itself");
        cells_text(cells, "live", -WIDTH, CELL_DIM);
        cells_text(cells, "at peak", -WIDTH, CELL_DIM);
        cells_text(cells, "in all", -WIDTH, CELL_DIM);
        cells_text(cells, "times", -WIDTH, CELL_DIM);
        fputs("   ", cells->out);
        text_head_and_place(cells, widths);
        for (size_t i = 0; i < shown; i++)
            write_row(report, &functions[i], widths);
        text_more(cells, shown, count);
    }
    free(order);
    free(functions);
}
