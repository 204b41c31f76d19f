/*
 * Bytes that a process has read and written itself. /proc/PID/io has those of children it waited
 * for as well, and does not tell them apart: a shell would have written all that its commands
 * wrote, at the moment they end. In an interval in which none was waited for they are exact; else
 * by what its threads have, and so without what threads had that ended in the interval.
 *
 * As process_monitor.h, which is who uses it.
 */
#ifndef PROFINJECT_RESOURCES_PROCESS_IO_H
#define PROFINJECT_RESOURCES_PROCESS_IO_H

#include "preload/resources/kept_file.h"

enum process_io_kind { IO_READ, IO_WRITTEN, IO_CALLS_READ, IO_CALLS_WRITTEN, IO_KINDS };

struct io_sums {
    uint64_t of[IO_KINDS];
};

struct process_io {
    struct kept_folder *folder;
    struct kept_file *stat;     /* of the process, the caller's */
    struct kept_file its, own;  /* of the process, and of the thread in it that looks */
    int own_tid;                /* 0: none; its part is left out */
    bool known;                 /* it was looked at before */
    uint64_t children;          /* task_stat.h, at the last look */
    struct io_sums all;         /* with children's, as last read */
    struct io_sums told, ended; /* without: never less again; of it, what its threads do not have */
};

void process_io_init(struct process_io *io, struct kept_folder *folder, struct kept_file *stat,
                     int own_tid);

/* Brings `told` up to date. `children`: as it was just before. 0 or more, or -errno. */
ssize_t process_io_look(struct process_io *io, uint64_t children);

/* Closes what it keeps open; looks open it again. */
void process_io_close(struct process_io *io);

#endif
