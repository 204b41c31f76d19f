/*
 * html_counters.h. Its own file because commands show one counter, chosen by --metric, and a page all.
 */
#include "analyzer/reports/html_counters.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

static struct profile_place place_of(const struct profile_count *count)
{
    return (struct profile_place){count->thread, count->stack, count->region};
}

void html_counters_places(struct entries *entries, const struct profile *profile)
{
    entries_init(entries);
    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_entry entry = entries_at(&profile->entries, i);
        entries_add(entries, &entry);
    }
    for (size_t i = 0; i < profile->count_count; i++) {
        struct profile_place place = place_of(&profile->counts[i]);
        const struct profile_entry none = {
            .thread = place.thread, .stack = place.stack, .region = place.region};
        entries_add(entries, &none);
    }
}

static bool is_taken(const struct html_document *document, const char *name)
{
    for (size_t i = 0; i < document->metric_count; i++)
        if (strcmp(document->metrics[i].name, name) == 0)
            return true;
    return false;
}

/* Columns are found by name, and a program may call its counter "cpu"; free(). */
static char *free_name(struct html_document *document, const char *name)
{
    char *unique = memory_strdup(html_document_text(document, name));

    for (unsigned n = 2; is_taken(document, unique); n++) {
        free(unique);
        unique = memory_printf("%s (%u)", html_document_text(document, name), n);
    }
    return unique;
}

static const char *label_of(enum counter_kind kind)
{
    return kind == COUNTER_PROGRAM    ? "the program's, charged to the next sample"
           : kind == COUNTER_HARDWARE ? "counted by the hardware, charged to the next sample"
                                      : "counted by the hardware, per thread";
}

static void fill_column(int64_t *values, const struct profile *profile, const uint32_t *entry_of,
                        uint32_t counter)
{
    for (size_t i = 0; i < profile->count_count; i++) {
        const struct profile_count *count = &profile->counts[i];
        if (count->counter != counter)
            continue;
        struct profile_place place = place_of(count);
        uint32_t entry =
            element_index_find(&profile->entries.index, profile->entries.places, &place);
        values[entry_of[entry]] = sum_signed(values[entry_of[entry]], count->value);
    }
}

void html_counters_fill(struct html_document *document, const struct profile *profile,
                        const uint32_t *entry_of)
{
    for (uint32_t i = 0; i < profile->counter_count; i++) {
        const struct profile_counter *counter = &profile->counters[i];
        char *name = free_name(document, counter->name);
        struct html_metric metric = {.name = name,
                                     .title = counter->name,
                                     .label = label_of(counter->kind),
                                     .unit = UNIT_COUNT,
                                     .is_signed = counter->kind == COUNTER_PROGRAM};
        int64_t *values = html_document_column(document, name);
        fill_column(values, profile, entry_of, i);
        for (size_t e = 0; e < document->entries.count; e++)
            metric.total = sum_signed(metric.total, values[e]);
        html_document_metric(document, &metric);
        free(name);
    }
}
