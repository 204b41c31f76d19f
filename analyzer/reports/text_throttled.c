/*
 * `report --all`: CPU time on processors that were slowed down, and whose it was. Its own file because
 * it needs samples in time and series of the machine, both.
 */
#include "analyzer/model/throttle.h"
#include "analyzer/model/throttled_functions.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>

#define SHOWN 5
#define FIGURE 10

static void mhz_cell(const struct cells *cells, double mhz)
{
    char text[32] = "n/a";

    if (!isnan(mhz))
        snprintf(text, sizeof(text), "%.0f", mhz);
    cells_text(cells, text, -FIGURE, CELL_PLAIN);
}

static void write_function(const struct text_report *report, const struct throttled_sum *sum,
                           const struct label *label, struct text_widths widths)
{
    const struct cells *cells = &report->cells;

    cells_text(cells, units_duration((int64_t)sum->cpu_ns).text, -FIGURE, CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)sum->throttled_ns).text, -FIGURE, CELL_PLAIN);
    cells_text(cells, units_percent((double)sum->throttled_ns, (double)sum->cpu_ns).text, -8,
               CELL_PLAIN);
    mhz_cell(cells, sum->mhz);
    fputs("  ", cells->out);
    text_name_and_place(cells, label, widths);
}

static void write_functions(const struct text_report *report,
                            const struct throttled_functions *functions)
{
    const struct cells *cells = &report->cells;
    size_t shown = functions->count < SHOWN ? functions->count : SHOWN;
    struct text_widths widths = text_fit_columns(report, functions->order, shown, 3 * FIGURE + 10);

    cells_text(cells, "CPU", -FIGURE, CELL_DIM);
    cells_text(cells, "throttled", -FIGURE, CELL_DIM);
    cells_text(cells, "of it", -8, CELL_DIM);
    cells_text(cells, "mean MHz", -FIGURE, CELL_DIM);
    fputs("  ", cells->out);
    text_head_and_place(cells, widths);
    for (size_t i = 0; i < shown; i++)
        write_function(report, &functions->items[functions->order[i]],
                       &report->functions.labels.items[functions->order[i]], widths);
    text_more(cells, shown, functions->count);
}

/* What is said of all of it. */
static char *whole_text(const struct throttled_sum *sum)
{
    double known = (double)(sum->cpu_ns - sum->unknown_ns);
    char fast[96] = "", slow[64] = "", guessed[112] = "";

    if (!isnan(sum->mhz))
        snprintf(fast, sizeof(fast), "; at %.0f MHz in the mean", sum->mhz);
    if (!isnan(sum->mhz_throttled))
        snprintf(slow, sizeof(slow), ", %.0f MHz while throttled", sum->mhz_throttled);
    if (sum->guessed_ns > 0)
        snprintf(guessed, sizeof(guessed),
                 "; for %s of it the mean of all processors was taken: which one is not known",
                 units_percent((double)sum->guessed_ns, (double)sum->cpu_ns).text);
    return memory_printf("%s of %s CPU time ran throttled (%s)%s%s%s",
                         units_duration((int64_t)sum->throttled_ns).text,
                         units_duration((int64_t)(sum->cpu_ns - sum->unknown_ns)).text,
                         units_percent((double)sum->throttled_ns, known).text, fast, slow, guessed);
}

void text_throttled(const struct text_report *report)
{
    struct throttled_functions functions;

    if (report->profile->samples.count == 0)
        return;
    throttled_functions_init(&functions, report->profile, &report->functions.labels);
    if (functions.known && functions.all.cpu_ns > functions.all.unknown_ns) {
        char *note = memory_printf("below %.0f %% of the nominal frequency, or slowed down for its "
                                   "temperature by the kernel's count; sampled",
                                   THROTTLE_BELOW * 100);
        char *text = whole_text(&functions.all);
        cells_heading(&report->cells, "Throttled processors", note);
        fputs("  ", report->cells.out);
        cells_wrap(&report->cells, text, 2, 2, CELL_PLAIN);
        if (functions.count > 0)
            write_functions(report, &functions);
        free(text);
        free(note);
    }
    throttled_functions_release(&functions);
}
