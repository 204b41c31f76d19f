/*
 * Runs a command as if it had been run directly: same stdio, process group,
 * terminal, signal dispositions and mask.
 */
#ifndef PROFINJECT_RECORD_LAUNCHER_H
#define PROFINJECT_RECORD_LAUNCHER_H

#include "analyzer/util/problem.h"

#include <stdbool.h>
#include <sys/types.h>

struct launch {
    pid_t pid;      /* of the command, while it runs and afterwards */
    bool signalled; /* it was killed by signal `status`, else it exited with `status` */
    int status;
    struct launch_signals *signals;
};

/*
 * Starts argv[0], found in PATH, with the environment of this process. From then
 * on SIGINT and SIGQUIT do not end this process, and SIGTERM and SIGHUP are
 * passed on to the command. 0, or a problem with errno left as fork() or exec
 * set it, and nothing running.
 */
int launch_start(struct launch *launch, char *const *argv, struct problem *problem);

/* Waits for the end of the command and puts signal dispositions back. Of other children that
 * end meanwhile `other` is told, with `context`. */
void launch_wait(struct launch *launch, void (*other)(void *context, pid_t pid), void *context);

#endif
