/* Unit tests of analyzer/heat/sensor.c and guard.c: sensors in trees of files. */
#include "analyzer/heat/guard.h"
#include "analyzer/heat/sensor.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char *const root = scratch_path;

static void put(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "sys/class/%s", name);
    scratch_write_deep(path, text);
}

static void make_laptop(void)
{
    scratch_init();
    put("hwmon/hwmon0/name", "nvme\n");
    put("hwmon/hwmon0/temp1_input", "91000\n");
    put("hwmon/hwmon3/name", "coretemp\n");
    put("hwmon/hwmon3/temp1_label", "Package id 0\n");
    put("hwmon/hwmon3/temp1_input", "52000\n");
    put("hwmon/hwmon3/temp1_crit", "100000\n");
    put("hwmon/hwmon3/temp2_label", "Core 0\n");
    put("hwmon/hwmon3/temp2_input", "60000\n");
    put("thermal/thermal_zone0/type", "acpitz\n");
    put("thermal/thermal_zone0/temp", "27800\n");
    put("thermal/thermal_zone7/type", "x86_pkg_temp\n");
    put("thermal/thermal_zone7/temp", "53000\n");
}

TestSuite(sensor, .init = make_laptop, .fini = scratch_release);

Test(sensor, auto_takes_the_processors_and_the_hottest)
{
    struct sensors sensors;
    struct problem problem;
    size_t which;

    sensors_find(&sensors, root);
    cr_assert_eq(sensors.count, 5);
    cr_assert_eq(sensors_choose(&sensors, root, "auto", &problem), 0);
    cr_assert_eq(sensors.count, 2);
    struct sensor_reading reading = sensors_read(&sensors, &which);
    cr_assert_eq(reading.fault, SENSOR_SOUND);
    cr_assert_float_eq(reading.celsius, 53, 1e-9);
    cr_assert_str_eq(sensors.list[which].name, "x86_pkg_temp");
    cr_assert_float_eq(sensors_critical(&sensors), 100, 1e-9);
}

Test(sensor, by_name_and_by_file)
{
    struct sensors sensors;
    struct problem problem;
    size_t which;
    char path[160];

    cr_assert_eq(sensors_choose(&sensors, root, "Core 0", &problem), 0);
    cr_assert_eq(sensors.count, 1);
    cr_assert_float_eq(sensors_read(&sensors, &which).celsius, 60, 1e-9);
    cr_assert_eq(sensors_choose(&sensors, root, "nvme", &problem), 0, "asked for, it is taken");
    snprintf(path, sizeof(path), "%s/sys/class/thermal/thermal_zone0/temp", root);
    cr_assert_eq(sensors_choose(&sensors, "/nowhere", path, &problem), 0);
    cr_assert_float_eq(sensors_read(&sensors, &which).celsius, 27.8, 1e-9);
    cr_assert_lt(sensors_choose(&sensors, root, "k10temp", &problem), 0);
    cr_assert_not_null(strstr(problem.text, "no sensor 'k10temp' among the 5"));
}

Test(sensor, a_disk_is_no_processor)
{
    struct sensors sensors;
    struct problem problem;

    scratch_release();
    scratch_init();
    put("hwmon/hwmon0/name", "nvme\n");
    put("hwmon/hwmon0/temp1_input", "41000\n");
    cr_assert_lt(sensors_choose(&sensors, root, "auto", &problem), 0);
    cr_assert_eq(problem.code, PROBLEM_NOTHING);
}

static enum sensor_fault fault_of(const char *text)
{
    struct sensors sensors;
    struct problem problem;
    size_t which;

    put("hwmon/hwmon3/temp2_input", text);
    cr_assert_eq(sensors_choose(&sensors, root, "Core 0", &problem), 0);
    struct sensor_reading reading = sensors_read(&sensors, &which);
    cr_assert(reading.fault == SENSOR_SOUND || reading.fault == SENSOR_ABSURD ||
              isnan(reading.celsius));
    return reading.fault;
}

