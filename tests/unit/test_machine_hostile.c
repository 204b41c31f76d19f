/* Machines with more of everything than there is room for, sensors that keep one waiting, files
 * cut short and filled with rubbish. */
#include "preload/contract/libc_clock.h"
#include "preload/resources/control_group.h"
#include "preload/resources/machine.h"
#include "preload/resources/machine_facts.h"
#include "preload/resources/machine_parts.h"
#include "tests/unit/machine_tree.h"
#include "tests/unit/randomness.h"

#include <stdarg.h>

TestSuite(machine_hostile, .init = tree_init, .fini = scratch_release);

static void write_file(const char *text, const char *format, ...)
{
    char path[512];
    va_list values;
    va_start(values, format);
    vsnprintf(path, sizeof path, format, values);
    va_end(values);
    tree_directories(path);
    scratch_write(path, text);
}

/* Of `count` processors; all have been busy for 10 ticks each, after `moment` looks. */
static void write_stat(unsigned count, unsigned moment)
{
    write_file("", "proc/stat");
    FILE *out = fopen("proc/stat", "w");
    fprintf(out, "cpu  %u 0 0 0 0 0 0 0\n", count * 10 * moment);
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "cpu%u %u 0 0 0 0 0 0 0\n", i, 10 * moment);
    fprintf(out, "intr 5");
    for (unsigned i = 0; i < count * 8; i++)
        fputs(" 0", out);
    fprintf(out, "\nctxt %u\n", moment);
    fclose(out);
}

/* CPU time, of files that are no kernel's. */
static void print_cost(struct machine *machine)
{
    double spent[2];
    for (int slow = 0; slow < 2; slow++) {
        clock_t before = clock();
        for (int i = 0; i < 100; i++) {
            tree_now_ns += UINT64_C(1000000000);
            machine_look(machine, slow);
        }
        spent[slow] = (double)(clock() - before) / 100;
    }
    fprintf(stderr, "256 processors: a look %.0f us, once a second %.0f us\n", spent[0], spent[1]);
}

Test(machine_hostile, many_processors)
{
    for (unsigned i = 0; i < 256; i++)
        write_file("2400000\n", "sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", i);
    write_stat(256, 1);
    struct machine *machine = machine_new(".", resource_log_new());
    machine_look(machine, true);
    write_stat(256, 2);
    tree_now_ns += 1000000000;
    machine_look(machine, false);
    cr_expect_eq(double_find(RESOURCE_CPU_BUSY, "")->value, 100000000);
    cr_expect_eq(double_find(RESOURCE_CPU_SWITCHES, "")->value, 1);
    cr_expect_eq(double_find(RESOURCE_CPU_CORE, "cpu255")->puts, 1,
                 "one by one once a second only");
    tree_now_ns += 1000000000;
    machine_look(machine, true);
    cr_expect_eq(double_find(RESOURCE_CPU_CORE, "cpu255")->value, 100000000);
    cr_expect_eq(double_find(RESOURCE_CPU_MHZ, "cpu255")->value, 2400000);
    if (getenv("PROFINJECT_TEST_PRINT"))
        print_cost(machine);
    machine_free(machine);
}

Test(machine_hostile, more_processors_than_there_is_room_for)
{
    write_stat(MACHINE_CORES_MAX + 10, 1);
    struct machine *machine = machine_new(".", resource_log_new());
    machine_look(machine, true);
    write_stat(MACHINE_CORES_MAX + 10, 2);
    tree_now_ns += 1000000000;
    machine_look(machine, true);
    machine_free(machine);
    cr_expect_eq(double_find(RESOURCE_CPU_BUSY, "")->value, 100000000, "all of them count");
    cr_expect_eq(double_find(RESOURCE_CPU_CORE, "cpu1023")->value, 100000000);
    cr_expect_null(double_find(RESOURCE_CPU_CORE, "cpu1024"));
    cr_expect(double_find(RESOURCE_CPU_CORE, "others")->silent);
}

