/* Every row of the table: its default, what it allows, and the environment. */
#include "preload/contract/settings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct settings settings;
static char why[256];

static void start(void)
{
    settings_init(&settings);
}

static int set(enum setting_id id, const char *value)
{
    why[0] = '\0';
    return settings_set(&settings, id, value, why, sizeof(why));
}

TestSuite(settings, .init = start);

Test(settings, every_default_is_allowed_and_set)
{
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        const char *now = settings_text(&settings, id);
        cr_assert_str_eq(now, setting->default_value, "%s", setting->name);
        cr_assert_eq(set(id, setting->default_value), 0, "%s: %s", setting->name, why);
    }
    cr_assert_eq(settings.number[SETTING_ID_frequency], 1000);
    cr_assert_eq(settings.number[SETTING_ID_max_depth], 1024);
    cr_assert(settings_flag(&settings, SETTING_ID_children));
    cr_assert_not(settings_flag(&settings, SETTING_ID_quiet));
}

Test(settings, rows_are_whole_and_differ)
{
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        cr_assert_eq(strncmp(setting->variable, "PROFINJECT_", 11), 0);
        cr_assert(setting->option[0] && setting->meaning[0] && setting->metavar[0]);
        for (int other = 0; other < id; other++) {
            cr_assert_str_neq(setting->option, settings_table[other].option);
            cr_assert_str_neq(setting->variable, settings_table[other].variable);
            cr_assert(!setting->short_option ||
                      setting->short_option != settings_table[other].short_option);
        }
    }
}

Test(settings, what_a_flags_option_sets_is_allowed)
{
    for (int id = 0; id < SETTING_ID_COUNT; id++)
        if (settings_table[id].kind == SETTING_FLAG)
            cr_assert_eq(set(id, settings_table[id].metavar), 0);
}

Test(settings, numbers_have_bounds)
{
    static const char *const bad[] = {"0",  "100001", "",    "x",   "1000x", " 1000",
                                      "-1", "+5",     "1.5", "1e3", "0x10",  "99999999999999999999",
                                      "1 "};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(set(SETTING_ID_frequency, bad[i]), -1, "'%s'", bad[i]);
        cr_assert_str_eq(why, "allowed: 1..100000");
    }
    cr_assert_eq(settings.number[SETTING_ID_frequency], 1000, "as before");
    cr_assert_str_eq(settings.text[SETTING_ID_frequency], "1000");
    cr_assert_eq(set(SETTING_ID_frequency, "1"), 0);
    cr_assert_eq(settings.number[SETTING_ID_frequency], 1);
    cr_assert_eq(set(SETTING_ID_frequency, "100000"), 0);
    cr_assert_eq(settings.number[SETTING_ID_frequency], 100000);
    cr_assert_eq(set(SETTING_ID_max_depth, "15"), -1);
    cr_assert_str_eq(why, "allowed: 16..4096");
    cr_assert_eq(set(SETTING_ID_max_depth, "4097"), -1);
}

Test(settings, choices_are_whole_words)
{
    static const char *const bad[] = {"", "of", "offf", "off|", "off|counters", "|", "Off", "exac"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_assert_eq(set(SETTING_ID_heap, bad[i]), -1, "'%s'", bad[i]);
        cr_assert_str_eq(why, "allowed: off|counters|sampled|exact");
    }
    cr_assert_str_eq(settings.text[SETTING_ID_heap], "sampled");
    cr_assert_eq(set(SETTING_ID_heap, "off"), 0);
    cr_assert_str_eq(settings.text[SETTING_ID_heap], "off");
    cr_assert_eq(set(SETTING_ID_quiet, "on"), 0);
    cr_assert(settings_flag(&settings, SETTING_ID_quiet));
    cr_assert_eq(set(SETTING_ID_quiet, "yes"), -1);
    cr_assert_eq(set(SETTING_ID_quiet, "on|off"), -1);
}

