/*
 * resource_traits.h. Its own file because it is a table: what is known of hardware and kernel, and
 * nothing of statistics.
 */
#include "analyzer/insight/resource_traits.h"

#include <string.h>

#define CPU (1u << ACTIVITY_CPU)
#define WAITS (1u << ACTIVITY_IO_WAIT | 1u << ACTIVITY_LOCK_WAIT | 1u << ACTIVITY_OTHER_WAIT)
#define IO (CPU | 1u << ACTIVITY_IO_WAIT)
#define CALLS (CPU | 1u << ACTIVITY_IO_WAIT | 1u << ACTIVITY_OTHER_WAIT)
#define MEMORY (CPU | 1u << ACTIVITY_ALLOCATION)
#define ANY (CPU | WAITS | 1u << ACTIVITY_ALLOCATION)

#define VALUES RELATION_OF_VALUES
#define CHANGES RELATION_OF_CHANGES

#define LEAVE(name, why)                  \
    {                                     \
        name, why, VALUES, 1, 0, 0, false \
    }

/* What the kernel counts at once is late by less than a cell and the time between two looks. Dirty
 * pages are written after 30 s at the latest (vm.dirty_expire_centisecs), and the kernel looks every
 * 5 s. Silicon heats up within seconds. */
#define AT_ONCE 0.3
#define SOON 1
#define SECONDS 5
#define WRITEBACK 36

