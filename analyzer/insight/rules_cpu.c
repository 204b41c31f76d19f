/*
 * Rules about time on processors. Their own file beside those about waits, memory and the recording.
 */
#include "analyzer/insight/rules.h"

#include "analyzer/insight/families.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

#define MOSTLY 0.5
#define CPUS_LEAST 2

bool rule_oversubscribed(const struct evidence *evidence, double least,
                         struct recommendation *found)
{
    const struct demand *demand = &evidence->demand;
    double wanted = demand->cpu + demand->runnable;

    if (evidence->is_part || !demand->is_oversubscribed || demand->runnable < least * wanted)
        return false;
    found->share = demand->runnable / demand->wall;
    found->finding =
        memory_printf("%zu threads want a processor at the same time, and there are %zu: %s of the "
                      "%s they ran or wanted to, they waited for one",
                      demand->wanting, demand->cpus, units_percent(demand->runnable, wanted).text,
                      units_duration(wanted).text);
    return true;
}

static uint32_t busiest_thread(const struct profile *profile)
{
    uint32_t busiest = 0;

    for (size_t i = 1; i < profile->thread_count; i++)
        if (profile->threads[i].cpu_ns > profile->threads[busiest].cpu_ns)
            busiest = (uint32_t)i;
    return busiest;
}

/* The stack with most CPU time of a thread, or of those in `leaves` (NULL: any, by label). */
static uint32_t hottest_stack(const struct evidence *evidence, uint32_t thread, const bool *leaves)
{
    const struct profile *profile = evidence->profile;
    uint32_t stack = STACK_NONE;
    int64_t most = 0;

    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_place *place = &profile->entries.places[i];
        int64_t value = entries_value(&profile->entries, i, METRIC_CPU);
        if (value <= most || place->stack == STACK_NONE)
            continue;
        uint32_t leaf = evidence->functions.labels.of_frame[profile->stacks[place->stack].frame];
        if (leaves != NULL ? !leaves[leaf] : place->thread != thread)
            continue;
        most = value;
        stack = place->stack;
    }
    return stack;
}

bool rule_one_thread(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;

    if (evidence->is_part || evidence->demand.cpus < CPUS_LEAST || evidence->wall_ns <= 0 ||
        profile->thread_count == 0)
        return false;
    uint32_t thread = busiest_thread(profile);
    double own = (double)profile->threads[thread].cpu_ns, all = 0;
    for (size_t i = 0; i < profile->thread_count; i++)
        all += (double)profile->threads[i].cpu_ns;
    if (own < least * evidence->wall_ns || own < least * all)
        return false;
    char *name = wait_text_thread(profile, thread, 0);
    found->share = own / evidence->wall_ns < 1 ? own / evidence->wall_ns : 1;
    found->stack = hottest_stack(evidence, thread, NULL);
    char *where = wait_text_place(profile, found->stack);
    found->finding = memory_printf("of %zu processors %.2g are used: thread %s runs %s of the wall "
                                   "time, all others together %s; it is most in %s",
                                   evidence->demand.cpus, all / evidence->wall_ns, name,
                                   units_percent(own, evidence->wall_ns).text,
                                   units_duration(all - own).text, where);
    free(where);
    free(name);
    return true;
}

struct moment {
    uint64_t time_ns;
    int change;
    uint32_t thread;
};

static int compare_moments(const void *a, const void *b)
{
    const struct moment *left = a, *right = b;

    if (left->time_ns != right->time_ns)
        return left->time_ns < right->time_ns ? -1 : 1;
    return left->change - right->change;
}

