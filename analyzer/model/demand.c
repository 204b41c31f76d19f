/* Demand for processors. Its own file because table, verdict and JSON ask alike. */
#include "analyzer/model/demand.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>

static size_t cpus_of(const struct profile_process *process)
{
    const char *cpus = profile_property(process, "cpus");

    return cpus != NULL ? (size_t)strtoull(cpus, NULL, 10) : 0;
}

/* A thread that wants a processor begins to live, or ends. */
struct step {
    uint64_t time_ns;
    int change;
};

static int compare_steps(const void *a, const void *b)
{
    const struct step *left = a, *right = b;

    if (left->time_ns != right->time_ns)
        return left->time_ns < right->time_ns ? -1 : 1;
    return left->change - right->change;
}

static size_t most_at_a_time(struct step *steps, size_t count)
{
    size_t living = 0, most = 0;

    if (count > 0)
        qsort(steps, count, sizeof(*steps), compare_steps);
    for (size_t i = 0; i < count; i++) {
        living += steps[i].change > 0 ? 1 : (size_t)-1;
        most = living > most ? living : most;
    }
    return most;
}

/* Threads that are left of a profile of which a part was asked for. */
static bool *chosen_threads(const struct profile *profile)
{
    bool *chosen = memory_alloc(profile->thread_count + 1);

    for (size_t i = 0; i < profile->thread_count; i++)
        chosen[i] = profile->part == NULL;
    for (size_t i = 0; i < profile->entries.count; i++)
        chosen[profile->entries.places[i].thread] = true;
    return chosen;
}

struct demand demand_of(const struct profile *profile, size_t process)
{
    struct demand demand = {.is_known = false};
    struct step *steps = memory_alloc((2 * profile->thread_count + 1) * sizeof(*steps));
    bool *chosen = chosen_threads(profile);
    size_t count = 0;

    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        const struct thread_time *time = &thread->time;
        double wanted = (double)time->cpu_ns + (double)time->runnable_ns;
        if ((process != SIZE_MAX && thread->process != process) || !time->has_runnable ||
            !chosen[i])
            continue;
        demand.is_known = true;
        demand.cpu += (double)time->cpu_ns;
        demand.runnable += (double)time->runnable_ns;
        demand.wall += (double)time->wall_ns;
        if (time->wall_ns == 0 || wanted < (double)time->wall_ns / 2)
            continue;
        steps[count++] = (struct step){thread->start_ns, 1};
        steps[count++] = (struct step){thread->end_ns, -1};
    }
    demand.wanting = most_at_a_time(steps, count);
    free(chosen);
    free(steps);
    for (size_t i = 0; i < profile->process_count; i++) {
        size_t cpus = cpus_of(&profile->processes[i]);
        if ((process == SIZE_MAX || process == i) && cpus > demand.cpus)
            demand.cpus = cpus;
    }
    demand.is_short = demand.runnable > 0 &&
                      demand.runnable >= DEMAND_SHARE * (demand.cpu + demand.runnable) &&
                      demand.runnable >= DEMAND_LEAST * demand.wall;
    demand.is_oversubscribed = demand.is_short && demand.cpus > 0 && demand.wanting > demand.cpus;
    return demand;
}