static const struct resource_trait traits[] = {
    {"cpu.busy", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cpu.user", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cpu.system", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cpu.irq", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"cpu.iowait", NULL, VALUES, 1, IO, SOON, true},
    {"cpu.steal", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cpu.core", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cpu.mhz", NULL, VALUES, 0, CPU, SOON, false},
    LEAVE("cpu.mhz-nominal", "a property of the machine"),
    {"cpu.throttles", NULL, VALUES, 1, CPU, SECONDS, true},
    {"cpu.throttled", NULL, VALUES, 1, CPU, SECONDS, true},
    {"cpu.temperature", NULL, CHANGES, 1, CPU, SECONDS, false},
    {"cpu.switches", NULL, VALUES, 1, CPU | WAITS, AT_ONCE, true},
    {"cpu.interrupts", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"cpu.forks", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"cpu.runnable", NULL, VALUES, 1, CPU, AT_ONCE, false},
    LEAVE("load.1", "an average of a minute follows nothing that is shorter"),
    LEAVE("load.5", "an average of 5 minutes follows nothing that is shorter"),
    LEAVE("load.15", "an average of 15 minutes follows nothing that is shorter"),
    LEAVE("memory.total", "a property of the machine"),
    {"memory.available", NULL, CHANGES, -1, MEMORY, SOON, true},
    {"memory.free", NULL, CHANGES, -1, MEMORY | IO, SOON, true},
    {"memory.cached", NULL, CHANGES, 1, IO, SOON, true},
    {"memory.dirty", NULL, CHANGES, 1, IO, SOON, true},
    {"memory.swap", NULL, CHANGES, 1, MEMORY, 2, true},
    {"memory.swap-in", NULL, VALUES, 1, MEMORY | IO, 2, true},
    {"memory.swap-out", NULL, VALUES, 1, MEMORY | IO, 2, true},
    {"memory.reclaimed", NULL, VALUES, 1, MEMORY | IO, 2, true},
    {"memory.faults", NULL, VALUES, 1, MEMORY, AT_ONCE, true},
    {"memory.major-faults", NULL, VALUES, 1, IO, AT_ONCE, true},
    {"memory.oom-kills", NULL, VALUES, 1, MEMORY, 2, true},
    {"disk.read", NULL, VALUES, 1, CALLS, SOON, true},
    {"disk.reads", NULL, VALUES, 1, CALLS, SOON, true},
    {"disk.written", NULL, VALUES, 1, CALLS, WRITEBACK, true},
    {"disk.writes", NULL, VALUES, 1, CALLS, WRITEBACK, true},
    {"disk.busy", NULL, VALUES, 1, CALLS, SECONDS, true},
    {"net.received", NULL, VALUES, 1, CALLS, SOON, true},
    {"net.sent", NULL, VALUES, 1, CALLS, SOON, true},
    {"net.packets-in", NULL, VALUES, 1, CALLS, SOON, true},
    {"net.packets-out", NULL, VALUES, 1, CALLS, SOON, true},
    {"net.drops", NULL, VALUES, 1, CALLS, SOON, true},
    {"net.retransmits", NULL, VALUES, 1, CALLS, SOON, true},
    {"pressure.cpu", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"pressure.memory", NULL, VALUES, 1, MEMORY | IO, 2, true},
    {"pressure.memory-full", NULL, VALUES, 1, MEMORY | IO, 2, true},
    {"pressure.io", NULL, VALUES, 1, CALLS, SECONDS, true},
    {"pressure.io-full", NULL, VALUES, 1, CALLS, SECONDS, true},
    {"power.package", NULL, VALUES, 1, CPU, SOON, true},
    {"power.battery", NULL, VALUES, 0, CPU, SECONDS, false},
    LEAVE("power.charge", "it changes too slowly"),
    LEAVE("power.ac", "a matter of people"),
    {"gpu.busy", NULL, VALUES, 1, ANY, 2, true},
    {"gpu.memory", NULL, CHANGES, 1, ANY, 2, true},
    LEAVE("gpu.memory-total", "a property of the machine"),
    {"gpu.temperature", NULL, CHANGES, 1, CALLS, SECONDS, false},
    {"gpu.power", NULL, VALUES, 1, CALLS, 2, false},
    {"gpu.mhz", NULL, VALUES, 0, CALLS, 2, false},
    LEAVE("collector.cpu", "the profiler's own"),
    LEAVE("collector.period", "the profiler's own"),
    {"process.cpu", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"process.user", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"process.system", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"process.rss", NULL, CHANGES, 1, MEMORY, AT_ONCE, true},
    {"process.virtual", NULL, CHANGES, 1, MEMORY, AT_ONCE, true},
    {"process.pss", NULL, CHANGES, 1, MEMORY, SOON, true},
    {"process.swap", NULL, CHANGES, 1, MEMORY, 2, true},
    {"process.threads", NULL, CHANGES, 1, CALLS, AT_ONCE, true},
    {"process.faults", NULL, VALUES, 1, MEMORY, AT_ONCE, true},
    {"process.major-faults", NULL, VALUES, 1, IO, AT_ONCE, true},
    {"process.read", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"process.written", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"process.calls-read", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"process.calls-written", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    LEAVE("cgroup.cpu-limit", "a setting"),
    {"cgroup.cpu", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cgroup.throttled", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cgroup.throttles", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"cgroup.memory", NULL, CHANGES, 1, MEMORY | IO, SOON, true},
    LEAVE("cgroup.memory-limit", "a setting"),
    {"cgroup.oom-kills", NULL, VALUES, 1, MEMORY, 2, true},
    {"cgroup.pids", NULL, CHANGES, 1, CALLS, AT_ONCE, true},
    LEAVE("cgroup.pids-limit", "a setting"),
    {"thread.cpu", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"thread.user", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"thread.system", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"thread.run-queue", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"thread.voluntary", NULL, VALUES, 1, WAITS, AT_ONCE, true},
    {"thread.involuntary", NULL, VALUES, 1, CPU, AT_ONCE, true},
    {"thread.read", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"thread.written", NULL, VALUES, 1, CALLS, AT_ONCE, true},
    {"thread.faults", NULL, VALUES, 1, MEMORY, AT_ONCE, true},
    {"thread.major-faults", NULL, VALUES, 1, IO, AT_ONCE, true},
    LEAVE("thread.processor", "a number that names something"),
};

const struct resource_trait *resource_trait(const char *name, bool is_rate)
{
    static const struct resource_trait rate = {NULL, NULL, VALUES, 1, ANY, SOON, true};
    static const struct resource_trait gauge = {NULL, NULL, VALUES, 0, ANY, SOON, false};

    for (size_t i = 0; i < sizeof(traits) / sizeof(*traits); i++)
        if (strcmp(traits[i].name, name) == 0)
            return &traits[i];
    return is_rate ? &rate : &gauge;
}
