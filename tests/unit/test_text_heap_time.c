/* Unit tests of analyzer/reports/text_heap_time.c. */
#include "analyzer/model/heap_replay.h"
#include "analyzer/reports/text_sections.h"
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

#define START 1000000000u /* of the fixture's process */
#define WIDTH TIMELINE_FIRST_NS
#define INTERVALS 20

static struct heap_replay replay;

static void allocate(uint64_t time_ns, uint64_t address, uint64_t size)
{
    const struct heap_event event = {
        .time_ns = time_ns, .address = address, .size = size, .kind = TRACE_HEAP_ALLOC};

    heap_replay_events(&replay, &event, 1);
}

static void release(uint64_t time_ns, uint64_t address)
{
    const struct heap_event event = {
        .time_ns = time_ns, .address = address, .kind = TRACE_HEAP_FREE};

    heap_replay_events(&replay, &event, 1);
}

/* The heap over time of the replay, as the report has it; free(). */
static char *written(struct heap_timeline *timeline)
{
    struct profile *profile = profile_new();
    struct profile_heap *heap;
    struct text_report report = {.profile = profile};
    char *text;
    size_t size;

    fixture_process(profile, "made-up", 100, 1);
    heap = &profile->processes[0].heap;
    heap->has_sites = true;
    heap->peak = replay.peak;
    heap->peak_ns = replay.peak_ns;
    heap->timeline = timeline;
    report.cells = (struct cells){.out = open_memstream(&text, &size), .columns = 62};
    text_heap_time(&report);
    fclose(report.cells.out);
    profile_free(profile);
    return text;
}

Test(text_heap_time, the_highest_is_seen_though_it_was_over_before_the_next_look)
{
    struct heap_timeline *timeline = heap_timeline_new(START, 0);

    heap_replay_init(&replay, 0);
    heap_timeline_watch(timeline, &replay);
    heap_replay_add_site(&replay, 0);
    allocate(START + 1, 0x1000, 1024);
    allocate(START + 7 * WIDTH + WIDTH / 2, 0x2000, 7 * 1024);
    release(START + 7 * WIDTH + WIDTH / 2 + 10, 0x2000);
    heap_timeline_finish(timeline, &replay, START + INTERVALS * WIDTH);
    heap_replay_settle(&replay);
    char *text = written(timeline);
    cr_expect(strstr(text, "live              ▂▂▂▂▂▂▂█▂▂▂▂▂▂▂▂▂▂▂▂  <= 8.00 KiB\n") != NULL, "%s",
              text);
    free(text);
    heap_replay_release(&replay);
}
