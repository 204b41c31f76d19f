/* What is kept of a trace's last second, and what its end means. */
#include "analyzer/load/ends.h"

#include <criterion/criterion.h>

#define S 1000000000ull

static void add(struct ends *ends, uint32_t thread, uint64_t time_ns, uint32_t stack)
{
    ends_sample(ends, thread, &(struct last_sample){time_ns, 1, stack});
}

Test(ends, the_last_second_of_each_thread_is_kept_and_little_more)
{
    struct ends ends = {.count = 0};

    for (uint32_t i = 0; i < 10000; i++)
        add(&ends, 2, i * S / 100, i); /* 100 s */
    add(&ends, 0, 5 * S, 7);
    cr_assert_eq(ends.count, 3);
    cr_assert_eq(ends.threads[1].count, 0);
    const struct last_samples *kept = &ends.threads[2];
    cr_assert_eq(kept->count - kept->first, 101, "those of one second before the last");
    cr_assert_eq(kept->items[kept->count - 1].stack, 9999);
    cr_assert_lt(kept->count, 300, "memory does not grow with the trace");
    cr_assert_eq(ends.threads[0].count, 1, "however long ago");
    ends_thread_ended(&ends, 2);
    ends_thread_ended(&ends, 99);
    cr_assert_eq(ends.threads[2].count, 0);
    ends_release(&ends);
}

Test(ends, a_signal_or_nothing_is_known_of_who_was_found_gone)
{
    struct ends ends = {.count = 0};
    struct profile_process process = {.pid = 1};

    ends_tell(&ends, &process, TRACE_END_KILLED, 11 + TRACE_KILLED_CORE, 3 * S, 0);
    cr_assert(process.end == END_SIGNAL && process.end_status == 11 && process.death.core);
    cr_assert_not(process.death.undated);
    cr_assert_not(ends.has_end, "its totals are not its last");
    cr_assert_eq(ends_death_ns(&process), 3 * S);
    process = (struct profile_process){.pid = 1};
    ends_tell(&ends, &process, TRACE_END_KILLED, 0, 0, 0);
    cr_assert(process.end == END_UNKNOWN && process.death.gone && process.death.undated);
}

Test(ends, who_left_by_itself_did_not_die)
{
    struct ends ends = {.count = 0};
    struct profile_process process = {.pid = 1};

    ends_tell(&ends, &process, TRACE_END_EXIT, 7, 3 * S, 5);
    cr_assert(process.end == END_EXIT && process.end_status == 7 && process.cpu_ns == 5);
    cr_assert(ends.has_end);
    cr_assert_eq(ends_death_ns(&process), 0);
}
