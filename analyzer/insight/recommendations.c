/*
 * The table of rules. Its own file so that what is recommended, and from which figures on, can be
 * read in one place.
 */
#include "analyzer/insight/recommendations.h"

#include "analyzer/insight/rules.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

struct row {
    const char *name;
    rule *finds;
    double least;
    const char *advice;
};

/* Each `least` is such that below it nobody would notice the remedy; nor would anybody in a run of
 * less than TIME_LEAST_NS. */
static const struct row program[] = {
    {"oversubscribed", rule_oversubscribed, 0.10, /* of the time threads ran or wanted to: waited */
     "start as many threads as there are processors, or give it more of them"},
    {"one-thread", rule_one_thread, 0.90, /* of the wall time: one thread alone ran */
     "divide its work between threads, or start on what others wait for earlier"},
    {"serial-phase", rule_serial_phase, 0.20, /* of the wall time: only one thread was there */
     "start the threads earlier, or divide what the first one does alone"},
    {"convoy", rule_convoy, 0.05, /* of thread time: in a queue at one lock */
     "hold it for less work, divide what it protects, or use a lock for readers and writers"},
    {"small-calls", rule_small_calls, 1000, /* calls per second of wall time */
     "collect them in a buffer (setvbuf, BUFSIZ and more), or use readv and writev"},
    {"copying", rule_copying, 0.10, /* of CPU time */
     "pass references instead of copies, keep lengths instead of counting them, clear less"},
    {"allocator", rule_allocator, 0.10, /* of CPU time */
     "allocate less often: reuse blocks, reserve room ahead, take many at once"},
    {"temporary-allocations", rule_temporary, 0.25, /* of all allocations, at one place */
     "use one buffer again, or memory of the stack, there"},
    {"fragmentation", rule_fragmentation,
     0.50, /* of what the allocator holds in memory: not live */
     "malloc_trim(), fewer arenas (MALLOC_ARENA_MAX=2), or another allocator; keep blocks that "
     "live "
     "long apart from those that do not"},
};

static const struct row recording[] = {
    {"unseen-waits", rule_unseen_waits, 0.10, /* of thread time: blocked, nobody saw where */
     "record with --clock wall: it looks where threads are"},
    {"few-samples", rule_few_samples, 100, /* samples; fewer are too few */
     "record for longer, or with --clock perf: more samples in the same time"},
    {"lost-samples", rule_lost, 0.01, "record with a smaller --frequency"},
    {"truncated-stacks", rule_truncated, 0.01, /* of stacks */
     "record with a larger --max-depth (up to 4096)"},
    {"guessed-stacks", rule_guessed, 0.05, /* of stacks */
     "record with --unwinder libunwind, or build that with -fasynchronous-unwind-tables"},
    {"no-names", rule_unnamed, 0.05, /* of CPU time */
     "install its debug information (a package NAME-dbgsym, NAME-dbg or NAME-debuginfo), say where "
     "it "
     "is with --debug-dir, or ask servers with --debuginfod"},
};

static int compare(const void *a, const void *b)
{
    const struct recommendation *left = a, *right = b;

    return (left->share < right->share) - (left->share > right->share);
}

static void apply(struct recommendations *all, const struct evidence *evidence,
                  const struct row *rows, size_t count)
{
    size_t first = all->count;

    for (size_t i = 0; i < count; i++) {
        struct recommendation found = {.rule = rows[i].name, .advice = rows[i].advice};
        if (!rows[i].finds(evidence, rows[i].least, &found))
            continue;
        all->items = memory_grow(all->items, all->count, &all->capacity, sizeof(*all->items));
        all->items[all->count++] = found;
    }
    if (all->count > first)
        qsort(all->items + first, all->count - first, sizeof(*all->items), compare);
}

void recommendations_init(struct recommendations *recommendations, const struct profile *profile)
{
    struct evidence evidence = {.profile = profile};

    *recommendations = (struct recommendations){.count = 0};
    functions_init(&evidence.functions, profile);
    time_shares_init(&evidence.shares, profile);
    evidence.demand = demand_of(profile, SIZE_MAX);
    evidence.cpu_ns = (double)profile_total(profile, METRIC_CPU);
    evidence.wall_ns = (double)profile_wall_ns(profile);
    evidence.is_part = profile->is_window || profile->is_narrowed;
    if (evidence.wall_ns >= TIME_LEAST_NS)
        apply(recommendations, &evidence, program, sizeof(program) / sizeof(*program));
    apply(recommendations, &evidence, recording, sizeof(recording) / sizeof(*recording));
    time_shares_release(&evidence.shares);
    functions_release(&evidence.functions);
}

void recommendations_release(struct recommendations *recommendations)
{
    for (size_t i = 0; i < recommendations->count; i++)
        free(recommendations->items[i].finding);
    free(recommendations->items);
}
