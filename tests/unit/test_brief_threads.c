/* What brief threads are charged with, where it is known beforehand how many were met. */
#include "analyzer/load/brief_threads.h"

#include <criterion/criterion.h>
#include <string.h>

#define MS 1000000u
#define PROCESSES 20u
#define EACH 5u
#define CROWD (PROCESSES * EACH)

static struct profile_thread threads[PROCESSES][EACH + 1];
static struct trace_entry entries[PROCESSES][2 * EACH + 1];
static struct process_image images[PROCESSES];

static void add_entry(struct loaded_trace *trace, uint32_t thread, enum entry_state state,
                      int64_t cpu_ns)
{
    trace->entries.items[trace->entries.count++] =
        (struct trace_entry){.thread = thread, .state = state, .time_ns = cpu_ns};
}

/* A brief thread used 1 ms; ticks are 4 ms apart. One that was met has two samples' time and a
 * rest. */
static void add_thread(struct loaded_trace *trace, bool met)
{
    uint32_t number = (uint32_t)trace->thread_count++;
    trace->threads[number] = (struct profile_thread){
        .cpu_ns = MS, .sampled_ns = met ? 2 * MS : 0, .rest_ns = met ? 2 * MS : 0};
    if (!met)
        return;
    add_entry(trace, number, ENTRY_RUNNING, 2 * MS);
    add_entry(trace, number, ENTRY_REST, 2 * MS);
}

/* Of all brief threads `met` were; each process has a longer one besides, and the first one had
 * children without a trace, that used `children_ns`. Returns what the brief ones are charged with,
 * in microseconds. */
static uint64_t charged_us(unsigned met, uint64_t children_ns)
{
    uint64_t charged = 0;
    int64_t by_entries = 0;

    memset(images, 0, sizeof(images));
    for (unsigned i = 0; i < PROCESSES; i++) {
        struct loaded_trace *trace = &images[i].trace;
        trace->threads = threads[i];
        trace->entries.items = entries[i];
        for (unsigned k = 0; k < EACH; k++)
            add_thread(trace, i * EACH + k < met);
        trace->threads[trace->thread_count++] =
            (struct profile_thread){.cpu_ns = 9 * MS, .sampled_ns = 8 * MS, .rest_ns = MS};
        add_entry(trace, EACH, ENTRY_REST, MS);
    }
    images[0].trace.process.brief_ns = children_ns;
    brief_threads_fit(images, PROCESSES);
    for (unsigned i = 0; i < PROCESSES; i++) {
        for (unsigned k = 0; k < EACH; k++)
            charged += threads[i][k].sampled_ns + threads[i][k].rest_ns;
        for (size_t k = 0; k < images[i].trace.entries.count; k++)
            by_entries += entries[i][k].time_ns;
        cr_assert(threads[i][EACH].sampled_ns == 8 * MS && threads[i][EACH].rest_ns == MS);
    }
    cr_assert_eq((int64_t)charged, by_entries - (int64_t)PROCESSES * MS);
    return (charged + 500) / 1000;
}

Test(brief_threads, are_charged_with_what_they_used)
{
    cr_assert_eq(charged_us(25, 0), 100000);
    cr_assert_eq(charged_us(40, 0), 100000, "met more often than that");
    cr_assert_eq(charged_us(18, 0), 100000);
    cr_assert_eq(charged_us(40, 50 * MS), 150000, "for those that have no trace, too");
}

Test(brief_threads, beyond_what_chance_explains)
{
    cr_assert_eq(charged_us(0, 0), 0);
    cr_assert_eq(charged_us(1, 0), 4000, "one tells little of a hundred");
    cr_assert_eq(charged_us(60, 0), 120000, "what is sampled stays");
}
