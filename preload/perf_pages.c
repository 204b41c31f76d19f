/*
 * One range of addresses for all. Its own file because two kinds of readers rely on its
 * never going away.
 */
#include "preload/perf_pages.h"

#include "preload/clock_perf.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#define PLACE_SIZE ((size_t)PERF_PAGES_PLACE * PERF_PAGES_SIZE)
#define RANGE_SIZE (CLOCK_PERF_EVENTS * PLACE_SIZE)

static uint8_t *range;

static void *reserve(void *at, size_t size)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (at ? MAP_FIXED : 0);
    /* Handlers write how far they have read, and may do so a moment after the end. */
    void *memory = mmap(at, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

void *perf_pages_map(unsigned place, unsigned at, int fd, unsigned pages)
{
    if (!range)
        range = reserve(NULL, RANGE_SIZE);
    if (!range)
        return NULL;
    void *where = range + place * PLACE_SIZE + (size_t)at * PERF_PAGES_SIZE;
    size_t size = (size_t)pages * PERF_PAGES_SIZE;
    /* Counters are read by pages nobody writes to; with data behind it the head is
     * written by the reader, too. */
    int protection = pages > 1 ? PROT_READ | PROT_WRITE : PROT_READ;
    void *memory = mmap(where, size, protection, MAP_SHARED | MAP_FIXED, fd, 0);
    if (memory != MAP_FAILED)
        return memory;
    int saved_errno = errno;
    reserve(where, size); /* some failures leave a hole */
    errno = saved_errno;
    return NULL;
}

void perf_pages_clear(unsigned place)
{
    if (range)
        reserve(range + place * PLACE_SIZE, PLACE_SIZE);
}

void perf_pages_forget(void)
{
    /* Not unmapped: events are not inherited, and the target may have taken the holes. */
    range = NULL;
}
