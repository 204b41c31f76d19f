/*
 * Counters of the processor. Its own file because they are no clock: they come with one
 * kind of clock today and may come with others.
 *
 * They are pinned: one that another user of the machine has taken stops with an error,
 * where an unpinned one would count a part of the time and be scaled up.
 */
#include "preload/hardware_counters.h"

#include "preload/counters.h"
#include "preload/perf_pages.h"
#include "preload/platform.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FIRST_PAGE 4u /* of a place; before it are those of kernel frames */
#define READ_ATTEMPTS 8

const struct hardware_event hardware_events[HARDWARE_COUNTERS] = {
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
};

static struct {
    const struct hardware_event *events; /* NULL: not to be had */
    bool by_sample, without_kernel;
    int id[HARDWARE_COUNTERS]; /* in the ring; -1: no room */
    uint64_t failed, taken_away;
} hardware;

static int open_counter(const struct hardware_event *event, int tid)
{
    struct perf_event_attr attr;
    memset(&attr, 0, sizeof attr);
    attr.size = PERF_ATTR_SIZE_VER5;
    attr.type = event->type;
    attr.config = event->config;
    attr.pinned = 1;
    attr.exclude_kernel = hardware.without_kernel;
    attr.exclude_hv = 1;
    long fd = syscall(SYS_perf_event_open, &attr, tid, -1, -1, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : (int)fd;
}

/* True when the handler may read this one by its page. */
static bool is_readable(const void *page)
{
    const struct perf_event_mmap_page *head = page;
    return head && head->cap_user_rdpmc;
}

/* Whether the counter can be had, and counts: a machine may know its name only. */
static int try_one(const struct hardware_event *event)
{
    uint64_t count = 0;
    int fd = open_counter(event, 0);
    if (fd < 0)
        return fd;
    void *page = mmap(NULL, PERF_PAGES_SIZE, PROT_READ, MAP_SHARED, fd, 0);
    hardware.by_sample &= is_readable(page == MAP_FAILED ? NULL : page);
    if (page != MAP_FAILED)
        munmap(page, PERF_PAGES_SIZE);
    int status = read(fd, &count, sizeof count) == (ssize_t)sizeof count ? 0 : -EBUSY;
    close(fd);
    return status;
}

static int try_all(const struct hardware_event *events)
{
    int status = 0;
    hardware.by_sample = true;
    for (unsigned i = 0; i < HARDWARE_COUNTERS && status == 0; i++)
        status = try_one(&events[i]);
    return status;
}

int hardware_counters_try(const struct hardware_event *events, char *why, size_t why_size)
{
    memset(&hardware, 0, sizeof hardware);
    int status = try_all(events);
    if (status == -EACCES || status == -EPERM) {
        hardware.without_kernel = true;
        status = try_all(events);
    }
    if (status == 0)
        hardware.events = events;
    else if (status == -ENOENT || status == -EOPNOTSUPP || status == -ENODEV)
        snprintf(why, why_size, "this machine has no hardware counters");
    else if (status == -EBUSY)
        snprintf(why, why_size, "the hardware counters are in use");
    else
        snprintf(why, why_size, "perf_event_open: %s", strerrordesc_np(-status));
    return status;
}

bool hardware_counters_by_sample(void)
{
    return hardware.events && hardware.by_sample;
}

void hardware_counters_use_ring(void)
{
    uint32_t kind = hardware.by_sample ? TRACE_COUNTER_HARDWARE : TRACE_COUNTER_PER_THREAD;
    hardware.failed = hardware.taken_away = 0;
    for (unsigned i = 0; hardware.events && i < HARDWARE_COUNTERS; i++)
        hardware.id[i] = counters_find(hardware.events[i].name, kind);
}

static int fail(struct hardware_counts *counts, int status)
{
    hardware_counters_close(counts);
    hardware.failed += status != -ESRCH;
    return status;
}

int hardware_counters_open(struct hardware_counts *counts, struct ring_slot *slot, unsigned place)
{
    memset(counts, 0, sizeof *counts);
    if (!hardware.events)
        return 0;
    counts->open = true;
    for (unsigned i = 0; i < HARDWARE_COUNTERS; i++)
        counts->fd[i] = -1;
    for (unsigned i = 0; i < HARDWARE_COUNTERS; i++) {
        counts->fd[i] = open_counter(&hardware.events[i], slot->tid);
        if (counts->fd[i] < 0)
            return fail(counts, counts->fd[i]);
        if (hardware.by_sample)
            counts->page[i] = perf_pages_map(place, FIRST_PAGE + i, counts->fd[i], 1);
        if (hardware.by_sample && !is_readable(counts->page[i]))
            return fail(counts, -EPERM);
    }
    counts->slot = slot;
    __atomic_store_n(&counts->serial, slot->serial, __ATOMIC_RELEASE);
    return 0;
}

static void add(struct hardware_counts *counts, unsigned i, uint64_t now)
{
    if (hardware.id[i] < 0)
        return;
    int64_t *sum = &counts->slot->counters[hardware.id[i]];
    __atomic_store_n(sum, (int64_t)((uint64_t)*sum + now - counts->seen[i]), __ATOMIC_RELAXED);
    counts->seen[i] = now;
}

void hardware_counters_read(struct hardware_counts *counts)
{
    uint64_t now;
    if (!counts->serial || hardware.by_sample || counts->slot->serial != counts->serial)
        return;
    for (unsigned i = 0; i < HARDWARE_COUNTERS; i++) {
        if (read(counts->fd[i], &now, sizeof now) == (ssize_t)sizeof now) {
            add(counts, i, now);
            continue;
        }
        hardware.taken_away++;
        hardware_counters_close(counts);
        return;
    }
}

void hardware_counters_close(struct hardware_counts *counts)
{
    __atomic_store_n(&counts->serial, 0, __ATOMIC_RELEASE);
    for (unsigned i = 0; counts->open && i < HARDWARE_COUNTERS; i++)
        if (counts->fd[i] >= 0)
            close(counts->fd[i]);
    counts->open = false;
}

/* perf_event.h says how: the page tells which counter and what to add, and changes its
 * lock word when the thread was away in between. False: it does not count just now. */
static bool read_page_sigsafe(const void *page, uint64_t *count)
{
    const volatile struct perf_event_mmap_page *head = page;
    for (int i = 0; i < READ_ATTEMPTS; i++) {
        uint32_t lock = head->lock, index = head->index;
        uint64_t offset = (uint64_t)head->offset;
        unsigned width = head->pmc_width;
        if (!head->cap_user_rdpmc || !index || !width || width > 64)
            return false;
        uint64_t raw = platform_processor_counter_sigsafe(index - 1);
        if (head->lock != lock)
            continue;
        *count = hardware_counters_sum(offset, raw, width);
        return true;
    }
    return false;
}

void hardware_counters_take_sigsafe(struct hardware_counts *counts)
{
    uint64_t now[HARDWARE_COUNTERS];
    uint64_t serial = __atomic_load_n(&counts->serial, __ATOMIC_ACQUIRE);
    if (!serial || !hardware.by_sample || counts->slot->serial != serial)
        return;
    for (unsigned i = 0; i < HARDWARE_COUNTERS; i++)
        if (!read_page_sigsafe(counts->page[i], &now[i]))
            return;
    for (unsigned i = 0; i < HARDWARE_COUNTERS; i++)
        add(counts, i, now[i]);
}

bool hardware_counters_complaint(char *line, size_t size)
{
    if (hardware.failed)
        snprintf(line, size, "instructions and cycles of %llu threads are not counted",
                 (unsigned long long)hardware.failed);
    else if (hardware.taken_away)
        snprintf(line, size,
                 "instructions and cycles of %llu threads are counted in part: the counters were "
                 "taken by somebody else",
                 (unsigned long long)hardware.taken_away);
    return hardware.failed || hardware.taken_away;
}