Test(machine_hostile, more_disks_interfaces_and_sensors_than_there_is_room_for)
{
    write_file("", "proc/diskstats");
    FILE *disks = fopen("proc/diskstats", "w");
    for (unsigned i = 0; i < 400; i++)
        fprintf(disks, "8 %u disk%ux 1 1 1 1 1 1 1 1 1 1 1\n", i, i);
    fclose(disks);
    write_file("", "proc/net/dev");
    FILE *net = fopen("proc/net/dev", "w");
    for (unsigned i = 0; i < 400; i++)
        fprintf(net, "eth%u: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n", i);
    fclose(net);
    write_file("coretemp\n", "sys/class/hwmon/hwmon0/name");
    for (unsigned i = 0; i < MACHINE_SENSORS_MAX + 5; i++)
        write_file("50000\n", "sys/class/hwmon/hwmon0/temp%u_input", i);
    struct machine *machine = machine_new(".", resource_log_new());
    machine_look(machine, true);
    machine_free(machine);
    cr_expect_not_null(double_find(RESOURCE_DISK_READ, "disk127x"));
    cr_expect_null(double_find(RESOURCE_DISK_READ, "disk128x"));
    cr_expect(double_find(RESOURCE_DISK_READ, "others")->silent);
    cr_expect(double_find(RESOURCE_NET_RECEIVED, "others")->silent);
    cr_expect(double_find(RESOURCE_CPU_TEMPERATURE, "others")->silent);
}

/* On a busy machine any may: it would be missing for 20 s. */
Test(machine_hostile, a_first_read_that_was_interrupted)
{
    write_file("coretemp\n", "sys/class/hwmon/hwmon0/name");
    write_file("50000\n", "sys/class/hwmon/hwmon0/temp1_input");
    struct machine *machine = machine_new(".", resource_log_new());
    struct double_series *heat = double_find(RESOURCE_CPU_TEMPERATURE, "hwmon0 coretemp temp1");
    tree_read_ns = 5000000;
    machine_look(machine, true);
    tree_read_ns = 1000;
    for (unsigned looks = 2; looks < 5; looks++) {
        tree_now_ns += KERNEL_FILE_SECOND_NS + 5000000;
        machine_look(machine, true);
        cr_expect_eq(heat->puts, looks);
    }
    machine_free(machine);
}

/* A file whose reading costs is read more rarely; a sensor that keeps us waiting is left alone. */
Test(machine_hostile, sensors_that_take_long)
{
    write_file("coretemp\n", "sys/class/hwmon/hwmon0/name");
    write_file("50000\n", "sys/class/hwmon/hwmon0/temp1_input");
    struct machine *machine = machine_new(".", resource_log_new());
    struct double_series *heat = double_find(RESOURCE_CPU_TEMPERATURE, "hwmon0 coretemp temp1");
    cr_assert_not_null(heat);
    tree_read_ns = 100000000;
    for (int i = 0; i < 2; i++) {
        machine_look(machine, true);
        cr_expect_eq(heat->puts, (unsigned)i + 1, "it may have been an interruption");
        machine_look(machine, true);
        cr_expect_eq(heat->puts, (unsigned)i + 1, "but for long it is not read again");
        tree_now_ns += tree_read_ns * KERNEL_FILE_SHARE + 1;
    }
    machine_look(machine, true);
    cr_expect(heat->silent);
    cr_expect_str_eq(heat->reason, "reading takes 100 ms");
    tree_read_ns = 1000;
    tree_now_ns += UINT64_C(20000000000);
    machine_look(machine, true);
    cr_expect(heat->silent, "not before it has rested");
    tree_now_ns += UINT64_C(11000000000);
    machine_look(machine, true);
    cr_expect_not(heat->silent);
    machine_free(machine);
}

static void tell_fact(void *context, const char *name, const char *value)
{
    (void)context;
    cr_expect_gt(strlen(name), 0);
    cr_expect_lt(strlen(value), 256);
}

