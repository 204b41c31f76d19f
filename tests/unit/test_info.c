/* Unit tests of analyzer/reports/info.c. */
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *make(void)
{
    struct profile *profile = profile_new();
    uint32_t first = fixture_process(profile, "make", 10, 1);
    uint32_t second = fixture_process(profile, "cc1", 20, 10);

    fixture_thread(profile, first, "make", 10);
    fixture_thread(profile, second, "cc1", 20);
    profile->processes[first].truncated = 2;
    profile->processes[second].guessed = 4;
    profile->processes[second].chunks_damaged = 1;
    profile->processes[second].recovered_records = 6;
    profile->processes[second].end = END_SIGNAL;
    profile->processes[second].end_status = 9;
    return profile;
}

static void assert_jq(const struct profile *profile, const char *filter)
{
    const struct report_options options = {.json = true};

    cr_assert(fixture_satisfies(&report_info, profile, &options, filter), "%s", filter);
}

Test(info, json_has_what_the_contract_names)
{
    struct profile *profile = make();

    assert_jq(profile,
              "[\"samples\", \"lost\", \"truncated\", \"guessed\", \"cpu_ns\", \"wall_ns\", "
              "\"threads\", \"processes\", \"frequency_asked\", \"frequency_delivered\", "
              "\"clock\", \"unwinder\", \"bytes\", \"chunks\", \"chunks_damaged\", "
              "\"recovered_records\", \"exit\"] - keys == []");
    assert_jq(profile, ".samples == 200 and .lost == 0 and .truncated == 2 and .guessed == 4");
    assert_jq(profile, ".cpu_ns == 1000000000 and .wall_ns == 2000000000");
    assert_jq(profile, ".threads == 2 and .processes == 2");
    assert_jq(profile, ".frequency_asked == 1000 and .frequency_delivered == 200");
    assert_jq(profile, ".bytes == 2000 and .chunks == 4 and .chunks_damaged == 1");
    assert_jq(profile, ".recovered_records == 6 and .exit == \"exit 0\"");
    assert_jq(profile, "[.per_process[] | [.pid, .samples, .exit]] == "
                       "[[10, 100, \"exit 0\"], [20, 100, \"signal 9\"]]");
    profile_free(profile);
}

Test(info, properties_and_messages)
{
    struct profile *profile = make();
    struct profile_property *property = memory_alloc(sizeof(*property));

    *property = (struct profile_property){"host", "here"};
    profile->processes[0].properties = property;
    profile->processes[0].property_count = 1;
    profile_add_message(profile, "1 chunk lost");
    assert_jq(profile, ".per_process[0].properties == {\"host\": \"here\"}");
    assert_jq(profile, ".messages == [\"1 chunk lost\"]");
    profile_free(profile);
}

Test(info, unknown_is_null)
{
    struct profile *profile = profile_new();

    assert_jq(profile,
              ".frequency_asked == null and .frequency_delivered == null and .exit == null");
    profile_free(profile);
}

Test(info, stacks_that_are_not_whole_by_cause_and_place)
{
    struct profile *profile = make();
    struct report_options options = {0};

    for (uint64_t i = 0; i < TRACE_UNWINDING_COUNT; i++) {
        profile->processes[0].unwinding[i] = i + 1;
        profile->processes[1].unwinding[i] = 100;
    }
    profile->processes[1].offcpu = (struct stack_quality){.stacks = 50, .guessed = 7};
    profile_add_trouble(profile, &(struct profile_trouble){"/lib/liba.so", 0x1230, 9, 5, 3});
    profile_add_trouble(profile, &(struct profile_trouble){NULL, 0x7f00, 2, 2, 1});
    assert_jq(profile, ".unwinding.hard_frames == {\"libunwind\": 101, \"tables\": 102}");
    assert_jq(profile, ".unwinding.incomplete == {\"depth\": 103, \"no_table\": 104, "
                       "\"outside_modules\": 105, \"bad_table\": 106, \"unreadable\": 107, "
                       "\"backwards\": 108, \"frame_pointers\": 109}");
    assert_jq(profile, ".unwinding.lost == {\"stack_room\": 110, \"stack_memory\": 111, "
                       "\"ring_room\": 112, \"trace_room\": 113}");
    assert_jq(profile, ".unwinding.offcpu == {\"stacks\": 50, \"truncated\": 0, \"guessed\": 7, "
                       "\"broken\": 0} and .guessed == 11");
    assert_jq(profile, ".unwinding.troubles == [{\"module\": \"/lib/liba.so\", \"samples\": 9, "
                       "\"places\": 3, \"address\": 4656}, {\"module\": null, \"samples\": 2, "
                       "\"places\": 1, \"address\": 32512}]");
    assert_jq(profile, ".per_process[0].unwinding.incomplete.depth == 3");
    char *text = fixture_output(&report_info, profile, &options);
    cr_assert_not_null(strstr(text, "incomplete           103 deeper than --max-depth\n"));
    cr_assert_not_null(strstr(text, "9 in /lib/liba.so, most at 0x1230\n"));
    cr_assert_not_null(strstr(text, "2 outside modules, most at 0x7f00\n"));
    cr_assert_not_null(strstr(text, "guessed              11 (4.4 % of stacks)\n"));
    free(text);
    profile_free(profile);
}

