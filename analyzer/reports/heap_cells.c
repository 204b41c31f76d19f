/*
 * How figures of a heap are shown. Its own file because the tables about it, five of
 * them, must agree.
 */
#include "analyzer/reports/heap_cells.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EIGHTHS 8

struct heap_text heap_quality(const struct profile *profile, bool detail)
{
    uint64_t interval = profile_heap_interval(profile);
    bool lost = interval == 0 && profile_heap_lost(profile);
    struct heap_text text;

    if (interval > 0 && detail)
        snprintf(text.text, sizeof(text.text), "sampled %.20s apart, 95 %% intervals",
                 units_bytes((int64_t)interval).text);
    else
        snprintf(text.text, sizeof(text.text), "%s",
                 interval > 0 ? "sampled"
                 : lost       ? "incomplete"
                              : "exact");
    return text;
}

const struct profile_process *heap_highest(const struct profile *profile)
{
    const struct profile_process *most = NULL;

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (process->heap.peak_ns != 0 &&
            (most == NULL || process->heap.peak.bytes.total > most->heap.peak.bytes.total))
            most = process;
    }
    return most;
}

/* In as few columns as can be: "<2.9M". Nothing is less than 0: "<1" at the least. */
static void shorten(char *text, size_t size, double value, double step)
{
    static const char units[] = " KMGT";
    unsigned unit = 0;

    for (; value >= 999.5 && units[unit + 1] != '\0'; unit++)
        value /= step;
    snprintf(text, size, value < 9.95 && unit > 0 ? "<%.1f%.1s" : "<%.0f%.1s", fmax(value, 1),
             unit > 0 ? &units[unit] : "");
}

static struct unit_text error_text(const struct estimate *estimate, double missed, double step)
{
    struct interval bounds = estimate_interval(estimate, missed);
    double half = (bounds.high - bounds.low) / 2;
    struct unit_text text = {""};

    if (estimate->total <= 0 || half > 0.995 * estimate->total)
        shorten(text.text, sizeof(text.text), bounds.high, step);
    else if (half < 0.005 * estimate->total)
        snprintf(text.text, sizeof(text.text), "±<1 %%");
    else
        snprintf(text.text, sizeof(text.text), "±%.0f %%", 100 * half / estimate->total);
    return text;
}

void heap_bytes(const struct cells *cells, const struct estimate *bytes, uint64_t interval)
{
    cells_text(cells, units_bytes(llround(bytes->total)).text, -(int)heap_figure_width(interval),
               CELL_PLAIN);
    if (interval > 0)
        cells_text(cells, error_text(bytes, estimate_missed_bytes(interval), 1024).text,
                   -HEAP_ERROR, CELL_DIM);
}

void heap_count(const struct cells *cells, const struct estimate *count, uint64_t interval)
{
    cells_text(cells, units_count(round(count->total)).text, -(int)heap_figure_width(interval),
               CELL_PLAIN);
    if (interval > 0)
        cells_text(cells, error_text(count, estimate_missed_blocks(interval), 1000).text,
                   -HEAP_ERROR, CELL_DIM);
}

void heap_head(const struct cells *cells, const char *text, uint64_t interval)
{
    cells_text(cells, text, -(int)heap_figure_width(interval), CELL_DIM);
    if (interval > 0)
        cells_text(cells, "", HEAP_ERROR, CELL_PLAIN);
}

unsigned heap_figure_width(uint64_t interval)
{
    return interval > 0 ? HEAP_FIGURE - 1 : HEAP_FIGURE;
}

unsigned heap_width(uint64_t interval)
{
    return heap_figure_width(interval) + (interval > 0 ? HEAP_ERROR : 0);
}

unsigned heap_bar(const struct cells *cells, double share, unsigned width)
{
    static const char *const blocks[EIGHTHS] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    unsigned eighths = (unsigned)lround(fmin(fmax(share, 0), 1) * width * EIGHTHS);

    if (eighths == 0 && share > 0)
        eighths = 1;
    for (unsigned i = 0; i < eighths / EIGHTHS; i++)
        fputs("█", cells->out);
    fputs(blocks[eighths % EIGHTHS], cells->out);
    return eighths / EIGHTHS + (eighths % EIGHTHS != 0);
}

/* The highest of the values that a column stands for, one at least. */
static double highest_in(const double *values, size_t count, unsigned column, unsigned width)
{
    size_t first = column * count / width, end = (column + 1) * count / width;
    double most = values[first];

    for (size_t i = first + 1; i < end; i++)
        most = fmax(most, values[i]);
    return most;
}

void heap_line(const struct cells *cells, const double *values, size_t count, unsigned width,
               double most)
{
    static const char *const blocks[EIGHTHS] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

    for (size_t i = 0; i < count; i++)
        most = fmax(most, values[i]);
    for (unsigned column = 0; column < width; column++) {
        double here = count > 0 ? highest_in(values, count, column, width) : 0;
        unsigned block = most > 0 ? (unsigned)lround(here / most * (EIGHTHS - 1)) : 0;
        fputs(here > 0 ? blocks[block] : " ", cells->out);
    }
}
