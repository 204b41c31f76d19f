/* Properties become what a process is known by. */
#include "analyzer/load/process_facts.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct strings *strings;
static struct process_facts facts;
static struct profile_process process;

static void start(void)
{
    strings = strings_new();
    process_facts_init(&facts, strings);
    process = (struct profile_process){0};
}

static void stop(void)
{
    free(process.properties);
    process_facts_release(&facts);
    strings_free(strings);
}

static void set(const char *name, const char *value)
{
    process_facts_set(&facts, name, value, strlen(value));
}

TestSuite(process_facts, .init = start, .fini = stop);

Test(process_facts, everything_told)
{
    set("comm", "first");
    set("comm", "cat");
    set("exe", "/bin/cat");
    process_facts_set(&facts, "args", "cat\0a b\0\0--x\0", 13);
    set("pid", "4711");
    set("ppid", "1");
    set("start_monotonic_ns", "5000");
    set("start_realtime_ns", "6000");
    set("frequency_asked", "1000");
    set("weight_unit_ns", "1000000");
    set("clock", "cpu");
    set("unwinder", "auto");
    set("heap", "counters");
    process_facts_tell(&facts, &process);
    cr_assert_str_eq(process.comm, "cat");
    cr_assert_str_eq(process.exe, "/bin/cat");
    cr_assert_str_eq(process.command, "cat 'a b' '' --x");
    cr_assert_eq(process.pid, 4711);
    cr_assert_eq(process.ppid, 1);
    cr_assert_eq(process.start_ns, 5000);
    cr_assert_eq(process.start_realtime_ns, 6000);
    cr_assert_eq(process.frequency_asked, 1000);
    cr_assert_eq(process.weight_unit_ns, 1000000);
    cr_assert_str_eq(process.clock, "cpu");
    cr_assert_str_eq(process.unwinder, "auto");
    cr_assert(process.has_memory);
    cr_assert_eq(process.property_count, 12, "a repeated name is one property");
}

Test(process_facts, nothing_told)
{
    process_facts_tell(&facts, &process);
    cr_assert_str_eq(process.comm, "unknown");
    cr_assert_str_eq(process.command, "unknown");
    cr_assert_eq(process.pid, 0);
    cr_assert_not(process.has_memory);
    cr_assert_not_null(process.memory_reason);
}

Test(process_facts, memory_that_was_not_counted_says_why)
{
    set("pid", "99999999999999999999");
    set("heap", "unavailable");
    set("heap_reason", "not preloaded");
    process_facts_tell(&facts, &process);
    cr_assert_not(process.has_memory);
    cr_assert_str_eq(process.memory_reason, "not preloaded");
    cr_assert_eq(process.pid, 0);
}

Test(process_facts, children_without_a_trace)
{
    set("brief_children", "3");
    set("brief_children", "100");
    set("brief_children_us", "20900");
    process_facts_tell(&facts, &process);
    cr_assert_eq(process.brief_children, 100);
    cr_assert_eq(process.brief_ns, 20900000);
}
