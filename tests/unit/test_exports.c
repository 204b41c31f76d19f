/* Unit tests of the formats of export: names from hostile programs, values of every kind, stacks
 * that are deep. What other programs make of them is tested in tests/commands/exports.bats. */
#include "analyzer/util/json.h"
#include "tests/unit/profile_fixture.h"

#include "analyzer/reports/pprof.pb-c.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <zlib.h>

#define LONG_NAME 65536
#define DEEP 5000

static const char *const hostile[] = {
    "</script><script>alert(1)</script>",
    "\"quotes' and \\ backslashes\"",
    "two\nlines\r\n\tand more",
    "calls=1 0\n1 999999",
    "fn=(1) other",
    "(2)",
    "",
    "\xff\xfe invalid \xc3",
    "right \xe2\x80\xae to left",
    "\x1b[31m",
};
#define HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

static struct profile *profile;
static uint32_t thread;

static const struct report *const formats[] = {&report_json, &report_speedscope, &report_firefox,
                                               &report_callgrind, &report_pprof};
#define TEXTS 4 /* so many of them are not compressed */

static void spend(uint32_t stack, int64_t cpu_ns, uint64_t time_ns)
{
    const struct profile_sample sample = {.time_ns = time_ns,
                                          .length_ns = (uint64_t)cpu_ns,
                                          .place = {.thread = thread, .stack = stack}};

    fixture_entry(profile, thread, stack, cpu_ns, -100);
    samples_add(&profile->samples, &sample);
}

static uint32_t add(uint32_t caller, const char *name, const char *file, enum frame_kind kind)
{
    const struct frame frame = {.function = strings_intern(profile->strings, name),
                                .file = strings_intern(profile->strings, file),
                                .module = strings_intern(profile->strings, file),
                                .build_id = strings_intern(profile->strings, "0123456789abcdef"),
                                .line = 7,
                                .decl_line = 5,
                                .kind = kind};

    return profile_add_stack(profile, caller, profile_add_frame(profile, &frame), false);
}

/* Every name as function, file and module, also inlined; as process and thread; one of 64 KiB. */
static void fill(void)
{
    char *name = memory_alloc(LONG_NAME + 1);
    uint32_t stack = STACK_NONE;

    profile = profile_new();
    thread = fixture_thread(profile, fixture_process(profile, hostile[0], 1, 0), hostile[2], 42);
    profile->processes[0].command = strings_intern(profile->strings, "p --password s3cret");
    memset(name, 'x', LONG_NAME);
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *function = hostile[i][0] != '\0' ? hostile[i] : "e";
        stack = add(stack, function, hostile[(i + 1) % HOSTILE], FRAME_NATIVE);
        spend(stack, 1 << i, 2000000000 + i * 1000);
        stack = add(stack, function, hostile[(i + 1) % HOSTILE], FRAME_INLINED);
        spend(stack, 1 << (i + HOSTILE), 2100000000 + i * 1000);
    }
    stack = add(stack, name, name, FRAME_NATIVE);
    for (int i = 0; i < DEEP; i++)
        stack = add(stack, i % 2 == 0 ? "even" : "odd", "/bin/p", FRAME_NATIVE);
    spend(stack, 1 << (2 * HOSTILE), 2200000000);
    free(name);
}

#define TOTAL ((INT64_C(1) << (2 * HOSTILE + 1)) - 1)

static char *output(const struct report *report, size_t *size)
{
    const struct report_options options = {.metric = METRIC_CPU};
    struct problem problem = {0};
    char *text = NULL;
    FILE *out = open_memstream(&text, size);

    cr_assert_eq(report->write(profile, &options, out, &problem), 0);
    fclose(out);
    return text;
}

Test(exports, json_formats_are_json, .init = fill)
{
    static const char *const filters[] = {
        [1] = ".profiles[0].weights | add == 2097151",
        [2] = ".threads[0].samples.threadCPUDelta | add == 2097151",
    };
    const struct report_options options = {.metric = METRIC_CPU};

    cr_assert_eq(TOTAL, 2097151);
    cr_assert(fixture_satisfies(&report_json, profile, &options,
                                "[.processes[].stacks[].cpu_ns] | add == 2097151"));
    cr_assert(fixture_satisfies(&report_speedscope, profile, &options, filters[1]));
    cr_assert(fixture_satisfies(&report_firefox, profile, &options, filters[2]));
    profile_free(profile);
}

Test(exports, no_script_ends_and_no_arguments_are_told, .init = fill)
{
    for (size_t i = 0; i < TEXTS; i++) {
        size_t size;
        char *text = output(formats[i], &size);
        cr_assert_null(memmem(text, size, "s3cret", 6), "%s", formats[i]->name);
        if (formats[i] != &report_callgrind)
            cr_assert_null(memmem(text, size, "</script", 8), "%s", formats[i]->name);
        free(text);
    }
    profile_free(profile);
}

