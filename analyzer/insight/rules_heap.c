/*
 * Rules about memory. Their own file beside those about processors.
 */
#include "analyzer/insight/rules.h"

#include "analyzer/model/wait_text.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

#define TEMPORARY_LEAST 10000      /* of a run: fewer cost a millisecond */
#define TEMPORARY_A_SECOND 1000.0  /* likewise */
#define TEMPORARY_NS 50.0          /* a malloc and its free, or so */
#define TEMPORARY_A_CPU_SECOND 2e5 /* at these, a hundredth: less is not worth advice */
#define FRAGMENTS_LEAST (32 << 20) /* bytes */

/* The entry with most of the metric; its stack. */
static uint32_t stack_with_most(const struct profile *profile, enum metric metric, int64_t *most)
{
    uint32_t stack = STACK_NONE;

    *most = 0;
    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t value = entries_value(&profile->entries, i, metric);
        if (value <= *most)
            continue;
        *most = value;
        stack = profile->entries.places[i].stack;
    }
    return stack;
}

/* At one place: the function that allocates, whoever called it. */
bool rule_temporary(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct functions *functions = &evidence->functions;
    double all = (double)profile_total(evidence->profile, METRIC_ALLOC_COUNT);
    const struct function *worst = NULL;
    int64_t at_stack;

    for (size_t i = 0; i < functions->count; i++)
        if (worst == NULL ||
            functions->items[i].self[METRIC_TEMPORARY_COUNT] > worst->self[METRIC_TEMPORARY_COUNT])
            worst = &functions->items[i];
    if (worst == NULL || all <= 0 || evidence->wall_ns <= 0)
        return false;
    double temporary = (double)worst->self[METRIC_TEMPORARY_COUNT];
    if (temporary < TEMPORARY_LEAST || temporary < least * all ||
        temporary * 1e9 < TEMPORARY_A_SECOND * evidence->wall_ns ||
        temporary * 1e9 < TEMPORARY_A_CPU_SECOND * evidence->cpu_ns)
        return false;
    found->share = fmin(1, temporary * TEMPORARY_NS / evidence->wall_ns);
    found->stack = stack_with_most(evidence->profile, METRIC_TEMPORARY_COUNT, &at_stack);
    char *where = wait_text_place(evidence->profile, found->stack);
    found->finding = memory_printf(
        "%s allocations of %s are freed before the next one, %s of all %s (%s); most in %s",
        units_count(temporary).text, functions->labels.items[worst->label].name,
        units_percent(temporary, all).text, units_count(all).text,
        metric_info(METRIC_TEMPORARY_COUNT)->label, where);
    free(where);
    return true;
}

bool rule_fragmentation(const struct evidence *evidence, double least, struct recommendation *found)
{
    const uint64_t needed = TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD;
    const struct profile_resident *worst = NULL;
    uint64_t most = 0;

    for (size_t i = 0; i < evidence->profile->process_count; i++) {
        const struct profile_mapped *mapped = &evidence->profile->processes[i].mapped;
        const struct profile_resident *last =
            mapped->look_count > 0 ? &mapped->looks[mapped->look_count - 1] : NULL;
        if (last == NULL || (last->known & needed) != needed || last->held_resident <= last->live ||
            last->held_resident - last->live <= most)
            continue;
        most = last->held_resident - last->live;
        worst = last;
    }
    if (evidence->is_part || worst == NULL || most < FRAGMENTS_LEAST ||
        (double)most < least * (double)worst->held_resident)
        return false;
    found->share = (double)most / (double)worst->held_resident;
    found->finding = memory_printf(
        "at the end the allocator has %s in memory and %s of it in use: %s (%s) are gaps between "
        "blocks or kept for later",
        units_bytes((int64_t)worst->held_resident).text, units_bytes((int64_t)worst->live).text,
        units_bytes(most).text, units_percent((double)most, (double)worst->held_resident).text);
    return true;
}