Test(info, text)
{
    struct profile *profile = make();
    struct report_options options = {0};
    char *text = fixture_output(&report_info, profile, &options);

    cr_assert_not_null(strstr(text, "2.00 s wall, 1.00 s CPU"));
    cr_assert_not_null(strstr(text, "1000 Hz"));
    cr_assert_not_null(strstr(text, "4 sound, 1 damaged"));
    cr_assert_not_null(strstr(text, "4 (2.0 % of samples)"));
    cr_assert_not_null(strstr(text, "signal 9"));
    cr_assert_not_null(strstr(text, "memory               exact counters\n"));

    cr_assert_null(strstr(text, "\n  heap "));
    free(text);
    assert_jq(profile, ".heap_events == null");
    profile->processes[0].heap = (struct profile_heap){.has_sites = true, .interval = 524288};
    profile->processes[0].heap.allocated.count.number = 1234;
    profile->processes[0].heap.live.count.number = 34;
    profile->processes[0].heap.lost = 5;
    text = fixture_output(&report_info, profile, &options);
    cr_assert_not_null(strstr(text, "\n  heap                 blocks sampled 512 KiB apart: 1 234, "
                                    "1 200 of them freed; 5 events lost\n"));
    free(text);
    profile->processes[0].heap.interval = 0;
    profile->processes[0].bytes = 4868;
    profile->processes[1].bytes = 0;
    text = fixture_output(&report_info, profile, &options);
    cr_assert_not_null(strstr(text, "every block: 1 234, 1 200 of them freed; 5 events lost\n"));
    cr_assert_not_null(strstr(text, ", 2.0 bytes per event of the heap\n"));
    free(text);
    assert_jq(profile, ".heap_events == {\"interval_bytes\": 0, \"blocks\": 1234, "
                       "\"blocks_freed\": 1200, \"lost\": 5, \"segments_lost\": 0}");

    profile->processes[0].has_memory = false;
    text = fixture_output(&report_info, profile, &options);
    cr_assert_not_null(strstr(text, "memory               exact counters, in 1 of 2 processes\n"));
    free(text);

    profile->processes[1].has_memory = false;
    profile->processes[0].memory_reason = "not preloaded";
    text = fixture_output(&report_info, profile, &options);
    cr_assert_not_null(strstr(text, "memory               unavailable (not preloaded)\n"));
    free(text);
    profile_free(profile);

    profile = profile_new();
    text = fixture_output(&report_info, profile, &options);
    cr_assert_str_eq(text, "empty recording\n");
    free(text);
    profile_free(profile);
}

Test(info, as_many_processes_as_wanted)
{
    struct report_options options = {.top = 3};
    struct profile *profile = make();

    for (int i = 0; i < 100; i++)
        fixture_process(profile, "cc1", 1000 + i, 10);
    char *text = fixture_output(&report_info, profile, &options);
    cr_assert(strstr(text, "made-up.pinj"), "%s", text);
    cr_assert(strstr(text, "     1000  cc1"), "%s", text);
    cr_assert_null(strstr(text, "     1001  cc1"), "%s", text);
    cr_assert(strstr(text, "  and 99 more: --top 102\n"), "%s", text);
    free(text);
    options.top = 0;
    text = fixture_output(&report_info, profile, &options);
    cr_assert(strstr(text, "  and 62 more: --top 102\n"), "%s", text);
    free(text);
    profile_free(profile);
}

Test(info, children_without_a_trace_are_processes)
{
    struct profile *profile = make();

    profile->processes[1].brief_children = 7;
    profile->processes[1].brief_ns = 1000000;
    assert_jq(profile, ".processes == 9 and .brief_children == 7 and .cpu_ns == 1001000000");
    assert_jq(profile, "([.per_thread[].measured_ns] | add) + 1000000 == .measured_ns");
    assert_jq(profile, "[.per_process[] | [.brief_children, .cpu_ns]] == "
                       "[[0, 500000000], [7, 500000000]]");
    profile_free(profile);
}
