/*
 * Counters beside a thread. This machine may have none of the hardware's: the kernel's
 * own count of page faults stands in for them, by the same calls, and getrusage() is
 * the oracle.
 */
#include "preload/hardware_counters.h"

#include "preload/clock.h"
#include "preload/clock_perf.h"
#include "preload/counters.h"
#include "preload/perf_pages.h"
#include "preload/ring.h"
#include "preload/threads.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define PAGES 200

static const struct hardware_event software[HARDWARE_COUNTERS] = {
    {"faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
    {"none", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY},
};

static struct ring_file *ring;
static struct ring_slot *slot;

static void start(void)
{
    const struct stack_bounds unknown = {0, 0};
    char path[PATH_MAX];
    int status = 0;

    scratch_init();
    ring = ring_open(scratch_path, 1, path, sizeof(path), &status);
    cr_assert(ring, "%s", strerror(-status));
    cr_assert_eq(threads_init(ring, &clock_cpu, 1000000), 0);
    threads_attach_self(&unknown);
    slot = threads_current_sigsafe()->slot;
    counters_use_ring(ring);
}

static void stop(void)
{
    scratch_release();
}

/* True when events can be had at all. */
static bool pretend(void)
{
    char why[128] = "";

    if (hardware_counters_try(software, why, sizeof(why)) == 0)
        return true;
    cr_skip_test("%s", why);
    return false;
}

static int64_t faults(void)
{
    struct rusage usage;

    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt;
}

static void touch_pages(void)
{
    size_t size = (size_t)PAGES * 4096;
    volatile char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    madvise((void *)memory, size, MADV_NOHUGEPAGE);
    for (size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    munmap((void *)memory, size);
}

TestSuite(hardware_counters, .init = start, .fini = stop);

Test(hardware_counters, by_thread_they_are_those_of_the_kernel)
{
    struct hardware_counts counts = {0};

    if (!pretend())
        return;
    cr_assert_not(hardware_counters_by_sample(), "no program reads a software event's page");
    hardware_counters_use_ring();
    cr_assert_eq(ring->counters[0].kind, TRACE_COUNTER_PER_THREAD);
    cr_assert_str_eq(ring->counters[0].name, "faults");
    touch_pages(); /* before */
    cr_assert_eq(hardware_counters_open(&counts, slot, 7), 0);
    int64_t before = faults();
    touch_pages();
    hardware_counters_read(&counts);
    int64_t during = faults() - before;
    cr_assert(during >= PAGES && slot->counters[0] >= PAGES && slot->counters[0] <= during + 16,
              "%ld of %ld", (long)slot->counters[0], (long)during);
    int64_t read_first = slot->counters[0];
    hardware_counters_take_sigsafe(&counts);
    cr_assert_eq(slot->counters[0], read_first, "nothing is charged to samples");
    touch_pages();
    hardware_counters_read(&counts);
    cr_assert_geq(slot->counters[0], read_first + PAGES);
    cr_assert_eq(slot->counters[1], 0);
    slot->serial++; /* another thread's now */
    read_first = slot->counters[0];
    hardware_counters_read(&counts);
    cr_assert_eq(slot->counters[0], read_first);
    hardware_counters_close(&counts);
    hardware_counters_close(&counts);
}

Test(hardware_counters, they_end_with_the_clock_event)
{
    char why[256];
    int handle;

    if (!pretend() || clock_perf_try(why, sizeof(why)) != 0)
        return;
    hardware_counters_use_ring();
    cr_assert_eq(clock_perf.start(slot->tid, threads_current_sigsafe(), 1000000000, &handle), 0);
    clock_perf_follow(handle, slot);
    touch_pages();
    clock_perf_serve();
    int64_t first = slot->counters[0];
    cr_assert_geq(first, PAGES);
    touch_pages();
    clock_perf.stop(handle);
    clock_perf_serve();
    cr_assert_geq(slot->counters[0], first + PAGES, "with what came since the last look");
    first = slot->counters[0];
    touch_pages();
    clock_perf_serve();
    cr_assert_eq(slot->counters[0], first);
}

Test(hardware_counters, those_of_threads_are_not_charged_to_stacks)
{
    struct thread *thread = threads_current_sigsafe();
    int id = counters_find("cycles", TRACE_COUNTER_PER_THREAD);

    slot->counters[id] = 1000;
    counters_take_sigsafe(ring, thread, 77, 5000);
    cr_assert_eq(slot->reserved, 0);
    id = counters_find("instructions", TRACE_COUNTER_HARDWARE);
    slot->counters[id] = 1000;
    counters_take_sigsafe(ring, thread, 77, 5000);
    cr_assert_eq(slot->reserved, sizeof(struct ring_count));
}

Test(hardware_counters, sums)
{
    cr_assert_eq(hardware_counters_sum(100, 5, 48), 105);
    /* The kernel starts a counter of 48 bits at -2^47: half-way it has counted 2^46. */
    cr_assert_eq(hardware_counters_sum(1ull << 47, 0xC00000000000u, 48), 1ull << 46);
    cr_assert_eq(hardware_counters_sum(1, UINT64_MAX, 64), 0);
}

Test(hardware_counters, what_is_not_there_is_said)
{
    static const struct hardware_event strange[HARDWARE_COUNTERS] = {{"strange", 0x7ffffff0, 1},
                                                                     {"stranger", 0x7ffffff0, 2}};
    char why[128] = "";
    struct hardware_counts counts = {0};

    cr_assert_lt(hardware_counters_try(strange, why, sizeof(why)), 0);
    cr_assert_str_not_empty(why);
    hardware_counters_use_ring();
    cr_assert_eq(ring->has_counter, 0);
    cr_assert_eq(hardware_counters_open(&counts, slot, 7), 0);
    hardware_counters_read(&counts);
    hardware_counters_take_sigsafe(&counts);
    cr_assert_not(hardware_counters_complaint(why, sizeof(why)));
}
