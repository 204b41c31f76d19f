/* Unit tests of analyzer/heat/sensor_check.c: what may be believed of a sensor. */
#include "analyzer/heat/sensor_check.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

struct bench {
    struct sensor_check check;
    double now, load;
    int64_t stamp;
    enum sensor_fault fault;
};

static struct bench begin(void)
{
    struct bench bench = {.now = 100, .load = 0.5, .stamp = 1};

    srand(1);
    sensor_check_init(&bench.check, 20);
    return bench;
}

static enum sensor_fault look(struct bench *bench, struct sensor_reading reading)
{
    bench->fault = sensor_check_look(&bench->check, &reading, bench->load, bench->now);
    bench->now += 0.1;
    return bench->fault;
}

/* As the kernel's files say it. */
static enum sensor_fault say(struct bench *bench, double celsius)
{
    return look(bench, (struct sensor_reading){.celsius = celsius});
}

/* As a file says it that is written each time. */
static enum sensor_fault write(struct bench *bench, double celsius)
{
    return look(bench, (struct sensor_reading){
                           .celsius = celsius, .stamped = true, .stamp = bench->stamp++});
}

static double noisy(double celsius)
{
    return celsius + 0.001 * (rand() % 1000 - 500);
}

/* Seconds until there is a fault or `limit` is over. */
static double until_fault(struct bench *bench, struct sensor_reading reading, double limit)
{
    double from = bench->now;

    while (bench->now - from < limit && bench->fault == SENSOR_SOUND)
        look(bench, reading);
    return bench->now - from;
}

Test(sensor_check, sound_ones_are_sound)
{
    struct bench bench = begin();

    for (int i = 0; i < 3000; i++)
        cr_assert_eq(say(&bench, noisy(70 + 8 * sin(i * 0.01))), SENSOR_SOUND);
    cr_assert_not(sensor_check_is_doubtful(&bench.check));
    cr_assert_not(sensor_check_is_probing(&bench.check));
}

Test(sensor_check, each_fault_of_a_reading_counts_when_it_lasts)
{
    const enum sensor_fault faults[] = {SENSOR_MISSING, SENSOR_NOT_A_NUMBER, SENSOR_ABSURD};

    for (unsigned i = 0; i < 3; i++) {
        struct bench bench = begin();
        say(&bench, 60);
        look(&bench, (struct sensor_reading){.fault = faults[i], .celsius = NAN});
        cr_assert(sensor_check_is_doubtful(&bench.check), "the load is off at once");
        cr_assert_eq(bench.fault, SENSOR_SOUND);
        cr_assert_lt(
            until_fault(&bench, (struct sensor_reading){.fault = faults[i], .celsius = NAN}, 5), 1);
        cr_assert_eq(bench.fault, faults[i]);
        cr_assert_eq(say(&bench, 60), faults[i], "a fault is final");
    }
}

Test(sensor_check, a_single_bad_reading_is_forgiven)
{
    struct bench bench = begin();

    for (int i = 0; i < 200; i++) {
        bool bad = i % 20 == 10;
        look(&bench, (struct sensor_reading){.fault = bad ? SENSOR_MISSING : SENSOR_SOUND,
                                             .celsius = bad ? NAN : noisy(60)});
        cr_assert_eq(sensor_check_is_doubtful(&bench.check), bad);
    }
    cr_assert_eq(bench.fault, SENSOR_SOUND);
}

Test(sensor_check, a_jump_that_lasts)
{
    struct bench bench = begin();

    say(&bench, 60);
    say(&bench, 85);
    cr_assert(sensor_check_is_doubtful(&bench.check));
    cr_assert_float_eq(bench.check.value, 60, 1e-9, "not believed");
    cr_assert_lt(until_fault(&bench, (struct sensor_reading){.celsius = 85}, 5), 1);
    cr_assert_eq(bench.fault, SENSOR_JUMPING);
}

Test(sensor_check, jumps_there_and_back)
{
    struct bench bench = begin();

    say(&bench, 60);
    for (int i = 0; i < 20 && bench.fault == SENSOR_SOUND; i++)
        say(&bench, i % 2 != 0 ? 60 : 90);
    cr_assert_eq(bench.fault, SENSOR_JUMPING);
    cr_assert_lt(bench.now, 101);
}

Test(sensor_check, one_spike_a_minute_is_forgiven)
{
    struct bench bench = begin();

    for (int i = 0; i < 6000; i++)
        cr_assert_eq(say(&bench, i % 600 == 300 ? 95 : noisy(60)), SENSOR_SOUND);
}

Test(sensor_check, swinging_within_the_allowed_jump)
{
    struct bench bench = begin();

    for (int i = 0; i < 20 && bench.fault == SENSOR_SOUND; i++)
        say(&bench, i % 2 != 0 ? 60 : 74);
    cr_assert_eq(bench.fault, SENSOR_JUMPING);
    cr_assert_lt(bench.now, 102);
}

