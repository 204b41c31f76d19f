/*
 * Words for coverage. Its own file because `report` and `info` must say the same.
 */
#include "analyzer/reports/coverage_text.h"

#include "analyzer/reports/text_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>
#include <string.h>

#define WARNED 3                /* threads named; the rest is counted */
#define REST_LEAST 1.0          /* percent */
#define PAUSE_LEAST_NS 1000000u /* start-up takes less */
#define PAUSE_SHARE 100u        /* and less than this part */
#define NAME_WIDTH 24
#define NAME_LEAST 8
#define COLUMNS_WIDE 1000

static struct unit_text share(const struct coverage *coverage)
{
    struct unit_text text = {"-"};
    double percent = 100.0 * (double)coverage->sampled_ns / (double)coverage->measured_ns;

    if (coverage->measured_ns > 0)
        snprintf(text.text, sizeof(text.text), "%.1f %%", percent);
    return text;
}

/* What short threads leave behind, where it is much. */
static char *rest_text(const struct coverage *coverage)
{
    double percent = 100.0 * (double)coverage->rest_ns / (double)coverage->measured_ns;

    if (percent < REST_LEAST)
        return memory_strdup("");
    return memory_printf(", %.1f %% estimated", percent);
}

char *coverage_text(const struct coverage *coverage)
{
    const char *paused = "";
    struct unit_text length = {""};

    if (coverage->paused_ns >= coverage->measured_ns / PAUSE_SHARE + PAUSE_LEAST_NS) {
        paused = "; not while paused: ";
        length = units_duration((int64_t)coverage->paused_ns);
    }
    if (coverage->measured_ns == 0)
        return memory_printf("none was used%s%s", paused, length.text);
    char *rest = rest_text(coverage);
    char *text = memory_printf("%s of %s sampled%s%s%s", share(coverage).text,
                               units_duration((int64_t)coverage->measured_ns).text, rest, paused,
                               length.text);
    free(rest);
    return text;
}

static void warn_of(FILE *out, const struct profile_thread *thread, const char *indent,
                    size_t columns)
{
    struct coverage coverage = coverage_of_thread(thread);
    char *what = coverage_text(&coverage);
    char *lost = thread->lost > 0
                     ? memory_printf(", %s samples lost", units_exact((int64_t)thread->lost).text)
                     : memory_strdup("");
    char *facts = memory_printf(" (%d): %s%s", thread->tid, what, lost);
    size_t beside = strlen(indent) + strlen("thread ") + strlen(facts);
    char *name =
        cells_elide(thread->name, columns > beside + NAME_LEAST ? columns - beside : NAME_LEAST);

    fprintf(out, "%sthread %s%s\n", indent, name, facts);
    free(name);
    free(facts);
    free(lost);
    free(what);
}

void coverage_warn(FILE *out, const struct profile *profile, const char *indent, size_t columns)
{
    size_t count;
    uint32_t *threads = coverage_outliers(profile, &count);
    size_t named = count < WARNED ? count : WARNED;

    if (count > 0)
        fprintf(out, "%swarning: sampled time differs from CPU time by more than chance in\n",
                indent);
    for (size_t i = 0; i < named; i++)
        warn_of(out, &profile->threads[threads[i]], indent, columns);
    if (count > named)
        fprintf(out, "%sand %zu more threads\n", indent, count - named);
    free(threads);
}

struct ordered {
    uint64_t cpu_ns;
    uint32_t number;
};

static int compare(const void *a, const void *b)
{
    const struct ordered *left = a, *right = b;

    if (left->cpu_ns != right->cpu_ns)
        return left->cpu_ns > right->cpu_ns ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

static void write_row(const struct cells *cells, const struct profile_thread *thread)
{
    struct coverage coverage = coverage_of_thread(thread);
    char *name = memory_printf("%s (%d)", thread->name, thread->tid);

    fputs("  ", cells->out);
    cells_text(cells, name, NAME_WIDTH, CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)thread->cpu_ns).text, -10, CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)thread->paused_ns).text, -10, CELL_PLAIN);
    cells_text(cells, share(&coverage).text, -10, CELL_PLAIN);
    cells_text(cells, units_exact((int64_t)thread->samples).text, -12, CELL_PLAIN);
    cells_text(cells, units_exact((int64_t)thread->lost).text, -10, CELL_PLAIN);
    fputc('\n', cells->out);
    free(name);
}

void coverage_table(FILE *out, const struct profile *profile, size_t rows)
{
    const struct cells cells = {.out = out, .columns = COLUMNS_WIDE};
    struct ordered *order = memory_alloc((profile->thread_count + 1) * sizeof(*order));
    size_t shown = profile->thread_count < rows ? profile->thread_count : rows;

    for (size_t i = 0; i < profile->thread_count; i++)
        order[i] = (struct ordered){profile->threads[i].cpu_ns, (uint32_t)i};
    qsort(order, profile->thread_count, sizeof(*order), compare);
    fprintf(out, "\n  %-*s%10s%10s%10s%12s%10s\n", NAME_WIDTH, "thread (tid)", "CPU", "paused",
            "sampled", "stacks", "lost");
    for (size_t i = 0; i < shown; i++)
        write_row(&cells, &profile->threads[order[i].number]);
    if (shown < profile->thread_count)
        fprintf(out, "  and %zu more\n", profile->thread_count - shown);
    free(order);
}

static void json_thread(struct json *json, const struct profile *profile, uint32_t number)
{
    const struct profile_thread *thread = &profile->threads[number];
    struct coverage coverage = coverage_of_thread(thread);

    json_object_begin(json, NULL);
    json_int(json, "pid", profile->processes[thread->process].pid);
    json_int(json, "tid", thread->tid);
    json_string(json, "name", thread->name);
    json_uint(json, "measured_ns", coverage.measured_ns);
    json_uint(json, "sampled_ns", coverage.sampled_ns);
    json_uint(json, "rest_ns", coverage.rest_ns);
    json_uint(json, "paused_ns", coverage.paused_ns);
    json_uint(json, "samples", thread->samples);
    json_uint(json, "lost", thread->lost);
    json_object_end(json);
}

void coverage_json(struct json *json, const struct profile *profile)
{
    size_t count;
    uint32_t *outliers = coverage_outliers(profile, &count);

    json_array_begin(json, "per_thread");
    for (size_t i = 0; i < profile->thread_count; i++)
        json_thread(json, profile, (uint32_t)i);
    json_array_end(json);
    json_array_begin(json, "unfair");
    for (size_t i = 0; i < count; i++)
        json_thread(json, profile, outliers[i]);
    json_array_end(json);
    free(outliers);
}