static void garble(const char *path)
{
    static char text[65536];
    FILE *file = fopen(path, "r+");
    size_t size = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    if (!size || !(file = fopen(path, "w")))
        return;
    for (unsigned i = 0, changes = random_below(8); i < changes; i++) {
        size_t at = random_below((uint32_t)size);
        switch (random_below(4)) {
        case 0:
            size = at + 1;
            break;
        case 1:
            text[at] = (char)random_below(256);
            break;
        case 2:
            text[at] = "9-. \n:\\x"[random_below(8)];
            break;
        default:
            memset(text + at, '9', size - at < 40 ? size - at : 40);
        }
    }
    fwrite(text, 1, size, file);
    fclose(file);
}

static int garble_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)walk;
    if (kind == FTW_F && random_below(4) == 0)
        garble(path);
    return 0;
}

/* Under the sanitizers: nothing is read or written beside what there is, whatever files hold. */
Test(machine_hostile, garbled_files)
{
    static const char *const names[] = {"laptop",       "server",       "gpus",        "broken",
                                        "container_v1", "container_v2", "two_packages"};
    struct control_group group;
    double_lenient = true;
    for (unsigned round = 0; round < 35; round++) {
        const char *name = names[round % 7];
        scratch_release();
        scratch_init();
        tree_unpack(name, 1);
        nftw(".", garble_one, 16, FTW_PHYS);
        struct machine *machine = machine_new(".", resource_log_new());
        control_group_open(&group, ".", 0, (struct resource_log *)doubles);
        machine_facts_tell(".", tell_fact, NULL);
        for (unsigned look = 0; look < 4; look++) {
            double change = machine_look(machine, look % 2 == 0);
            cr_expect(change >= 0 && change <= 1);
            control_group_look(&group);
            tree_now_ns += UINT64_C(1000000000);
            nftw(".", garble_one, 16, FTW_PHYS);
        }
        cr_expect(machine_load(machine) >= 0 && machine_load(machine) <= 1);
        control_group_close(&group);
        machine_free(machine);
    }
}

/* As libfaketime sets it: here it stands still. */
Test(machine_hostile, a_clock_of_somebody_elses_is_not_ours)
{
    const struct timespec nap = {0, 20000000};
    libc_clock_init();
    write_stat(2, 1);
    struct machine *machine = machine_new(".", resource_log_new());
    machine_look(machine, true);
    write_stat(2, 1000);
    for (int i = 0; i < 250 && machine_load(machine) == 0; i++) {
        nanosleep(&nap, NULL); /* a file is read for a 4000th of the time only */
        machine_look(machine, true);
    }
    cr_expect_eq(machine_load(machine), 1, "%g", machine_load(machine));
    machine_free(machine);
}

/* Times 1000, and half of the period more, it is no number of 64 bits. */
Test(machine_hostile, a_quota_beyond_all_processors)
{
    int64_t processors, memory;
    write_file("0::/\n", "proc/self/cgroup");
    write_file("30 20 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw\n", "proc/self/mountinfo");
    write_file("9223372036854774 100000\n", "sys/fs/cgroup/cpu.max");
    control_group_limits(".", &processors, &memory);
    cr_expect_geq(processors, 0, "%lld", (long long)processors);
}

Test(machine_hostile, a_frequency_of_cpuinfo_that_is_none)
{
    write_stat(3, 1);
    write_file("processor : 0\ncpu MHz : -5\nprocessor : 1\ncpu MHz : 99999999999999999999\n"
               "processor : 2\ncpu MHz : 2400.5\n",
               "proc/cpuinfo");
    struct machine *machine = machine_new(".", resource_log_new());
    machine_look(machine, true);
    cr_expect_null(double_find(RESOURCE_CPU_MHZ, "cpu0"));
    cr_expect_null(double_find(RESOURCE_CPU_MHZ, "cpu1"));
    cr_expect_eq(double_find(RESOURCE_CPU_MHZ, "cpu2")->value, 2400500);
    machine_free(machine);
}
