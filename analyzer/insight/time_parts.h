/*
 * Thread time divided among what limits a program: what time_shares.h tells, and where resources
 * know more than hooks, by those. Every nanosecond is in one part at most.
 *
 *   throttled   on-CPU while the processor was slowed down; ready to run while the control group
 *               was held back, as far as threads were ready to run for so long
 *   allocator   on-CPU in the allocator's functions, by samples
 *   memory      on-CPU in functions that move or clear memory, by samples, or in page faults
 *               (FAULT_NS each, estimated), whichever is more; blocked unseen by major faults
 *               (MAJOR_FAULT_NS each at most) or while there was pressure on memory
 *   gpu         on-CPU in a driver of graphics cards, and waits for other threads or nobody: so much
 *               of them as a card was busy
 *   cpu         on-CPU that is none of these
 *   contention  blocked for locks, conditions and the like of other threads
 *   network     blocked for sockets and names of hosts
 *   i/o         blocked for files, and for others' sockets of this machine; blocked unseen while
 *               there was pressure on disks and the program read or wrote
 *
 * Time ready to run, held back apart, is divided as time on-CPU is where the program's own threads
 * took each other's processors: it would have gone on so. Where others had them it belongs to no
 * class, as on a quieter machine it would not be there; READY_MOST of all time, and the program is
 * short of processors: that is cpu.
 *
 * The rest is idle time or other processes', or nobody saw what it was. Resources are those of the
 * machine and of whole processes: with some threads or stacks only, nothing is made of processes'.
 */
#ifndef PROFINJECT_INSIGHT_TIME_PARTS_H
#define PROFINJECT_INSIGHT_TIME_PARTS_H

#include "analyzer/insight/slowness.h"
#include "analyzer/insight/usage.h"
#include "analyzer/model/judgement.h"
#include "analyzer/model/time_shares.h"

/* With clearing of 4 KiB: 0.5 us on the fastest machines, 2.2 us in a virtual machine. */
#define FAULT_NS 2e3
/* The longest a disk usually takes; and what the kernel computes for it. */
#define MAJOR_FAULT_NS 10e6
#define MAJOR_FAULT_CPU_NS 20e3
#define READY_MOST 0.75

enum time_rest { REST_SLEEP, REST_WORK, REST_OTHERS, REST_UNSEEN, RESTS };

struct time_parts {
    struct time_shares shares;
    double of[BOTTLENECK_CLASSES]; /* nanoseconds; shares.wall is the whole */
    double rest[RESTS];            /* asleep, waiting for work, for other processes, unseen */
    /* What they are made of, and what scores need. */
    double slowed, held;                 /* of throttled: on-CPU, ready to run */
    double crowded;                      /* of none: ready to run, others had the processors */
    double allocating, moving, faulting; /* on-CPU */
    double stalled;                      /* of memory: blocked */
    double driving;                      /* of gpu: on-CPU */
    double locked;                       /* of contention: for locks */
    double unseen_files;                 /* of i/o */
    bool has_waits, has_samples;
    struct slowness slowness;
    struct usage held_back, faults, major_faults, pressure_memory, pressure_io, gpu;
};

void time_parts_init(struct time_parts *parts, const struct profile *profile);
void time_parts_release(struct time_parts *parts);

#endif
