/* CPU time on processors that were slowed down: answers worked out by hand. */
#include "analyzer/model/throttle.h"

#include "analyzer/model/throttled_functions.h"

#include <criterion/criterion.h>
#include <math.h>

#define MS 1000000ull
#define S 1000000000ull

static struct profile *profile;
static uint32_t slow_stack, fast_stack;

static uint32_t add_stack(const char *name)
{
    struct frame frame = {.function = strings_intern(profile->strings, name)};
    return profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &frame), false);
}

static void start(void)
{
    profile = profile_new();
    profile_add_process(profile, &(struct profile_process){.comm = "made", .trace = "a.1.pinj"});
    profile_add_thread(profile, &(struct profile_thread){.process = 0, .name = "t", .tid = 1});
    slow_stack = add_stack("slow");
    fast_stack = add_stack("fast");
}

static void stop(void)
{
    profile_free(profile);
}

static struct resource_series *add(const char *name, const char *subject, bool is_rate)
{
    struct resource_series series = {.name = name,
                                     .subject = subject,
                                     .unit = "",
                                     .is_rate = is_rate,
                                     .process = RESOURCE_NOBODY,
                                     .thread = RESOURCE_NOBODY};
    return resources_add(&profile->resources, &series);
}

static void level(const char *name, const char *subject, double value)
{
    struct resource_series *series = add(name, subject, false);
    resource_series_add(series, 0, value);
    resource_series_add(series, 100 * S, value);
}

/* 3000 MHz, but 1500 from 2 s to 4 s, looked at every second. */
static void slowed(const char *subject)
{
    struct resource_series *series = add("cpu.mhz", subject, false);
    for (uint64_t s = 0; s <= 6; s++)
        resource_series_add(series, s * S, s >= 2 && s < 4 ? 1500 : 3000);
}

static void runs_on(double processor)
{
    struct resource_series *series = add("thread.processor", NULL, false);
    series->scope = RESOURCE_OF_THREAD;
    series->process = series->thread = 0;
    resource_series_add(series, 0, processor);
    resource_series_add(series, 100 * S, processor);
}

static void sample(uint64_t time_ns, uint64_t length_ns, uint32_t stack)
{
    struct profile_sample sample = {
        .time_ns = time_ns, .length_ns = length_ns, .place = {.stack = stack}};
    struct profile_entry entry = {.stack = stack};

    samples_add(&profile->samples, &sample);
    entry.value[METRIC_CPU] = (int64_t)length_ns;
    entries_add(&profile->entries, &entry);
}

static int64_t throttled(uint32_t stack)
{
    int64_t sum = 0;

    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t value = entries_value(&profile->entries, i, METRIC_THROTTLED_CPU);
        cr_assert_leq(value, entries_value(&profile->entries, i, METRIC_CPU));
        sum += profile->entries.places[i].stack == stack ? value : 0;
    }
    return sum;
}

TestSuite(throttle, .init = start, .fini = stop);

