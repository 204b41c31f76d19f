/*
 * A profiled process that runs: its ring file (preload/contract/ring_format.h), found,
 * mapped, and asked. Not thread-safe.
 */
#ifndef PROFINJECT_RECORD_RUNNING_H
#define PROFINJECT_RECORD_RUNNING_H

#include "analyzer/util/problem.h"
#include "preload/contract/ring_format.h"

#include <stddef.h>
#include <sys/types.h>

struct running {
    pid_t pid;
    char comm[16];
    struct ring_file *ring;
    size_t size;
};

/*
 * Maps the ring file that process `pid` has mapped: what it is, wherever it lies.
 * PROBLEM_SYSTEM when there is no such process, or it is somebody else's, not
 * profiled, or profiled by another version. Release with running_release().
 */
int running_init(struct running *running, pid_t pid, struct problem *problem);
void running_release(struct running *running);

/* Asks for RING_ASK_* and waits until it is done, five seconds at most
 * (PROBLEM_SYSTEM). */
int running_ask(struct running *running, uint32_t request, struct problem *problem);

#endif
