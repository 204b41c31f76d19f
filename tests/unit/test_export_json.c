/* Unit tests of analyzer/reports/export_json.c; jq is the independent reader. */
#include "tests/unit/profile_fixture.h"

#include <criterion/criterion.h>

static struct profile *make(void)
{
    struct profile *profile = profile_new();
    uint32_t first = fixture_process(profile, "a", 10, 1);
    uint32_t second = fixture_process(profile, "b\"\\\x01\xff", 20, 10);
    uint32_t one = fixture_thread(profile, first, "one", 10);
    uint32_t two = fixture_thread(profile, second, "two", 20);
    struct frame leaf = {.function = "operator;<\"&'>",
                         .file = "/src/a.c",
                         .module = "/lib/a.so",
                         .line = 12,
                         .address = 0xffffffff81000000};
    uint32_t stack = fixture_stack(profile, "[truncated];main;+small");

    stack = profile_add_stack(profile, stack, profile_add_frame(profile, &leaf), true);
    fixture_entry(profile, one, stack, 4000000, 100);
    fixture_entry(profile, one, stack, 4000000, -300);
    fixture_entry(profile, two, fixture_stack(profile, "main"), 1000000, 5);
    profile->processes[first].command = "a --password secret";
    profile->processes[second].has_memory = false;
    profile->processes[second].memory_reason = "not preloaded";
    profile_add_message(profile, "a line\nand another");
    return profile;
}

static void assert_jq(const struct profile *profile, const char *filter)
{
    const struct report_options options = {0};

    cr_assert(fixture_satisfies(&report_json, profile, &options, filter), "%s", filter);
}

Test(export_json, the_document)
{
    struct profile *profile = make();

    assert_jq(profile, ".schema == \"profinject-1\" and .frame_order == \"root-first\"");
    assert_jq(profile, "[.metrics[].name] == [\"cpu\", \"samples\", \"memory-delta\"]");
    assert_jq(profile, ".instructions_unavailable | type == \"string\"");
    assert_jq(profile, ".messages == [\"a line\\nand another\"]");
    assert_jq(profile, ".processes | length == 2");
    profile_free(profile);
}

Test(export_json, a_process)
{
    struct profile *profile = make();

    assert_jq(profile, ".processes[0] | .pid == 10 and .ppid == 1 and .comm == \"a\"");
    assert_jq(profile, ".processes[0] | .elapsed_seconds == 2 and .total_samples == 100");
    assert_jq(profile, ".processes[0] | .cpu_ns == 500000000 and .clock == \"cpu\"");
    assert_jq(profile, ".processes[0].threads == [{\"tid\": 10, \"name\": \"one\", "
                       "\"start_ns\": 1000000000, \"end_ns\": 3000000000, \"cpu_ns\": 500000000, "
                       "\"samples\": 100, \"lost\": 0, \"memory\": {\"alloc_count\": 10, "
                       "\"alloc_bytes\": 4096, \"free_count\": 4, \"free_bytes\": 1024}}]");
    assert_jq(profile, ".processes[1].comm | explode == [98, 34, 92, 1, 65533]");
    profile_free(profile);
}

Test(export_json, a_stack)
{
    struct profile *profile = make();

    assert_jq(profile, ".processes[0].stacks | length == 1");
    assert_jq(profile, ".processes[0].stacks[0] | .count == 2 and .cpu_ns == 8000000 and "
                       ".memory_delta == -200 and .instructions == null and .tid == 10 and "
                       ".alloc_bytes == 100 and .free_bytes == 300");
    assert_jq(profile, "[.processes[0].stacks[0].frames[].symbol] == [\"[truncated]\", \"main\", "
                       "\"small\", \"operator;<\\\"&\\u0027>\"]");
    assert_jq(profile, ".processes[0].stacks[0].frames[3] | .addr == \"0xffffffff81000000\" and "
                       ".file == \"/src/a.c\" and .line == 12 and .module == \"/lib/a.so\" and "
                       ".inlined == false and .guessed == true");
    assert_jq(profile, ".processes[0].stacks[0].frames[0] | .addr == null and .line == null");
    assert_jq(profile, ".processes[0].stacks[0].frames[2].inlined");
    profile_free(profile);
}

Test(export_json, unknown_is_null_and_arguments_stay_away)
{
    struct profile *profile = make();
    struct report_options options = {0};
    char *text = fixture_output(&report_json, profile, &options);

    assert_jq(profile, ".processes[1].stacks[0].memory_delta == null");
    assert_jq(profile, ".processes[1].threads[0].memory == null");
    assert_jq(profile, ".processes[1].memory_unavailable == \"not preloaded\"");
    assert_jq(profile, "[.processes[].command] == [null, null]");
    cr_assert_null(strstr(text, "secret"));
    free(text);
    profile_free(profile);
}

Test(export_json, time_off_the_processor_where_it_is_known)
{
    struct profile *profile = make();
    struct profile_entry entry = {.stack = 1};

    entry.value[METRIC_LOCK_WAIT] = 5;
    entry.value[METRIC_IO_WAIT] = 6;
    entry.value[METRIC_RUNNABLE] = 7;
    entries_add(&profile->entries, &entry);
    assert_jq(profile, "[.. | objects | keys[] | select(endswith(\"wait_ns\"))] == []");
    profile->processes[0].has_waits = true;
    assert_jq(profile,
              "[.processes[0].stacks[] | .lock_wait_ns, .io_wait_ns, .runnable_ns] | add == 11");
    profile->processes[0].has_runnable = true;
    assert_jq(profile, "[.processes[0].stacks[].runnable_ns] | add == 7");
    assert_jq(profile,
              ".processes[1].stacks[0] | has(\"lock_wait_ns\") or has(\"runnable_ns\") | not");
    profile_free(profile);
}

Test(export_json, empty_profile)
{
    struct profile *profile = profile_new();

    assert_jq(profile, ".processes == [] and ([.metrics[].name] == [\"cpu\", \"samples\"])");
    profile_free(profile);
}
