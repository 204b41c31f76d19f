/*
 * How often and how much threads read and write, by descriptor: each thread counts for itself, and
 * adds what it has to the object that is behind the descriptor (wait_objects.h) every IO_COUNTS_STEP calls, first after IO_COUNTS_FIRST,
 * when it closes it, and when it ends. What was counted of a descriptor that was few calls and few
 * bytes, or is another file's by now, goes to one object for all such.
 *
 * Whoever counts knows as well of which descriptors calls never wait: of sockets that are
 * not to block. They need not be timed.
 *
 * 3 ns a call. By the thread itself, in its ordinary context and in handlers of the target's own, one of
 * which may lose the call that it interrupted; errno is as before.
 */
#ifndef PROFINJECT_IO_COUNTS_H
#define PROFINJECT_IO_COUNTS_H

#include "preload/platform.h"

#include <stdbool.h>
#include <stdint.h>

#define IO_COUNTS_ENTRIES 64u /* of a thread, by descriptor; power of two */
#define IO_COUNTS_STEP 512u   /* that takes a microsecond */
#define IO_COUNTS_FIRST 16u
#define IO_COUNTS_SMALL 512u /* bytes: less is a small call */

#define IO_COUNTS_BEHIND (-1) /* the call before: no place in the file is named */

enum io_direction { IO_READ, IO_WRITE };

struct io_count {
    uint64_t calls, bytes, small, onward;
};

struct io_entry {
    int32_t fd;          /* -1: nobody's */
    uint32_t generation; /* of the descriptor, when the entry was begun */
    uint32_t calls;      /* that its object does not have yet */
    uint32_t due;        /* when they are so many it gets them */
    bool moved;          /* the next call does not begin where the one before ended */
    bool never_waits;    /* known since the step before */
    uint16_t missed;     /* calls of others that share the entry, since its own last one */
    uint64_t next;       /* where a call that names its place would go on */
    struct io_count counts[2];
};

struct io_counts {
    struct io_entry entries[IO_COUNTS_ENTRIES];
    struct io_entry others; /* calls that found their entry in use */
};

/* The calling thread's; NULL: nothing is counted. */
extern __thread struct io_counts *io_counts_place
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* By descriptor: counts one more whenever it may have become another file's. */
#define IO_COUNTS_FDS 1024u
extern uint32_t io_counts_generations[IO_COUNTS_FDS] __attribute__((visibility("hidden")));

static inline uint32_t io_counts_generation(int fd)
{
    return __atomic_load_n(&io_counts_generations[(unsigned)fd % IO_COUNTS_FDS], __ATOMIC_RELAXED);
}

struct ring_file;

/* Where the objects are. A fork child calls it again. */
void io_counts_use_ring(struct ring_file *ring);

/* The calling thread counts there from now on; then what it has is added, and it counts no more. */
void io_counts_attach(struct io_counts *counts);
void io_counts_detach(void);

/* Adds what is there: of a thread that is about to end with its process. It may count on. */
void io_counts_settle(struct io_counts *counts);

/* The entry is another descriptor's, or has enough: one that has room, for `fd` or for others. */
struct io_entry *io_counts_turn(struct io_entry *entry, int fd);

/* The calling thread is about to close it. */
void io_counts_closing(int fd);

/* It is another file's now; or all are, or none. */
static inline void io_counts_changed(int fd)
{
    __atomic_add_fetch(&io_counts_generations[(unsigned)fd % IO_COUNTS_FDS], 1, __ATOMIC_RELAXED);
}
void io_counts_all_changed(void);

static inline struct io_entry *io_counts_entry(int fd)
{
    return &io_counts_place->entries[(unsigned)fd % IO_COUNTS_ENTRIES];
}

/* A call of `bytes`, at a place in the file, or IO_COUNTS_BEHIND. */
static inline void io_counts_add(int fd, enum io_direction direction, uint64_t bytes, int64_t at)
{
    if (PLATFORM_UNLIKELY(!io_counts_place))
        return;
    struct io_entry *entry = io_counts_entry(fd);
    if (PLATFORM_UNLIKELY(entry->fd != fd || entry->calls >= entry->due ||
                          entry->generation != io_counts_generation(fd)))
        entry = io_counts_turn(entry, fd);
    struct io_count *count = &entry->counts[direction];
    bool onward = at < 0 ? !entry->moved : entry->next == (uint64_t)at;
    entry->calls++;
    count->calls++;
    count->bytes += bytes;
    count->small += bytes < IO_COUNTS_SMALL;
    count->onward += onward;
    entry->moved = false;
    entry->missed = 0;
    if (at >= 0)
        entry->next = (uint64_t)at + bytes;
}

/* A call of `fd` is over at once. */
static inline bool io_counts_never_waits(int fd)
{
    if (PLATFORM_UNLIKELY(!io_counts_place))
        return false;
    const struct io_entry *entry = io_counts_entry(fd);
    return entry->never_waits && entry->fd == fd && entry->generation == io_counts_generation(fd);
}

/* The next call begins elsewhere. */
static inline void io_counts_moved(int fd)
{
    if (io_counts_place && io_counts_entry(fd)->fd == fd)
        io_counts_entry(fd)->moved = true;
}

#endif
