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
    {"small-messages", rule_small_messages, 1000, /* likewise of a socket, which gives what came */
     "let both sides send several in one message (pipelining, batches): a read of a socket gives "
     "what "
     "has come, whatever its buffer"},
    {"copying", rule_copying, 0.10, /* of CPU time */
     "pass references instead of copies, keep lengths instead of counting them, clear less"},
    {"allocator", rule_allocator, 0.10, /* of CPU time */
     "allocate less often: reuse blocks, reserve room ahead, take many at once"},
    {"temporary-allocations", rule_temporary, 0.25, /* of all allocations, at one place */
     "use one buffer again, or memory of the stack, there"},
    {"fragmentation", rule_fragmentation,
     0.50, /* of what the allocator holds in memory: not live */
     "malloc_trim(), fewer arenas (MALLOC_ARENA_MAX=2), or another allocator; keep blocks that "
     "live long apart from those that do not"},
    {"cpu-limit", rule_cpu_limit, 0.05, /* of the time threads ran or wanted to: held back */
     "raise the limit of the control group (cpu.max, --cpus), or start no more threads than it has "
     "processors"},
    {"busy-machine", rule_busy_machine, 0.10, /* of the time they ran or wanted to: waited */
     "run it beside fewer other programs, or where they are more important with nice -n"},
    {"stolen-time", rule_stolen, 0.05, /* of all processors' time */
     "give the virtual machine processors of its own, or fewer of a host that has too many"},
    {"hot-processor", rule_hot, 0.05, /* of the time: slowed down */
     "cool it better, or lower its limit of power; profiles of other runs compare only at the same "
     "speed"},
    {"slow-clock", rule_slow_clock, 0.25, /* below its own frequency */
     "choose the governor performance (cpupower frequency-set -g performance), or a higher limit "
     "of power"},
    {"memory-limit", rule_memory_limit, 0.90, /* of what the group may use */
     "raise the limit of the control group (memory.max), or keep less in memory at a time: beyond "
     "it the kernel kills"},
    {"killed-for-memory", rule_killed, 1, /* processes */
     "give the machine more memory or swap space, or keep less in memory at a time"},
    {"short-of-memory", rule_swapping, 0.10, /* of the time: somebody waited */
     "keep less in memory at a time, run fewer programs beside it, or give the machine more"},
    {"busy-disk", rule_busy_disk, 0.80, /* of the time */
     "write and sync less often and more at a time, read ahead (posix_fadvise), or take a faster "
     "disk"},
    {"retransmits", rule_retransmits, 0.01, /* of packets sent */
     "look for losses on the way (ss -ti, ethtool -S), or send less at a time"},
    {"dropped-packets", rule_drops, 0.001, /* of packets */
     "look at the interface (ethtool -S), enlarge its rings and the sockets' buffers"},
    {"idle-card", rule_idle_card, 0.40, /* of the time: the card has nothing to do */
     "prepare the next batch in other threads while the card works, and give it more at a time"},
    {"busy-card", rule_busy_card, 0.80, /* of the time */
     "give the card less to do (smaller types, fused kernels), or a faster one: processors wait"},
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
     "it is with --debug-dir, or ask servers with --debuginfod"},
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

void recommendations_init(struct recommendations *recommendations, const struct profile *profile,
                          const struct relations *relations)
{
    struct evidence evidence = {.profile = profile, .relations = relations};

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