/* How long `thread` was the only one there. */
static double time_alone(const struct profile *profile, uint32_t thread)
{
    struct moment *moments = memory_alloc((2 * profile->thread_count + 1) * sizeof(*moments));
    size_t count = 0, alive = 0;
    bool is_there = false;
    double alone = 0;

    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *one = &profile->threads[i];
        moments[count++] = (struct moment){one->start_ns, 1, (uint32_t)i};
        moments[count++] = (struct moment){one->end_ns, -1, (uint32_t)i};
    }
    qsort(moments, count, sizeof(*moments), compare_moments);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && alive == 1 && is_there)
            alone += (double)(moments[i].time_ns - moments[i - 1].time_ns);
        alive += (size_t)moments[i].change;
        if (moments[i].thread == thread)
            is_there = moments[i].change > 0;
    }
    free(moments);
    return alone;
}

/* The first thread does something alone, and others do the rest: what it ran is then at least what
 * it ran while they were not there. */
bool rule_serial_phase(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;
    double others = 0;

    if (evidence->is_part || evidence->demand.cpus < CPUS_LEAST || profile->thread_count < 3 ||
        profile->process_count != 1)
        return false;
    const struct profile_thread *first = &profile->threads[0];
    for (size_t i = 1; i < profile->thread_count; i++)
        others += (double)profile->threads[i].cpu_ns;
    double alone = time_alone(profile, 0), ran = (double)first->cpu_ns;
    if (alone < least * evidence->wall_ns || ran < MOSTLY * alone || others < 0.1 * ran)
        return false;
    char *name = wait_text_thread(profile, 0, 0);
    found->stack = hottest_stack(evidence, 0, NULL);
    found->share = alone / evidence->wall_ns;
    char *where = wait_text_place(profile, found->stack);
    found->finding = memory_printf(
        "for %s of %s wall (%s) thread %s is alone, on one of %zu processors; it runs %s in all, "
        "most "
        "in %s. %zu other threads run %s in the rest",
        units_duration(alone).text, units_duration(evidence->wall_ns).text,
        units_percent(alone, evidence->wall_ns).text, name, evidence->demand.cpus,
        units_duration(ran).text, where, profile->thread_count - 1, units_duration(others).text);
    free(where);
    free(name);
    return true;
}

/* A family of functions that spends CPU time for whoever calls it. Of less than TIME_LEAST_NS there
 * are a few samples at most, of which any share may be of one. */
static bool find_family(const struct evidence *evidence, family *is_of, const char *what,
                        double least, struct recommendation *found)
{
    const struct functions *functions = &evidence->functions;
    bool *leaves = memory_alloc(functions->count + 1);
    const struct function *hottest = NULL;
    double all = 0;

    for (size_t i = 0; i < functions->count; i++) {
        const struct function *function = &functions->items[i];
        leaves[i] = function->self[METRIC_CPU] > 0 && is_of(functions->labels.items[i].name);
        if (!leaves[i])
            continue;
        all += (double)function->self[METRIC_CPU];
        if (hottest == NULL || function->self[METRIC_CPU] > hottest->self[METRIC_CPU])
            hottest = function;
    }
    bool is_much =
        hottest != NULL && evidence->cpu_ns >= TIME_LEAST_NS && all >= least * evidence->cpu_ns;
    if (is_much) {
        found->share = all / evidence->cpu_ns;
        found->stack = hottest_stack(evidence, 0, leaves);
        char *where = wait_text_place(evidence->profile, found->stack);
        found->finding = memory_printf(
            "%s of CPU time %s, most in %s (%s); the hottest stack is %s",
            units_percent(all, evidence->cpu_ns).text, what,
            functions->labels.items[hottest->label].name,
            units_percent((double)hottest->self[METRIC_CPU], evidence->cpu_ns).text, where);
        free(where);
    }
    free(leaves);
    return is_much;
}

bool rule_copying(const struct evidence *evidence, double least, struct recommendation *found)
{
    return find_family(evidence, family_copies, "goes into copying, clearing and scanning memory",
                       least, found);
}

bool rule_allocator(const struct evidence *evidence, double least, struct recommendation *found)
{
    return find_family(evidence, family_allocates, "is spent by the allocator", least, found);
}