static bool is_key(const char *line)
{
    static const char *const keys[] = {
        "#",       "version: ", "creator: ", "pid: ",    "cmd: ", "desc: ", "positions: ",
        "event: ", "events: ",  "summary: ", "totals: ", "ob=(",  "fl=(",   "fi=(",
        "fe=(",    "fn=(",      "cob=(",     "cfi=(",    "cfn=(", "calls="};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
            return true;
    return *line == '\0' || isdigit((unsigned char)*line);
}

/* Their readers show names as they are. */
Test(exports, no_control_characters_reach_those_who_look, .init = fill)
{
    static const struct report *const shown[] = {&report_speedscope, &report_firefox,
                                                 &report_callgrind};

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
        size_t size;
        char *text = output(shown[i], &size);
        cr_assert_null(strstr(text, "\\n"), "%s", shown[i]->name);
        cr_assert_null(strstr(text, "\\u001b"), "%s", shown[i]->name);
        cr_assert_null(strstr(text, "\\u000d"), "%s", shown[i]->name);
        cr_assert_null(strstr(text, "\\u202e"), "%s", shown[i]->name);
        cr_assert_null(strstr(text, "\x1b"), "%s", shown[i]->name);
        cr_assert_null(strstr(text, "\xe2\x80\xae"), "%s", shown[i]->name);
        free(text);
    }
    profile_free(profile);
}

/* First value of each line of cost that follows no call. */
Test(exports, callgrind_lines_are_lines_of_it, .init = fill)
{
    size_t size;
    char *text = output(&report_callgrind, &size);
    char *rest = text;
    bool after_call = false;
    int64_t total = 0;

    for (char *line; (line = strsep(&rest, "\n")) != NULL;) {
        cr_assert(is_key(line), "'%.60s'", line);
        if (isdigit((unsigned char)*line) && !after_call)
            total += strtoll(strchr(line, ' '), NULL, 10);
        after_call = strncmp(line, "calls=", 6) == 0;
    }
    cr_assert_eq(total, TOTAL);
    free(text);
    profile_free(profile);
}

static Pprof__Profile *unpacked(void)
{
    size_t size;
    char *packed = output(&report_pprof, &size);
    const size_t room = 64u << 20;
    unsigned char *plain = memory_alloc(room);
    z_stream z = {.next_in = (Bytef *)packed,
                  .avail_in = (uInt)size,
                  .next_out = plain,
                  .avail_out = (uInt)room};

    cr_assert_eq(inflateInit2(&z, 15 + 16), Z_OK);
    cr_assert_eq(inflate(&z, Z_FINISH), Z_STREAM_END);
    Pprof__Profile *whole = pprof__profile__unpack(NULL, z.total_out, plain);
    inflateEnd(&z);
    free(plain);
    free(packed);
    cr_assert_not_null(whole);
    return whole;
}

Test(exports, pprof_is_one_message_whose_numbers_are_there, .init = fill)
{
    Pprof__Profile *whole = unpacked();
    int64_t total = 0;

    cr_assert_str_eq(whole->string_table[0], "");
    for (size_t i = 0; i < whole->n_string_table; i++)
        cr_assert_null(strstr(whole->string_table[i], "s3cret"));
    for (size_t i = 0; i < whole->n_sample; i++) {
        const Pprof__Sample *sample = whole->sample[i];
        cr_assert_eq(sample->n_value, whole->n_sample_type);
        total += sample->value[0];
        for (size_t l = 0; l < sample->n_location_id; l++)
            cr_assert(sample->location_id[l] > 0 && sample->location_id[l] <= whole->n_location);
    }
    cr_assert_eq(total, TOTAL);
    for (size_t i = 0; i < whole->n_location; i++) {
        cr_assert_gt(whole->location[i]->n_line, 0);
        cr_assert_leq(whole->location[i]->mapping_id, whole->n_mapping);
        for (size_t l = 0; l < whole->location[i]->n_line; l++)
            cr_assert_leq(whole->location[i]->line[l]->function_id, whole->n_function);
    }
    for (size_t i = 0; i < whole->n_function; i++)
        cr_assert_lt((size_t)whole->function[i]->name, whole->n_string_table);
    pprof__profile__free_unpacked(whole, NULL);
    profile_free(profile);
}

Test(exports, an_empty_profile)
{
    profile = profile_new();
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        size_t size;
        char *text = output(formats[i], &size);
        cr_assert_gt(size, 0);
        free(text);
    }
    profile_free(profile);
}
