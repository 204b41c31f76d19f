/* Holders' own waits. Its own file because it is done once all of a trace's waits are there. */
#include "analyzer/load/holders.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct profile_single *one = *(const struct profile_single *const *)a;
    const struct profile_single *other = *(const struct profile_single *const *)b;

    if (one->thread != other->thread)
        return one->thread < other->thread ? -1 : 1;
    return one->end_ns < other->end_ns ? -1 : one->end_ns > other->end_ns;
}

/* Of those sorted: how many are of lower threads, or ended before, or at, that time. */
static size_t count_before(struct profile_single *const *sorted, size_t count, uint32_t thread,
                           uint64_t end_ns)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        const struct profile_single *one = sorted[middle];
        if (one->thread < thread || (one->thread == thread && one->end_ns <= end_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The holder's last wait in that of `single`, or the one it was in when that ended. */
static const struct profile_single *wait_of_holder(struct profile_single *const *sorted,
                                                   size_t count,
                                                   const struct profile_single *single)
{
    size_t next = count_before(sorted, count, single->peer_thread, single->end_ns);
    const struct profile_single *after = next < count ? sorted[next] : NULL;
    const struct profile_single *before = next > 0 ? sorted[next - 1] : NULL;

    if (after != NULL && after->thread == single->peer_thread && after->begin_ns < single->end_ns &&
        after->object != single->object)
        return after;
    bool is_meant = before != NULL && before->thread == single->peer_thread &&
                    before->end_ns > single->begin_ns && before->object != single->object;
    return is_meant ? before : NULL;
}

void holders_find(struct profile *profile, size_t first)
{
    size_t count = profile->single_count - first;
    struct profile_single **sorted = memory_alloc((count + 1) * sizeof(struct profile_single *));

    for (size_t i = 0; i < count; i++)
        sorted[i] = &profile->singles[first + i];
    qsort(sorted, count, sizeof(*sorted), compare);
    for (size_t i = 0; i < count; i++) {
        struct profile_single *single = &profile->singles[first + i];
        if (single->peer_thread == WAIT_THREAD_NONE ||
            wait_kind_group(single->kind) != WAIT_GROUP_LOCK)
            continue;
        const struct profile_single *wait = wait_of_holder(sorted, count, single);
        if (wait == NULL || wait->end_ns <= single->sample_ns)
            continue;
        single->sample_ns = wait->end_ns;
        single->sample_stack = wait->stack;
    }
    free(sorted);
}
