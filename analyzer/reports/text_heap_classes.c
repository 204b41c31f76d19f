/*
 * The sections of `report` about what blocks are like: their sizes, how long they live.
 * Its own file beside text_heap_functions.c, which is about who allocates them.
 */
#include "analyzer/reports/heap_cells.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

#define NAME_WIDTH 14
#define SHARE_WIDTH 8
#define BAR_LEAST 5
#define BAR_MOST 20

/* A histogram: classes, their names, and all of them together. */
struct class_table {
    const struct heap_amount *classes;
    size_t count;
    struct unit_text (*name)(size_t class);
    uint64_t interval;
    struct heap_text quality;
};

/* "to 4 KiB": powers of two need no decimals. */
static struct unit_text size_name(size_t class)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    struct unit_text name;

    snprintf(name.text, sizeof(name.text), class > 0 ? "to %u %s" : "%u %s", 1u << class % 10,
             units[class / 10]);
    return name;
}

/* "1 us" for 1000: decades need no decimals. */
static struct unit_text decade(uint64_t nanoseconds)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    struct unit_text text;
    unsigned unit = 0;

    for (; nanoseconds >= 1000 && unit < 3; unit++)
        nanoseconds /= 1000;
    snprintf(text.text, sizeof(text.text), "%u %s", (unsigned)nanoseconds, units[unit]);
    return text;
}

static struct unit_text life_name(size_t class)
{
    struct unit_text name;

    if (class + 1 < HEAP_LIFE_CLASSES)
        snprintf(name.text, sizeof(name.text), "under %.20s",
                 decade(heap_life_low[class + 1]).text);
    else
        snprintf(name.text, sizeof(name.text), "longer");
    return name;
}

static unsigned write_share(const struct cells *cells, double part, double whole, unsigned bar)
{
    cells_text(cells, units_percent(part, whole).text, -SHARE_WIDTH, CELL_PLAIN);
    fputs("  ", cells->out);
    return heap_bar(cells, whole > 0 ? part / whole : 0, bar);
}

static void write_class(const struct cells *cells, const struct class_table *table,
                        const struct heap_amount *amount, const struct heap_amount *all,
                        unsigned bar)
{
    heap_count(cells, &amount->count, table->interval);
    unsigned used = write_share(cells, amount->count.total, all->count.total, bar);
    fprintf(cells->out, "%*s", (int)(bar - used), "");
    heap_bytes(cells, &amount->bytes, table->interval);
    write_share(cells, amount->bytes.total, all->bytes.total, bar);
    fputc('\n', cells->out);
}

static unsigned bar_width(const struct cells *cells, uint64_t interval)
{
    unsigned used = NAME_WIDTH + 2 * (heap_width(interval) + SHARE_WIDTH + 2);
    unsigned each = cells->columns > used ? (cells->columns - used) / 2 : 0;

    return each < BAR_LEAST ? BAR_LEAST : each > BAR_MOST ? BAR_MOST : each;
}

static void write_classes(const struct cells *cells, const struct class_table *table)
{
    struct heap_range range = heap_classes_range(table->classes, table->count);
    unsigned bar = bar_width(cells, table->interval);
    struct heap_amount all = {.count = {0}};

    for (size_t i = range.first; i < range.end; i++)
        heap_amount_join(&all, &table->classes[i]);
    cells_text(cells, "", NAME_WIDTH, CELL_PLAIN);
    heap_head(cells, "blocks", table->interval);
    fprintf(cells->out, "%*s", (int)(SHARE_WIDTH + 2 + bar), "");
    heap_head(cells, "bytes", table->interval);
    fputc('\n', cells->out);
    for (size_t i = range.first; i < range.end; i++) {
        cells_text(cells, table->name(i).text, -NAME_WIDTH, CELL_PLAIN);
        write_class(cells, table, &table->classes[i], &all, bar);
    }
}

/* Classes of all processes together. */
struct all_classes {
    struct heap_sizes sizes;
    struct heap_lives lives;
    struct heap_amount live;
};

static struct all_classes *join(const struct profile *profile)
{
    struct all_classes *all = memory_alloc(sizeof(*all));

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_heap *heap = &profile->processes[i].heap;
        for (size_t c = 0; c < HEAP_SIZE_CLASSES; c++)
            heap_amount_join(&all->sizes.at[c], &heap->sizes.at[c]);
        for (size_t c = 0; c < HEAP_LIFE_CLASSES; c++)
            heap_amount_join(&all->lives.at[c], &heap->lifetimes.at[c]);
        heap_amount_join(&all->live, &heap->live);
    }
    return all;
}

static bool is_part(const struct profile *profile)
{
    for (size_t i = 0; i < profile->process_count; i++)
        if (profile->processes[i].heap.part)
            return true;
    return false;
}

static void write_histogram(const struct cells *cells, const char *title, const char *note,
                            const char *nothing, const struct class_table *table)
{
    struct heap_range range = heap_classes_range(table->classes, table->count);
    char *whole = memory_printf("%s; %s", note, table->quality.text);

    cells_heading(cells, title, whole);
    if (range.first == range.end)
        fprintf(cells->out, "  %s\n", table->interval > 0 ? "nothing was met" : nothing);
    else
        write_classes(cells, table);
    free(whole);
}

/* Whose lifetimes are not known yet. */
static void write_live(const struct cells *cells, const struct heap_amount *live, uint64_t interval)
{
    cells_text(cells, "still live", -NAME_WIDTH, CELL_PLAIN);
    heap_count(cells, &live->count, interval);
    fprintf(cells->out, "%*s", (int)(SHARE_WIDTH + 2 + bar_width(cells, interval)), "");
    heap_bytes(cells, &live->bytes, interval);
    fputc('\n', cells->out);
}

void text_heap_classes(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    const struct profile *profile = report->profile;
    uint64_t interval = profile_heap_interval(profile);
    struct heap_text quality = heap_quality(profile, false);

    if (!profile_has_metric(profile, METRIC_ALLOC_BYTES))
        return;
    if (is_part(profile)) {
        cells_heading(cells, "Sizes and lifetimes", NULL);
        fputs("  known for whole processes only: not with --thread, --process, --region, --focus "
              "or --ignore\n",
              cells->out);
        return;
    }
    struct all_classes *all = join(profile);
    struct class_table sizes = {all->sizes.at, HEAP_SIZE_CLASSES, size_name, interval, quality};
    struct class_table lives = {all->lives.at, HEAP_LIFE_CLASSES, life_name, interval, quality};
    write_histogram(cells, "Sizes of blocks", "as asked for", "nothing was allocated", &sizes);
    write_histogram(cells, "Lifetimes of blocks", "of those freed", "nothing was freed", &lives);
    if (all->live.count.total > 0)
        write_live(cells, &all->live, interval);
    free(all);
}
