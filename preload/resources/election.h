/*
 * Who follows the machine for a recording: one of those who drain for its processes, and of them
 * one of the processes' traces. By a lock on the recording's file of messages, which the kernel
 * takes back when its holder ends, however it does; then the next who asks has it.
 *
 * Belongs to one thread. Whoever drains for many processes has one seat for all of them.
 */
#ifndef PROFINJECT_RESOURCES_ELECTION_H
#define PROFINJECT_RESOURCES_ELECTION_H

#include "preload/resources/machine.h"

#include <stdbool.h>
#include <stdint.h>

struct election {
    int lock; /* -1: not ours */
    uint64_t asked_ns;
    const void *holder; /* whose log has the machine; NULL: nobody's */
    struct machine *machine;
    uint64_t spent_ns; /* CPU time of all looks, at processes too */
    unsigned sharing;  /* collectors there are */
    int room;          /* descriptors they may still keep, all together */
    bool has_room;     /* that was found out */
    /* Looks at more of the machine, when that is no recorded one, into the same moment, for who
     * has the means; NULL: nobody. */
    void (*more)(void *context, struct resource_log *log);
    void *context;
};

void election_init(struct election *election);

/* Asks, now and then, for the machine; `directory`: of the recording, with `root` and `log` as in
 * machine.h. Returns it when it is this holder's. */
struct machine *election_ask(struct election *election, const void *holder, int directory,
                             const char *root, struct resource_log *log, uint64_t now_ns);

/* How many descriptors one more collector may keep, `most` at most: part of what is left of half of
 * the limit, or one process would leave none for the rings and traces of others. 0: too few are
 * left. To be given back. */
int election_lend(struct election *election, int most);
void election_give_back(struct election *election, int descriptors);

/* The holder follows it no more: the next of the same thread may. */
void election_leave(struct election *election, const void *holder);

/* So may others. */
void election_close(struct election *election);

#endif
