/* Demand for processors. Its own file because table, verdict and JSON ask alike. */
#include "analyzer/model/demand.h"

#include <stdlib.h>

static size_t cpus_of(const struct profile_process *process)
{
    const char *cpus = profile_property(process, "cpus");

    return cpus != NULL ? (size_t)strtoull(cpus, NULL, 10) : 0;
}

struct demand demand_of(const struct profile *profile, size_t process)
{
    struct demand demand = {.is_known = false};

    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        const struct thread_time *time = &thread->time;
        double wanted = (double)time->cpu_ns + (double)time->runnable_ns;
        if ((process != SIZE_MAX && thread->process != process) || !time->has_runnable)
            continue;
        demand.is_known = true;
        demand.cpu += (double)time->cpu_ns;
        demand.runnable += (double)time->runnable_ns;
        demand.wanting += time->wall_ns > 0 && wanted >= (double)time->wall_ns / 2;
    }
    for (size_t i = 0; i < profile->process_count; i++) {
        size_t cpus = cpus_of(&profile->processes[i]);
        if ((process == SIZE_MAX || process == i) && cpus > demand.cpus)
            demand.cpus = cpus;
    }
    demand.is_short =
        demand.runnable > 0 && demand.runnable >= DEMAND_SHARE * (demand.cpu + demand.runnable);
    demand.is_oversubscribed = demand.is_short && demand.cpus > 0 && demand.wanting > demand.cpus;
    return demand;
}
