/*
 * The collector of a process: looks at its resources, and at the machine's where it was elected to,
 * as often as asked for at the most (resource_pace.h), and logs what it finds for the drain.
 *
 * Part of whoever drains, and of its thread, in the process or outside it. All memory comes by mmap
 * and is there from the beginning, descriptors are kept within bounds. Whoever makes one waits a
 * period first: processes that live shorter cost nothing.
 */
#ifndef PROFINJECT_RESOURCES_COLLECTOR_H
#define PROFINJECT_RESOURCES_COLLECTOR_H

#include "preload/resources/election.h"

struct collector;

struct collector_options {
    int pid;          /* 0: the calling process, */
    int own_tid;      /* of which this thread looks, and is left out; 0: none */
    int directory;    /* of the recording, the caller's; it stays open */
    int descriptors;  /* that may be kept for the process, at most */
    unsigned rate;    /* looks per second, not 0 */
    const char *root; /* of the machine's files, as machine.h has it; the caller's, and stays */
};

/* How long after its beginning a process has a collector. */
static inline uint64_t collector_delay_ns(unsigned rate)
{
    return 1000000000u / rate;
}

/* The first look is due at once. NULL when there is no memory. */
struct collector *collector_new(const struct collector_options *options, struct election *election);

/* Leaves the machine to others. The log goes with it. NULL is allowed. */
void collector_free(struct collector *collector);

/* Of what was found; to be drained by the same thread. */
struct resource_log *collector_log(struct collector *collector);

/* Looks, if it is time. */
void collector_tick(struct collector *collector);

/* True when it is this one that follows the machine. */
bool collector_has_machine(const struct collector *collector);

/* How long until the next look. */
uint64_t collector_rest_ns(const struct collector *collector);

/* Looks once more: the process, or its image, is about to end. `elsewhere`: by a thread of the
 * process that has another table of descriptors. */
void collector_finish(struct collector *collector, bool elsewhere);

/* Closes all descriptors, and leaves the machine: the table goes away. Later looks open them again,
 * in the same thread or another one, which is `own_tid` then and has the recording at
 * `directory`. */
void collector_suspend(struct collector *collector);
void collector_resume(struct collector *collector, int own_tid, int directory);

#endif
