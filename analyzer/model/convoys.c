/* Finding convoys. Its own file because it looks at waits of one lock side by side. */
#include "analyzer/model/convoys.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

#define LOCKS_MAX 200u /* that are looked at, most blocked first */

/* A thread comes to a lock's queue, or leaves it. */
struct step {
    uint64_t time_ns;
    uint32_t object;
    int change;
};

static int compare_steps(const void *a, const void *b)
{
    const struct step *left = a, *right = b;

    if (left->object != right->object)
        return left->object < right->object ? -1 : 1;
    if (left->time_ns != right->time_ns)
        return left->time_ns < right->time_ns ? -1 : 1;
    return left->change - right->change; /* who leaves makes room */
}

static struct step *steps_of(const struct profile *profile, size_t *count)
{
    struct step *steps = memory_alloc((2 * profile->single_count + 1) * sizeof(*steps));

    *count = 0;
    for (size_t i = 0; i < profile->single_count; i++) {
        const struct profile_single *single = &profile->singles[i];
        if (wait_kind_group(single->kind) != WAIT_GROUP_LOCK || single->object == WAIT_OBJECT_NONE)
            continue;
        steps[(*count)++] = (struct step){single->begin_ns, single->object, 1};
        steps[(*count)++] = (struct step){single->end_ns, single->object, -1};
    }
    if (*count > 0)
        qsort(steps, *count, sizeof(*steps), compare_steps);
    return steps;
}

/* A thread waits for one lock at a time: as many waits as there are threads. */
static void see_queue(struct convoy *convoy, const struct step *steps, size_t count)
{
    size_t depth = 0;
    uint64_t since_ns = 0;

    for (size_t i = 0; i < count; i++) {
        if (steps[i].object != convoy->object)
            continue;
        if (depth >= CONVOY_THREADS)
            convoy->queued_ns += steps[i].time_ns - since_ns;
        convoy->times += steps[i].change > 0 && depth + 1 == CONVOY_THREADS;
        depth += steps[i].change > 0 ? 1 : (size_t)-1;
        since_ns = steps[i].time_ns;
        if (depth >= CONVOY_THREADS && depth > convoy->most)
            convoy->most = depth;
    }
}

static bool is_for(const struct profile_wait *wait, const void *context)
{
    return wait->object == *(const uint32_t *)context &&
           wait_kind_group(wait->kind) == WAIT_GROUP_LOCK;
}

static struct convoy look_at(const struct profile *profile, const struct wait_row *row,
                             const struct step *steps, size_t step_count)
{
    struct convoy convoy = {.object = row->one->object, .blocked_ns = row->sums.blocked_ns};
    struct wait_rows threads;
    uint64_t span_ns = row->sums.last_ns - row->sums.first_ns;

    wait_rows_init(&threads, profile, WAIT_BY_THREAD, is_for, &convoy.object);
    convoy.threads = threads.count;
    convoy.mean = span_ns > 0 ? (double)row->sums.total_ns / (double)span_ns : 0;
    wait_rows_release(&threads);
    see_queue(&convoy, steps, step_count);
    return convoy;
}

static bool is_convoy(const struct convoy *convoy)
{
    return convoy->threads >= CONVOY_THREADS && (convoy->most > 0 || convoy->mean >= CONVOY_MEAN);
}

void convoys_init(struct convoys *convoys, const struct profile *profile)
{
    const enum wait_group locks = WAIT_GROUP_LOCK;
    size_t step_count, capacity = 0;
    struct step *steps = steps_of(profile, &step_count);
    struct wait_rows rows;

    *convoys = (struct convoys){.count = 0};
    wait_rows_init(&rows, profile, WAIT_BY_OBJECT, wait_is_of_group, &locks);
    for (size_t i = 0; i < rows.count && i < LOCKS_MAX; i++) {
        if (rows.rows[i].one->object == WAIT_OBJECT_NONE)
            continue;
        struct convoy convoy = look_at(profile, &rows.rows[i], steps, step_count);
        if (!is_convoy(&convoy))
            continue;
        convoys->items =
            memory_grow(convoys->items, convoys->count, &capacity, sizeof(*convoys->items));
        convoys->items[convoys->count++] = convoy;
    }
    wait_rows_release(&rows);
    free(steps);
}

void convoys_release(struct convoys *convoys)
{
    free(convoys->items);
}
