/*
 * A process's resources, of its threads in all, by what the kernel has of them in /proc/PID.
 *
 * One thread at a time, in the process or outside it; no allocation; descriptors are kept by
 * kept_file.h. What is told of a process leaves out the one thread in it that looks.
 */
#ifndef PROFINJECT_RESOURCES_PROCESS_MONITOR_H
#define PROFINJECT_RESOURCES_PROCESS_MONITOR_H

#include "preload/resources/control_group.h"
#include "preload/resources/kept_file.h"
#include "preload/resources/process_io.h"
#include "preload/resources/resource_log.h"

/* CPU time is told as a multiple of this, but at the end: what is below is noise, and would be most
 * of what a trace has of resources. */
#define MONITOR_UNIT_NS 10000u

/* Sums since the process began. */
struct process_sums {
    uint64_t user_ticks, system_ticks, faults, major_faults;
};

struct process_monitor {
    struct resource_log *log;
    struct kept_folder *folder;
    struct kept_file stat, own_stat, status; /* own: of the thread in it that looks */
    int own_tid; /* of the thread that looks, 0: it is not the process's */
    uint32_t ids[RESOURCE_COUNT];
    uint64_t tick_ns;
    uint64_t own_cpu_ns, cpu_ns; /* as last read */
    struct process_sums told;    /* never less again, though they are differences */
    uint64_t threads, resident;  /* as last read */
    uint64_t children;           /* likewise: see task_stat.h */
    struct process_io io;
    uint64_t pss_ns, pss_rest_ns, begun_ns;
    struct control_group group;
    bool grouped; /* it is open */
};

void process_monitor_init(struct process_monitor *monitor, struct kept_folder *folder,
                          struct resource_log *log, int own_tid, uint64_t now_ns);

/* CPU time of the process: one system call. */
uint64_t process_monitor_cpu_ns(struct process_monitor *monitor);

/* Puts values into the moment that has begun; `slow` also those worth a look once a second.
 * `last`: for the end, all exactly. How many threads there are is in monitor->threads. */
void process_monitor_look(struct process_monitor *monitor, uint64_t now_ns, bool slow, bool last);

/* Closes what it keeps open; looks open it again. */
void process_monitor_close(struct process_monitor *monitor);

#endif