Test(sensor, texts_that_are_no_temperature)
{
    const char *numberless[] = {"nan\n",  "NaN", "inf", "65000 C",   "0x10000",
                                "65.0",   "-",   "\n",  "65000\x80", "999999999999999999999",
                                "\x1b[2J"};

    cr_assert_eq(fault_of("65000\n"), SENSOR_SOUND);
    cr_assert_eq(fault_of("65000"), SENSOR_SOUND);
    cr_assert_eq(fault_of(""), SENSOR_MISSING);
    for (size_t i = 0; i < sizeof(numberless) / sizeof(numberless[0]); i++)
        cr_assert_eq(fault_of(numberless[i]), SENSOR_NOT_A_NUMBER, "%s", numberless[i]);
    cr_assert_eq(fault_of("0\n"), SENSOR_ABSURD, "what drivers say that cannot read");
    cr_assert_eq(fault_of("-273200\n"), SENSOR_ABSURD);
    cr_assert_eq(fault_of("127500\n"), SENSOR_ABSURD);
    cr_assert_eq(fault_of("255000\n"), SENSOR_ABSURD);
}

Test(sensor, one_of_several_that_is_gone_is_a_fault)
{
    struct sensors sensors;
    struct problem problem;
    size_t which;
    char path[160];

    cr_assert_eq(sensors_choose(&sensors, root, "auto", &problem), 0);
    snprintf(path, sizeof(path), "%s/sys/class/hwmon/hwmon3/temp1_input", root);
    unlink(path);
    struct sensor_reading reading = sensors_read(&sensors, &which);
    cr_assert_eq(reading.fault, SENSOR_MISSING);
    cr_assert_str_eq(sensors.list[which].path, path);
    mkfifo(path, 0600);
    cr_assert_eq(sensors_read(&sensors, &which).fault, SENSOR_MISSING, "a pipe is not waited for");
    unlink(path);
    mkdir(path, 0700);
    cr_assert_eq(sensors_read(&sensors, &which).fault, SENSOR_MISSING);
}

static bool fills;

/* Who found the file empty waits: meanwhile the writer, who empties files first as shells do, goes on.
 * (One in a thread of its own may be held up in between for any time.) */
int nanosleep(const struct timespec *pause, struct timespec *left)
{
    if (fills)
        put("hwmon/hwmon3/temp2_input", "65000\n");
    return clock_nanosleep(CLOCK_MONOTONIC, 0, pause, left);
}

Test(sensor, a_file_that_is_being_written_is_not_missing)
{
    struct sensors sensors;
    struct problem problem;
    size_t which;

    cr_assert_eq(sensors_choose(&sensors, root, "Core 0", &problem), 0);
    fills = true;
    unsigned empty = 0;
    for (int i = 0; i < 300; i++) {
        put("hwmon/hwmon3/temp2_input", "");
        struct sensor_reading reading = sensors_read(&sensors, &which);
        empty += reading.fault != SENSOR_SOUND || reading.celsius != 65;
    }
    cr_assert_eq(empty, 0, "%u of 300", empty);
}

Test(sensor, names_longer_than_their_room)
{
    struct sensors sensors;
    char text[5000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    put("hwmon/hwmon3/name", text);
    put("hwmon/hwmon3/temp1_label", text);
    put("thermal/thermal_zone7/type", "a\x01\x1b\xff<script>\n");
    sensors_find(&sensors, root);
    cr_assert_eq(sensors.count, 5);
}

Test(sensor, a_file_that_nobody_writes_is_refused_at_the_start)
{
    struct guard guard;
    struct problem problem;

    cr_assert_lt(guard_prove(&guard, root, "auto", 20, &problem), 0);
    cr_assert_not_null(strstr(problem.text, "not written any more"), "%s", problem.text);
    cr_assert_not_null(strstr(problem.text, "no load without a sensor"));
}

Test(sensor, none_is_none)
{
    struct guard guard;
    struct problem problem;

    cr_assert_eq(guard_prove(&guard, root, "none", 20, &problem), 0);
    cr_assert_not(guard.present);
    cr_assert(guard_look(&guard, 1, 5));
    cr_assert_not(guard_is_resting(&guard));
}
