/*
 * What /proc/PID/stat and /proc/PID/task/TID/stat say (proc(5)). Pure; any thread.
 */
#ifndef PROFINJECT_RESOURCES_TASK_STAT_H
#define PROFINJECT_RESOURCES_TASK_STAT_H

#include <stdbool.h>
#include <stdint.h>

struct task_stat {
    bool is_zombie; /* it has no memory any more */
    uint64_t faults, major_faults;
    uint64_t user_ticks, system_ticks; /* of sysconf(_SC_CLK_TCK) a second */
    uint64_t threads;
    uint64_t children;    /* rises with each that was waited for: it had page faults at least */
    uint64_t start_ticks; /* since the machine's start */
    uint64_t address_space, resident_pages;
    uint64_t processor; /* it ran on last */
};

/* False when the text is not one. The name in it may hold anything. */
bool task_stat_parse(const char *text, struct task_stat *stat);

#endif