Test(settings, sizes_are_none_or_large_enough)
{
    struct settings settings;
    char why[256];

    settings_init(&settings);
    cr_assert_eq(settings.number[SETTING_ID_max_size], 0);
    cr_assert_eq(settings_set(&settings, SETTING_ID_max_size, "64M", why, sizeof why), 0);
    cr_assert_eq(settings.number[SETTING_ID_max_size], 64u << 20);
    const char *bad[] = {"63K", "0", "64M ", "None", "", "-1", "2000G"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_assert_neq(settings_set(&settings, SETTING_ID_max_size, bad[i], why, sizeof why), 0);
    cr_assert_eq(settings.number[SETTING_ID_max_size], 64u << 20);
    cr_assert_eq(settings_set(&settings, SETTING_ID_max_size, "none", why, sizeof why), 0);
    cr_assert_eq(settings.number[SETTING_ID_max_size], 0);
}

Test(settings, bytes_have_units)
{
    static const char *const bad[] = {"", "0", "0K", "-1", "1k", "K", "1KB", "1.5M", "1025G"};

    cr_assert_eq(settings.number[SETTING_ID_heap_interval], 512 << 10);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_expect_eq(set(SETTING_ID_heap_interval, bad[i]), -1, "'%s'", bad[i]);
    cr_assert_eq(set(SETTING_ID_heap_interval, "1"), 0);
    cr_assert_eq(settings.number[SETTING_ID_heap_interval], 1);
    cr_assert_eq(set(SETTING_ID_heap_interval, "3M"), 0);
    cr_assert_eq(settings.number[SETTING_ID_heap_interval], 3 << 20);
    cr_assert_eq(set(SETTING_ID_heap_interval, "1024G"), 0);
    cr_assert_eq(settings.number[SETTING_ID_heap_interval], 1ull << 40);
}

Test(settings, a_directory_has_a_name_that_fits)
{
    char longest[SETTING_TEXT_MAX + 1];

    cr_assert_eq(set(SETTING_ID_output, ""), -1);
    cr_assert_str_eq(why, "allowed: a directory name");
    memset(longest, 'x', sizeof(longest));
    longest[SETTING_TEXT_MAX] = '\0';
    cr_assert_eq(set(SETTING_ID_output, longest), -1);
    cr_assert_str_eq(settings.output, settings_table[SETTING_ID_output].default_value);
    cr_assert_eq(set(SETTING_ID_output, longest + 1), 0);
    cr_assert_str_eq(settings.output, longest + 1);
}

Test(settings, a_short_place_for_the_reason)
{
    char little[10];

    cr_assert_eq(settings_set(&settings, SETTING_ID_heap, "x", little, sizeof(little)), -1);
    cr_assert_str_eq(little, "allowed: ");
}

Test(settings, the_environment)
{
    char *environment[] = {"HOME=/",
                           "PROFINJECT_FREQUENCY=97",
                           "PROFINJECT_HEAPS=off",
                           "PROFINJECT_OUTPUT=/tmp/a=b",
                           "PROFINJECT_QUIET=on",
                           "PROFINJECT_CLOCK",
                           NULL};

    settings_from_environment(&settings, environment, why, sizeof(why));
    cr_assert_str_eq(why, "");
    cr_assert_eq(settings.number[SETTING_ID_frequency], 97);
    cr_assert_str_eq(settings.output, "/tmp/a=b");
    cr_assert_str_eq(settings.text[SETTING_ID_heap], "sampled");
    cr_assert_str_eq(settings.text[SETTING_ID_clock], "auto");
    cr_assert(settings_flag(&settings, SETTING_ID_quiet));
}

Test(settings, bad_variables_leave_the_default_and_say_so)
{
    char *environment[] = {"PROFINJECT_MAX_DEPTH=3", "PROFINJECT_FREQUENCY=x",
                           "PROFINJECT_QUIET=on", NULL};

    settings_from_environment(&settings, environment, why, sizeof(why));
    cr_assert_str_eq(why, "PROFINJECT_FREQUENCY 'x': allowed: 1..100000; using 1000");
    cr_assert_eq(settings.number[SETTING_ID_frequency], 1000);
    cr_assert_eq(settings.number[SETTING_ID_max_depth], 1024);
    cr_assert(settings_flag(&settings, SETTING_ID_quiet), "the good ones count");
}

Test(settings, the_first_of_two_variables_counts_as_for_getenv)
{
    char *environment[] = {"PROFINJECT_FREQUENCY=5", "PROFINJECT_FREQUENCY=6", NULL};

    settings_from_environment(&settings, environment, why, sizeof(why));
    cr_assert_eq(settings.number[SETTING_ID_frequency], 5);
    settings_from_environment(&settings, NULL, why, sizeof(why));
    cr_assert_str_eq(why, "");
}

Test(settings, seconds_take_fractions_and_nothing_else)
{
    static const char *const bad[] = {"", "-1", "1e3", "x", "1.x", "1.2.3", ".5", "31536001", " 1"};

    cr_assert_eq(set(SETTING_ID_delay, "2.5"), 0);
    cr_assert_eq(settings.number[SETTING_ID_delay], 2500000000u);
    cr_assert_eq(set(SETTING_ID_duration, "0.000000001"), 0);
    cr_assert_eq(settings.number[SETTING_ID_duration], 1);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_eq(set(SETTING_ID_delay, bad[i]), -1, "%s", bad[i]);
    cr_assert_eq(settings.number[SETTING_ID_delay], 2500000000u);
}

Test(settings, signals_by_name_and_number)
{
    static const char *const bad[] = {"KILL", "SIGSTOP", "9", "32", "33", "0", "65", "usr", ""};

    cr_assert_eq(set(SETTING_ID_toggle_signal, "USR2"), 0);
    cr_assert_eq(settings.number[SETTING_ID_toggle_signal], 12);
    cr_assert_eq(set(SETTING_ID_toggle_signal, "SIGUSR1"), 0);
    cr_assert_eq(settings.number[SETTING_ID_toggle_signal], 10);
    cr_assert_eq(set(SETTING_ID_toggle_signal, "40"), 0);
    cr_assert_eq(settings.number[SETTING_ID_toggle_signal], 40);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_eq(set(SETTING_ID_toggle_signal, bad[i]), -1, "%s", bad[i]);
    cr_assert_eq(set(SETTING_ID_toggle_signal, "none"), 0);
    cr_assert_eq(settings.number[SETTING_ID_toggle_signal], 0);
}
