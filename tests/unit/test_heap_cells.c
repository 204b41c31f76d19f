/* Unit tests of analyzer/reports/heap_cells.c. */
#include "analyzer/reports/heap_cells.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t size;
static struct cells cells;

static void begin(void)
{
    cells = (struct cells){.out = open_memstream(&text, &size), .columns = 80};
}

static void expect(const char *expected)
{
    fclose(cells.out);
    cr_expect_str_eq(text, expected);
    free(text);
}

static void expect_line(const double *values, size_t count, unsigned width, const char *expected)
{
    begin();
    heap_line(&cells, values, count, width, 0);
    expect(expected);
}

Test(heap_cells, a_line_has_the_highest_of_what_a_column_stands_for)
{
    const double values[] = {0, 7, 0, 0, 1, 2, 0, 0};

    expect_line(values, 8, 8, " █  ▂▃  ");
    expect_line(values, 8, 4, "█ ▃ ");
    expect_line(values, 8, 1, "█");
}

Test(heap_cells, a_line_is_stretched)
{
    const double values[] = {1, 2};

    expect_line(values, 2, 6, "▅▅▅███");
    expect_line(values, 0, 3, "   ");
}

static void expect_bar(double share, unsigned width, const char *expected)
{
    begin();
    heap_bar(&cells, share, width);
    expect(expected);
}

Test(heap_cells, a_bar_in_eighths)
{
    expect_bar(1, 4, "████");
    expect_bar(0.5, 4, "██");
    expect_bar(0.28125, 4, "█▏");
    expect_bar(0.0001, 4, "▏");
    expect_bar(0, 4, "");
    expect_bar(2, 2, "██");
}

static void expect_bytes(const struct estimate *bytes, uint64_t interval, const char *expected)
{
    begin();
    heap_bytes(&cells, bytes, interval);
    expect(expected);
}

static void expect_count(const struct estimate *count, uint64_t interval, const char *expected)
{
    begin();
    heap_count(&cells, count, interval);
    expect(expected);
}

/* Of a profile of this process alone. */
static const char *quality_of(struct profile_process process, bool detail)
{
    static struct heap_text text;
    struct profile profile = {.processes = &process, .process_count = 1};

    text = heap_quality(&profile, detail);
    return text.text;
}

Test(heap_cells, what_is_exact_has_no_error)
{
    expect_bytes(&(struct estimate){.total = 2048}, 0, "  2.00 KiB");
    expect_count(&(struct estimate){.total = 0}, 0, "         0");
    cr_expect_str_eq(quality_of((struct profile_process){.heap.has_sites = true}, true), "exact");
}

Test(heap_cells, what_was_lost_is_not_exact)
{
    struct profile_process process = {.heap.segments_lost = 1};

    cr_expect_str_eq(quality_of(process, false), "incomplete");
    process.heap = (struct profile_heap){.lost = 1};
    cr_expect_str_eq(quality_of(process, true), "incomplete");
    process = (struct profile_process){.heap.has_sites = true, .chunks_damaged = 1};
    cr_expect_str_eq(quality_of(process, true), "incomplete");
}

Test(heap_cells, what_is_sampled_has_one)
{
    struct estimate bytes = {0};

    for (int i = 0; i < 100; i++)
        estimate_add(&bytes, 16, estimate_weight(16, 524288));
    expect_bytes(&bytes, 524288, " 50.0 MiB  ±20 %");
    struct estimate large = {0}; /* surely met, and no rounder for that */
    estimate_add(&large, 1 << 28, estimate_weight(1 << 28, 524288));
    expect_bytes(&large, 524288, "  256 MiB  ±<1 %");
    struct profile_process process = {.heap.interval = 524288};
    cr_expect_str_eq(quality_of(process, false), "sampled");
    cr_expect_str_eq(quality_of(process, true), "sampled 512 KiB apart, 95 % intervals");
}

Test(heap_cells, few_samples_say_what_it_is_at_most)
{
    struct estimate bytes = {0}, count = {0};

    /* Of one met there are at most 4.67: half a chi-square of three degrees (Jeffreys). Those
     * not met may be smaller, and more. */
    estimate_add(&bytes, 16, estimate_weight(16, 524288));
    estimate_add(&count, 1, estimate_weight(16, 524288));
    expect_bytes(&bytes, 524288, "  512 KiB  <2.3M");
    expect_count(&count, 524288, "   32.8 k  <153K");
    /* Of none half a chi-square of one degree: 2.51, which the approximation has as 2.46. */
    expect_bytes(&(struct estimate){0}, 524288, "      0 B  <1.2M");
    expect_count(&(struct estimate){0}, 524288, "        0   <10K");
    /* Where nearly every block is met it is none. */
    expect_count(&(struct estimate){0}, 64, "        0     <1");
}

Test(heap_cells, the_process_with_the_highest_heap)
{
    struct profile profile = {.process_count = 3};
    struct profile_process processes[3] = {{.pid = 1}, {.pid = 2}, {.pid = 3}};

    profile.processes = processes;
    cr_expect_null(heap_highest(&profile));
    processes[1].heap.peak_ns = processes[2].heap.peak_ns = 5;
    processes[1].heap.peak.bytes.total = 10;
    processes[2].heap.peak.bytes.total = 20;
    cr_expect_eq(heap_highest(&profile)->pid, 3);
}
