/*
 * One ring that the keeper drains: of a process that offered it (ring_format.h, KEEPER), from
 * when it is taken to when the process has ended, or drains by itself.
 *
 * The process wrote the ring and may do so at any time: nothing in it is believed that could
 * lead out of it, or out of the recording.
 */
#ifndef PROFINJECT_RECORD_KEPT_RING_H
#define PROFINJECT_RECORD_KEPT_RING_H

#include "analyzer/record/kept_resources.h"
#include "analyzer/record/oom.h"
#include "preload/contract/drain.h"
#include "preload/contract/recording.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct kept_ring {
    struct kept_ring *next;
    struct ring_file *ring;
    size_t size;
    ino_t inode;
    const struct recording *recording;
    pid_t pid;
    int lock;      /* on the file, so that nobody takes it for one left behind */
    int watch;     /* pidfd, -1: not to be had */
    int directory; /* of the recording, the keeper's */
    int fd;        /* the trace, -1: not made yet */
    char path[PATH_MAX], trace[NAME_MAX + 1];
    struct drain drain;
    uint64_t begun_ns, last_write_ns, last_chores_ns, exec_ns;
    uint32_t ended_written;
    unsigned filters; /* there were when it was taken */
    bool failed, ended, confined;
    bool crowded; /* it failed for want of room */
    struct oom_watch oom;
    struct kept_resources resources;
};

/*
 * Takes the ring at `path`, of process `pid`, if it is offered and the process has lived for a
 * moment, or is asking for something. NULL when it is not to be taken now; *pending is set when
 * it may be later. `election`: who of all the rings has the machine.
 */
struct kept_ring *kept_ring_take(const char *path, pid_t pid, const struct recording *recording,
                                 int directory, struct election *election, bool *pending);

/* A round: writes what is worth it, answers. False when the ring is not to be kept any more:
 * kept_ring_release() then. */
bool kept_ring_serve(struct kept_ring *kept);

/* How long until the next round, unless the bell rings. */
uint64_t kept_ring_rest_ns(const struct kept_ring *kept);

/* Writes what the process left, if it is gone, and forgets the ring. */
void kept_ring_release(struct kept_ring *kept);

#endif