Test(sensor_check, a_load_that_comes_and_goes_is_no_swinging)
{
    struct bench bench = begin();

    for (int i = 0; i < 3000; i++) /* 12 degrees within a second, up and down */
        cr_assert_eq(say(&bench, noisy(60) + (i / 20 % 2 != 0 ? 1 : -1) * fmin(6, i % 20 * 1.2)),
                     SENSOR_SOUND);
}

Test(sensor_check, a_file_that_nobody_writes_is_stale)
{
    struct bench bench = begin();

    for (int i = 0; i < 30; i++)
        write(&bench, 60);
    cr_assert_eq(bench.fault, SENSOR_SOUND, "the same value, but written");
    struct sensor_reading old = {.celsius = 60, .stamped = true, .stamp = bench.stamp - 1};
    double seconds = until_fault(&bench, old, 10);
    cr_assert_eq(bench.fault, SENSOR_STALE);
    cr_assert(seconds > 1.4 && seconds < 1.8, "%f s", seconds);
}

Test(sensor_check, noise_that_stops_is_frozen)
{
    struct bench bench = begin();

    for (int i = 0; i < 50; i++)
        say(&bench, noisy(70));
    double seconds = until_fault(&bench, (struct sensor_reading){.celsius = 70.123}, 10);
    cr_assert_eq(bench.fault, SENSOR_FROZEN);
    cr_assert_lt(seconds, 2);
}

Test(sensor_check, whole_degrees_that_stay_are_not_frozen)
{
    struct bench bench = begin();

    for (int i = 0; i < 60; i++) /* warming up, to and fro */
        say(&bench, 60 + i / 6 + i % 2);
    for (int i = 0; i < 280; i++)
        cr_assert_eq(say(&bench, 71), SENSOR_SOUND, "after %d", i);
    cr_assert_not(sensor_check_is_probing(&bench.check));
}

Test(sensor_check, a_value_that_ignores_the_load_is_frozen)
{
    struct bench bench = begin();

    bench.load = 0;
    for (int i = 0; i < 20; i++)
        say(&bench, 45);
    bench.load = 0.9;
    double seconds = until_fault(&bench, (struct sensor_reading){.celsius = 45}, 60);
    cr_assert_eq(bench.fault, SENSOR_FROZEN);
    cr_assert_lt(seconds, 11);
}

Test(sensor_check, after_30_s_of_the_same_the_sensor_is_probed)
{
    struct bench bench = begin();

    for (int i = 0; i < 100; i++)
        say(&bench, 74 + i % 2);
    while (!sensor_check_is_probing(&bench.check) && bench.now < 200)
        cr_assert_eq(say(&bench, 75), SENSOR_SOUND);
    cr_assert_lt(bench.now, 141);
    bench.load = 0; /* as is done then */
    struct bench other = bench;
    for (int i = 0; i < 20; i++)
        say(&bench, 75);
    say(&bench, 74);
    cr_assert_not(sensor_check_is_probing(&bench.check), "it follows");
    cr_assert_eq(bench.fault, SENSOR_SOUND);
    cr_assert_lt(until_fault(&other, (struct sensor_reading){.celsius = 75}, 60), 11);
    cr_assert_eq(other.fault, SENSOR_FROZEN);
}

Test(sensor_check, after_a_pause_it_begins_anew)
{
    struct bench bench = begin();

    for (int i = 0; i < 50; i++)
        say(&bench, noisy(80));
    bench.now += 40; /* stopped, and went on: it is cold again */
    for (int i = 0; i < 50; i++)
        cr_assert_eq(say(&bench, noisy(45)), SENSOR_SOUND);
    say(&bench, 45);
    bench.now += 60;
    for (int i = 0; i < 20; i++)
        cr_assert_eq(say(&bench, 45), SENSOR_SOUND, "the same as before the pause");
    cr_assert_not(sensor_check_is_probing(&bench.check));
}

Test(sensor_check, a_pause_is_no_way_out_of_a_doubt)
{
    struct bench bench = begin();

    say(&bench, 60);
    for (int i = 0; i < 10 && bench.fault == SENSOR_SOUND; i++) {
        look(&bench, (struct sensor_reading){.fault = SENSOR_MISSING, .celsius = NAN});
        bench.now += 2;
    }
    cr_assert_eq(bench.fault, SENSOR_MISSING);
}

Test(sensor_check, proof_before_there_is_load)
{
    struct bench bench = begin();

    bench.load = 0;
    write(&bench, 50);
    cr_assert_not(sensor_check_is_proven(&bench.check));
    write(&bench, 50);
    cr_assert(sensor_check_is_proven(&bench.check));
}
