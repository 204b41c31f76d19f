/*
 * How a process ended that did not say so, and the end of its trace.
 */
#ifndef PROFINJECT_RECORD_PROCESS_END_H
#define PROFINJECT_RECORD_PROCESS_END_H

#include "analyzer/record/oom.h"
#include "preload/contract/drain.h"

#include <sys/types.h>

/* The wait status of a process that is gone, whosever child it was, -1: not known. By its
 * pidfd once it was waited for (Linux 6.15), before that by /proc. */
int process_end_status(pid_t pid, int pidfd);

/*
 * Writes all that is left in the ring, and TRACE_END_KILLED: as `wait_status` has it, of a
 * signal, or where that is -1 as the process itself left word, or the kernel's log. `when_ns`:
 * when it was found gone, where there is no better word; 0: long after. `watch` may be NULL.
 * 0 or -errno.
 */
int process_end_write(struct drain *drain, int fd, int wait_status, uint64_t when_ns,
                      const struct oom_watch *watch);

#endif
