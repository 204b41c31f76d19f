/*
 * Whether the kernel killed a process for want of memory: by its log, which names the process,
 * where that may be read; else by the count of such kills in the process's control group.
 */
#ifndef PROFINJECT_RECORD_OOM_H
#define PROFINJECT_RECORD_OOM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define OOM_TEXT 256u /* what says so, in words */

/* The count of the group a process is in. */
struct oom_watch {
    char path[512]; /* empty: not to be had */
    uint64_t count;
};

void oom_watch_begin(struct oom_watch *watch, pid_t pid);

/* True when there are more by now: perhaps another process of the group. NULL: false. */
bool oom_watch_tells(const struct oom_watch *watch, char text[OOM_TEXT]);

/* True when the kernel's log has it of process `pid`, of that namespace, after `start_ns`. */
bool oom_is_logged(pid_t pid, uint64_t pid_namespace, uint64_t start_ns, char text[OOM_TEXT]);

/* True when a line of /dev/kmsg says so of that process, at `start_ns` or later. `said` is the
 * part of the line that does. */
bool oom_line_tells(const char *line, pid_t pid, uint64_t start_ns, const char **said);

#endif
