/* From threads' counts to objects. Its own file because hooks count, and this asks the kernel. */
#include "preload/io_counts.h"

#include "preload/confinement.h"
#include "preload/ring.h"
#include "preload/wait_objects.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* So much of a file that is closed after few calls is worth asking for its name. */
#define BYTES_TOLD (1u << 20)

#define MISSED_MOST 16u /* then who shares the entry gets it */

__thread struct io_counts *io_counts_place;
uint32_t io_counts_generations[IO_COUNTS_FDS];

static struct ring_file *ring;

void io_counts_use_ring(struct ring_file *file)
{
    ring = file;
    io_counts_place = NULL;
}

static void add(uint64_t *to, uint64_t number)
{
    if (number)
        __atomic_add_fetch(to, number, __ATOMIC_RELAXED);
}

static void give(struct io_entry *entry, uint32_t number)
{
    struct ring_object *object = &ring->objects[number];
    const struct io_count *in = &entry->counts[IO_READ], *out = &entry->counts[IO_WRITE];
    if (number) {
        add(&object->read_bytes, in->bytes);
        add(&object->reads_small, in->small);
        add(&object->reads_onward, in->onward);
        add(&object->write_bytes, out->bytes);
        add(&object->writes_small, out->small);
        add(&object->writes_onward, out->onward);
        add(&object->reads, in->calls); /* last: the drain looks at calls */
        add(&object->writes, out->calls);
    }
    memset(entry->counts, 0, sizeof entry->counts);
    entry->calls = 0;
}

/* The object behind the entry's descriptor, if that is the one that was counted, and it is worth
 * a name. */
static uint32_t object_of(const struct io_entry *entry)
{
    uint64_t bytes = entry->counts[IO_READ].bytes + entry->counts[IO_WRITE].bytes;
    if (entry->fd < 0)
        return wait_objects_of_others_sigsafe();
    bool same = entry->generation == io_counts_generation(entry->fd);
    bool told =
        entry->due > IO_COUNTS_FIRST || entry->calls >= IO_COUNTS_FIRST || bytes >= BYTES_TOLD;
    uint32_t number = same && told ? wait_objects_of_fd_sigsafe(entry->fd) : 0;
    return number ? number : wait_objects_of_others_sigsafe();
}

static void settle(struct io_entry *entry)
{
    int saved_errno = errno;
    if (entry->calls && ring && !confinement_any_sigsafe())
        give(entry, object_of(entry));
    errno = saved_errno;
}

/* Of a file on a disk such calls wait all the same. Pipes are left out: who writes to one is
 * noted with the time. */
static bool never_waits(int fd)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_NONBLOCK) && fstat(fd, &status) == 0 &&
           S_ISSOCK(status.st_mode);
}

static void begin(struct io_entry *entry, int fd)
{
    *entry = (struct io_entry){.fd = fd,
                               .generation = io_counts_generation(fd),
                               .due = IO_COUNTS_FIRST,
                               .next = UINT64_MAX};
}

static void step(struct io_entry *entry)
{
    int saved_errno = errno;
    settle(entry);
    entry->due = IO_COUNTS_STEP;
    entry->never_waits = !confinement_any_sigsafe() && never_waits(entry->fd);
    errno = saved_errno;
}

struct io_entry *io_counts_turn(struct io_entry *entry, int fd)
{
    struct io_entry *others = &io_counts_place->others;
    if (entry->fd == fd && entry->generation == io_counts_generation(fd)) {
        step(entry);
        return entry;
    }
    if (entry->fd >= 0 && entry->fd != fd && ++entry->missed < MISSED_MOST) {
        if (others->calls >= IO_COUNTS_STEP)
            settle(others);
        return others;
    }
    settle(entry);
    begin(entry, fd);
    return entry;
}

void io_counts_closing(int fd)
{
    struct io_entry *entry = io_counts_entry(fd);
    if (entry->fd == fd) {
        settle(entry);
        entry->fd = -1;
    }
    io_counts_changed(fd);
}

void io_counts_all_changed(void)
{
    for (int fd = 0; fd < (int)IO_COUNTS_FDS; fd++)
        io_counts_changed(fd);
}

void io_counts_attach(struct io_counts *counts)
{
    for (unsigned i = 0; i < IO_COUNTS_ENTRIES; i++)
        counts->entries[i] = (struct io_entry){.fd = -1};
    counts->others = (struct io_entry){.fd = -1};
    io_counts_place = counts;
}

void io_counts_settle(struct io_counts *counts)
{
    for (unsigned i = 0; i < IO_COUNTS_ENTRIES; i++)
        if (counts->entries[i].fd >= 0)
            settle(&counts->entries[i]);
    settle(&counts->others);
}

void io_counts_detach(void)
{
    struct io_counts *counts = io_counts_place;
    io_counts_place = NULL;
    if (counts)
        io_counts_settle(counts);
}