Test(throttle, nothing_tells)
{
    sample(1 * S, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_assert_not(profile_has_metric(profile, METRIC_THROTTLED_CPU));
    slowed("0"); /* of how much? */
    throttle_charge(profile);
    cr_assert_not(profile_has_metric(profile, METRIC_THROTTLED_CPU));
}

/* A moment has the values of the nearest look: slow from 1.5 s to 3.5 s. */
Test(throttle, by_frequency_of_the_processor_it_ran_on)
{
    slowed("1");
    level("cpu.mhz", "0", 3000);
    level("cpu.mhz-nominal", "0", 3000);
    level("cpu.mhz-nominal", "1", 3000);
    runs_on(1);
    sample(1400 * MS, 4 * MS, fast_stack);
    sample(1600 * MS, 4 * MS, slow_stack);
    sample(3400 * MS, 4 * MS, slow_stack);
    sample(3600 * MS, 4 * MS, fast_stack);
    throttle_charge(profile);
    cr_assert(profile_has_metric(profile, METRIC_THROTTLED_CPU));
    cr_assert_eq(throttled(slow_stack), 8 * MS);
    cr_assert_eq(throttled(fast_stack), 0);
}

Test(throttle, of_an_unknown_processor_the_mean_counts)
{
    struct throttle_state state;

    slowed("cpu1");
    level("cpu.mhz", "cpu0", 3000);
    level("cpu.mhz-nominal", "cpu0", 3000);
    level("cpu.mhz-nominal", "cpu1", 3000);
    sample(3 * S, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 2 * MS);
    struct throttle *throttle = throttle_new(profile);
    state = throttle_at(throttle, &profile->samples.items[0]);
    cr_assert(state.known && !state.by_processor);
    cr_assert_float_eq(state.mhz, 2250, 1e-9);
    throttle_free(throttle);
}

/* A little below the nominal frequency is no throttling, as is turbo. */
Test(throttle, the_margin)
{
    level("cpu.mhz", "0", 2701);
    level("cpu.mhz-nominal", "0", 3000);
    runs_on(0);
    sample(3 * S, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
    profile->resources.series[0].points[0].value = 2699;
    profile->resources.series[0].points[1].value = 2699;
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 4 * MS);
}

/* A quarter of the second from 1 s on, by the kernel's count. */
Test(throttle, by_the_kernel_s_count)
{
    struct resource_series *rate = add("cpu.throttled", "0", true);

    resource_series_add(rate, 1 * S, NAN);
    resource_series_add(rate, 2 * S, 25);
    resource_series_add(rate, 3 * S, 0);
    runs_on(0);
    sample(1500 * MS, 4 * MS, slow_stack);
    sample(2500 * MS, 4 * MS, fast_stack);
    sample(5 * S, 4 * MS, fast_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 1 * MS);
    cr_assert_eq(throttled(fast_stack), 0);
}

/* A package's count is that of its processors, as far as there is one package; before Linux 5.5 there
 * is no time, only how often. */
Test(throttle, by_the_count_of_the_package)
{
    struct resource_series *rate = add("cpu.throttles", "package 0", true);

    resource_series_add(rate, 1 * S, NAN);
    resource_series_add(rate, 2 * S, 3);
    resource_series_add(rate, 3 * S, 0);
    level("cpu.mhz", "cpu1", 3000);
    level("cpu.mhz-nominal", "cpu1", 3000);
    runs_on(1);
    sample(1500 * MS, 4 * MS, slow_stack);
    sample(2500 * MS, 4 * MS, fast_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 4 * MS);
    cr_assert_eq(throttled(fast_stack), 0);
}

Test(throttle, of_several_packages_none_is_blamed)
{
    for (int i = 0; i < 2; i++) {
        struct resource_series *rate =
            add("cpu.throttled", i == 0 ? "package 0" : "package 1", true);
        resource_series_add(rate, 1 * S, NAN);
        resource_series_add(rate, 2 * S, 100);
    }
    level("cpu.mhz", "cpu0", 3000);
    level("cpu.mhz-nominal", "cpu0", 3000);
    runs_on(0);
    sample(1500 * MS, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
}

static struct profile_property properties[2];

static void tell(const char *packages, const char *threads)
{
    properties[0] = (struct profile_property){"machine.packages", packages};
    properties[1] = (struct profile_property){"machine.threads", threads};
    profile->processes[0].properties = properties;
    profile->processes[0].property_count = 2;
}

static void forget_properties(void)
{
    profile->processes[0].properties = NULL;
    profile->processes[0].property_count = 0;
}

/* Full speed but a second of one package: on its processors only, whatever they are numbered. */
static void one_of_two_packages(double processor, int64_t expected)
{
    profile_free(profile);
    start();
    for (int i = 0; i < 2; i++) {
        struct resource_series *rate =
            add("cpu.throttled", i == 0 ? "package 0" : "package 1", true);
        resource_series_add(rate, 1 * S, NAN);
        resource_series_add(rate, 2 * S, i == 0 ? 0 : 50);
    }
    tell("0: 0-2:2,8; 1: 1-3:2,9", "");
    runs_on(processor);
    sample(1500 * MS, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_expect(profile_has_metric(profile, METRIC_THROTTLED_CPU));
    cr_expect_eq(throttled(slow_stack), expected, "processor %g: %ld", processor,
                 (long)throttled(slow_stack));
    forget_properties();
}

Test(throttle, of_several_packages_that_which_it_ran_on)
{
    one_of_two_packages(0, 0);
    one_of_two_packages(1, 2 * MS);
    one_of_two_packages(2, 0);
    one_of_two_packages(3, 2 * MS);
    one_of_two_packages(8, 0);
    one_of_two_packages(9, 2 * MS);
}

/* Of an unknown processor, as many as were slowed down: 3 of 6, for half of the time. */
Test(throttle, of_several_packages_and_an_unknown_processor)
{
    one_of_two_packages(-1, 1 * MS);
    one_of_two_packages(70, 1 * MS);
}

/* The kernel's count is of the core; the collector has that of its lowest processor. */
Test(throttle, by_the_count_of_the_core_of_its_other_thread)
{
    struct resource_series *cool = add("cpu.throttled", "cpu0", true);
    struct resource_series *hot = add("cpu.throttled", "cpu1", true);

    for (uint64_t s = 1; s <= 2; s++) {
        resource_series_add(cool, s * S, s == 1 ? NAN : 0);
        resource_series_add(hot, s * S, s == 1 ? NAN : 25);
    }
    tell("", "2: 0-1");
    sample(1500 * MS, 4 * MS, slow_stack);
    runs_on(3);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 1 * MS);
    forget_properties();
}

/* What lies somewhere in a long time is throttled as much as that was: 2 s of 6. */
Test(throttle, parts_of_no_known_moment)
{
    slowed("0");
    level("cpu.mhz-nominal", "0", 3000);
    runs_on(0);
    sample(6 * S, 3 * S, slow_stack);
    profile->samples.items[0].span_ns = 6 * S;
    throttle_charge(profile);
    cr_assert_float_eq((double)throttled(slow_stack) / 1e9, 1, 0.05);
}

Test(throttle, off_the_processor_nothing_is_throttled_nor_far_from_any_look)
{
    slowed("0");
    level("cpu.mhz-nominal", "0", 3000);
    runs_on(0);
    profile->resources.series[0].count = 4; /* the last look: slow, at 3 s */
    sample(3 * S, 4 * MS, slow_stack);
    profile->samples.items[0].off = true;
    sample(3 * S + THROTTLE_NEAR_NS - MS, 4 * MS, fast_stack);
    sample(3 * S + THROTTLE_NEAR_NS + 9 * MS, 4 * MS, slow_stack);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
    cr_assert_eq(throttled(fast_stack), 4 * MS);
}

Test(throttle, two_recordings_have_two_machines)
{
    level("cpu.mhz", "0", 1000);
    level("cpu.mhz-nominal", "0", 3000);
    level("cpu.mhz", "0", 3000);
    level("cpu.mhz-nominal", "0", 3000);
    for (size_t i = 0; i < 4; i++)
        profile->resources.series[i].recording =
            strings_intern(profile->strings, i < 2 ? "other" : "r");
    runs_on(0);
    sample(3 * S, 4 * MS, slow_stack);
    sample(3 * S, 4 * MS, fast_stack);
    profile->processes[0].recording = "r";
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
    profile->processes[0].recording = "other";
    profile->samples.items[0].off = true;
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
    cr_assert_eq(throttled(fast_stack), 4 * MS);
    profile->processes[0].recording = ""; /* no machine of these */
    profile->samples.items[0].off = false;
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
}

Test(throttle, hostile_subjects)
{
    level("cpu.mhz", "99999999999999999999", 1000);
    level("cpu.mhz", "", 1000);
    level("cpu.mhz", NULL, 1000);
    level("cpu.mhz-nominal", "cpu", 3000);
    runs_on(1e300);
    sample(3 * S, 4 * MS, slow_stack);
    tell("0: 0-65535; 65535: 65535", "65535: 65535; 65535: 0-65535; 1: 1");
    throttle_charge(profile);
    cr_assert_not(profile_has_metric(profile, METRIC_THROTTLED_CPU));
    level("cpu.throttled", "package 65535", 100);
    level("cpu.throttled", "cpu1", 0);
    throttle_charge(profile);
    cr_assert_eq(throttled(slow_stack), 0);
    forget_properties();
}

Test(throttle, by_function)
{
    struct throttled_functions functions;
    struct labels labels;

    slowed("0");
    level("cpu.mhz-nominal", "0", 3000);
    runs_on(0);
    sample(1 * S, 30 * MS, fast_stack);
    sample(2 * S, 10 * MS, slow_stack);
    sample(3 * S, 10 * MS, slow_stack);
    sample(4 * S, 20 * MS, slow_stack);
    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    throttled_functions_init(&functions, profile, &labels);
    cr_assert(functions.known);
    cr_assert_eq(functions.count, 1);
    const struct throttled_sum *slow = &functions.items[functions.order[0]];
    cr_assert_str_eq(labels.items[functions.order[0]].name, "slow");
    cr_assert_eq(slow->cpu_ns, 40 * MS);
    cr_assert_eq(slow->throttled_ns, 20 * MS);
    cr_assert_float_eq(slow->mhz, 2250, 1e-6);
    cr_assert_float_eq(functions.all.mhz_throttled, 1500, 1e-6);
    cr_assert_eq(functions.all.cpu_ns, 70 * MS);
    throttled_functions_release(&functions);
    labels_release(&labels);
}
