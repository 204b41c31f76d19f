/* From threads' counts to objects. Its own file because hooks count, and this asks the kernel. */
#include "preload/io_counts.h"

#include "preload/confinement.h"
#include "preload/ring.h"
#include "preload/wait_objects.h"

#include <errno.h>
#include <string.h>

/* So much of a file that is closed is worth asking for its name. */
#define CALLS_TOLD 16u
#define BYTES_TOLD (1u << 20)

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
    bool same = entry->generation == io_counts_generation(entry->fd);
    bool told = entry->calls >= CALLS_TOLD || bytes >= BYTES_TOLD;
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

void io_counts_turn(struct io_entry *entry, int fd)
{
    settle(entry);
    bool same = entry->fd == fd && entry->generation == io_counts_generation(fd);
    if (same && entry->calls < IO_COUNTS_STEP)
        return;
    uint64_t next = same ? entry->next : UINT64_MAX;
    *entry = (struct io_entry){.fd = fd, .generation = io_counts_generation(fd), .next = next};
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
    io_counts_place = counts;
}

void io_counts_detach(void)
{
    struct io_counts *counts = io_counts_place;
    io_counts_place = NULL;
    for (unsigned i = 0; counts && i < IO_COUNTS_ENTRIES; i++)
        if (counts->entries[i].fd >= 0)
            settle(&counts->entries[i]);
}
