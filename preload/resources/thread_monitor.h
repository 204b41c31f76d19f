/*
 * The threads of a process, each by what the kernel has of it in /proc/PID/task/TID. A thread whose
 * run time is as it was has done nothing: it costs one read, of 2 us where caches are cold. One that
 * has not run for a while sleeps: it is read once a second, and at once when those that are awake
 * cannot have used all of the process's CPU time. That it ran for a moment, of few milliseconds, may
 * be told up to a second late.
 *
 * One thread at a time; no allocation: the table is the caller's memory. Threads come and go, and
 * their numbers come again.
 *
 * Context switches are the dearest to read: of more than four threads that run they are read less
 * often the more there are, of each in at least one of eight looks at it, and when it comes to rest.
 *
 * How many: THREAD_MONITOR_MOST are followed, others told as unavailable. Those that descriptors
 * may be kept for are looked at every time, of the others THREAD_MONITOR_TURN in turn.
 */
#ifndef PROFINJECT_RESOURCES_THREAD_MONITOR_H
#define PROFINJECT_RESOURCES_THREAD_MONITOR_H

#include "preload/resources/kept_file.h"
#include "preload/resources/resource_log.h"

#define THREAD_MONITOR_MOST 4096u
#define THREAD_MONITOR_TURN 64u

enum { THREAD_VALUES = RESOURCE_THREAD_PROCESSOR - RESOURCE_THREAD_CPU + 1 };

struct followed_thread {
    int tid;
    bool was_there;  /* at the first look: nothing is known of when it did what */
    bool told;       /* it has series */
    bool seen;       /* but had hardly run */
    bool owes;       /* not all was read when it was last looked at */
    uint8_t ran;     /* looks in which it had, up to some */
    uint8_t turn;    /* which of the dear files are to be read */
    uint16_t quiet;  /* looks since it ran, up to some */
    uint32_t looked; /* last, by the look of that number */
    uint64_t cpu_ns, queue_ns, start_ticks;
    struct kept_file times, stat, io, status;
    uint32_t ids[THREAD_VALUES];    /* by resource, from RESOURCE_THREAD_CPU on; 0: not defined */
    uint64_t values[THREAD_VALUES]; /* as last read; of a thread that is new, 0 */
};

struct thread_monitor {
    struct resource_log *log;
    struct kept_folder *folder;
    struct followed_thread *threads; /* THREAD_MONITOR_MOST */
    uint32_t count, looks, turn;
    uint32_t running;        /* threads that had run, in the last look */
    uint32_t switches_looks; /* of one that runs they are read once in so many */
    int own_tid;             /* left out; 0: none */
    uint64_t tick_ns;
    bool some_gone;                  /* there is reason to list them again */
    uint32_t reasons[THREAD_VALUES]; /* series that say why there are none, of any thread */
    uint64_t process_ns;             /* CPU time of the process, at the last look */
    int64_t unknown_ns;              /* of it nobody has had who was looked at */
    int64_t doubt_ns;                /* threads' times are behind by so much, all together */
    uint32_t processors;
};

/* `threads`: zeroed memory for THREAD_MONITOR_MOST. */
void thread_monitor_init(struct thread_monitor *monitor, struct kept_folder *folder,
                         struct resource_log *log, struct followed_thread *threads, int own_tid,
                         uint64_t tick_ns);

/* Puts values into the moment that has begun. `process_ns`: CPU time of the process. `there`: how many
 * threads there are, 0: not known. `all`: lists them in any case. `last`: for the end, exactly, and as
 * many of them as can be read in 2 ms. */
void thread_monitor_look(struct thread_monitor *monitor, uint64_t process_ns, uint64_t there,
                         bool all, bool last);

/* Closes what it keeps open; looks open it again. */
void thread_monitor_close(struct thread_monitor *monitor);

#endif
