/*
 * What sensors there are, and what they say. Its own file as the one that knows names of drivers
 * and forms of the kernel's files.
 */
#include "analyzer/heat/sensor.h"
#include "analyzer/heat/nvml.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

/* A processor that works is neither frozen nor hotter than silicon stands: 0 degC is what drivers
 * say that cannot read, 127.5 and 255 what buses say where nobody answers. */
#define COLDEST 1.0
#define HOTTEST 126.0

static const struct {
    const char *part; /* of the name */
    enum sensor_kind kind;
} kinds[] = {
    {"Package id", SENSOR_PROCESSOR},  {"x86_pkg_temp", SENSOR_PROCESSOR},
    {"Tdie", SENSOR_PROCESSOR},        {"k10temp Tctl", SENSOR_PROCESSOR},
    {"zenpower", SENSOR_PROCESSOR},    {"cpu_thermal", SENSOR_PROCESSOR},
    {"cpu-thermal", SENSOR_PROCESSOR}, {"soc_thermal", SENSOR_PROCESSOR},
    {"TCPU", SENSOR_PROCESSOR},        {"coretemp", SENSOR_CORE},
    {"k10temp", SENSOR_CORE},          {"cpu", SENSOR_CORE},
    {"acpitz", SENSOR_BOARD},          {"thinkpad", SENSOR_BOARD},
    {"dell_smm", SENSOR_BOARD},
};

static enum sensor_kind kind_of(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strstr(name, kinds[i].part) != NULL)
            return kinds[i].kind;
    return SENSOR_OTHER;
}

/* One line of a small file, without its end; -1 with errno when there is none. */
static ssize_t read_line(const char *path, char *line, size_t size, struct sensor_reading *reading)
{
    struct statfs system;
    struct stat status;
    /* Not to wait for a writer where somebody put a pipe. */
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    line[0] = '\0';
    if (fd < 0)
        return -1;
    ssize_t length = read(fd, line, size - 1);
    if (length == 0) { /* somebody is writing it: empty, then full */
        nanosleep(&(struct timespec){0, 2000000}, NULL);
        length = pread(fd, line, size - 1, 0);
    }
    if (reading != NULL && fstat(fd, &status) == 0 && fstatfs(fd, &system) == 0) {
        reading->stamped = system.f_type != SYSFS_MAGIC && system.f_type != PROC_SUPER_MAGIC;
        reading->stamp = status.st_mtim.tv_sec * 1000000000LL + status.st_mtim.tv_nsec;
    }
    int error = errno;
    close(fd);
    errno = error;
    if (length < 0)
        return -1;
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    for (char *c = line; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    return length;
}

/* Whole millidegrees and nothing else. */
static bool parse(const char *line, double *celsius)
{
    char *end;

    errno = 0;
    long value = strtol(line, &end, 10);
    end += strspn(end, " \t\r");
    if (end == line || *end != '\0' || errno != 0)
        return false;
    *celsius = (double)value / 1000;
    return true;
}

struct sensor_reading sensor_read(const struct sensor *sensor)
{
    struct sensor_reading reading = {.celsius = NAN};
    char line[64];

    if (strncmp(sensor->path, "nvml:", 5) == 0)
        return nvml_read((unsigned)strtoul(sensor->path + 5, NULL, 10));
    errno = 0;
    if (read_line(sensor->path, line, sizeof(line), &reading) <= 0) {
        reading.fault = SENSOR_MISSING;
        reading.error = errno;
    } else if (!parse(line, &reading.celsius)) {
        reading.fault = SENSOR_NOT_A_NUMBER;
    } else if (!(reading.celsius >= COLDEST && reading.celsius <= HOTTEST)) {
        reading.fault = SENSOR_ABSURD;
    }
    return reading;
}

static void add(struct sensors *sensors, const char *path, const char *name, double critical)
{
    if (sensors->count == SENSORS_MOST || strlen(path) >= sizeof(sensors->list[0].path))
        return;
    struct sensor *sensor = &sensors->list[sensors->count++];
    memset(sensor, 0, sizeof(*sensor));
    snprintf(sensor->path, sizeof(sensor->path), "%s", path);
    snprintf(sensor->name, sizeof(sensor->name), "%s", name);
    sensor->kind = strncmp(path, "nvml:", 5) == 0 ? SENSOR_GRAPHICS : kind_of(name);
    sensor->critical = critical;
}

/* hwmon: DIR/name, DIR/tempN_input, tempN_label, tempN_crit. */
static void add_hwmon(struct sensors *sensors, const char *directory, unsigned number)
{
    char path[320], other[320], driver[32], label[48], line[32];
    double critical = NAN;

    snprintf(path, sizeof(path), "%.220s/temp%u_input", directory, number);
    if (access(path, F_OK) != 0)
        return;
    snprintf(other, sizeof(other), "%.220s/name", directory);
    read_line(other, driver, sizeof(driver), NULL);
    snprintf(other, sizeof(other), "%.220s/temp%u_label", directory, number);
    if (read_line(other, label, sizeof(label), NULL) <= 0)
        snprintf(label, sizeof(label), "temp%u", number);
    snprintf(other, sizeof(other), "%.220s/temp%u_crit", directory, number);
    if (read_line(other, line, sizeof(line), NULL) <= 0 || !parse(line, &critical) ||
        critical < COLDEST)
        critical = NAN;
    char name[96];
    snprintf(name, sizeof(name), "%s %s", driver[0] != '\0' ? driver : "hwmon", label);
    add(sensors, path, name, critical);
}

static void add_zone(struct sensors *sensors, const char *directory)
{
    char path[320], type[64];

    snprintf(path, sizeof(path), "%.220s/type", directory);
    if (read_line(path, type, sizeof(type), NULL) <= 0)
        snprintf(type, sizeof(type), "thermal zone");
    snprintf(path, sizeof(path), "%.220s/temp", directory);
    if (access(path, F_OK) == 0)
        add(sensors, path, type, NAN);
}

/* Directories of a class by number, so that the order is the same each time. */
static void find_class(struct sensors *sensors, const char *root, const char *class,
                       const char *prefix)
{
    char path[256];

    for (unsigned i = 0; i < 256; i++) {
        snprintf(path, sizeof(path), "%.180s/sys/class/%s/%s%u", root, class, prefix, i);
        if (access(path, F_OK) != 0)
            continue;
        if (strcmp(class, "thermal") == 0)
            add_zone(sensors, path);
        for (unsigned n = 1; n <= 32 && strcmp(class, "hwmon") == 0; n++)
            add_hwmon(sensors, path, n);
    }
}

void sensors_find(struct sensors *sensors, const char *root)
{
    memset(sensors, 0, sizeof(*sensors));
    find_class(sensors, root, "hwmon", "hwmon");
    find_class(sensors, root, "thermal", "thermal_zone");
}

void sensors_add_graphics(struct sensors *sensors)
{
    char path[16], name[64];

    for (unsigned i = 0; i < 16 && nvml_name(i, name, sizeof(name)); i++) {
        snprintf(path, sizeof(path), "nvml:%u", i);
        add(sensors, path, name, NAN);
    }
}

static bool is_named(const struct sensor *sensor, const char *choice)
{
    size_t length = strlen(sensor->path), tail = strlen(choice);

    return strstr(sensor->name, choice) != NULL || strstr(sensor->path, choice) == sensor->path ||
           (length > tail && strcmp(sensor->path + length - tail, choice) == 0);
}

static void keep(struct sensors *sensors, const char *choice)
{
    enum sensor_kind best = SENSOR_OTHER;
    bool automatic = strcmp(choice, "auto") == 0;
    size_t kept = 0;

    for (size_t i = 0; i < sensors->count; i++)
        if (sensors->list[i].kind < best)
            best = sensors->list[i].kind;
    for (size_t i = 0; i < sensors->count; i++) {
        const struct sensor *sensor = &sensors->list[i];
        bool taken =
            automatic ? sensor->kind == best && best < SENSOR_GRAPHICS : is_named(sensor, choice);
        if (taken)
            sensors->list[kept++] = *sensor;
    }
    sensors->count = kept;
}

int sensors_choose(struct sensors *sensors, const char *root, const char *choice,
                   struct problem *problem)
{
    if (strchr(choice, '/') != NULL) {
        memset(sensors, 0, sizeof(*sensors));
        if (strlen(choice) >= sizeof(sensors->list[0].path))
            return problem_set(problem, PROBLEM_USAGE, "cannot use sensor '%.200s...': too long",
                               choice);
        add(sensors, choice, "file", NAN);
        return 0;
    }
    sensors_find(sensors, root);
    if (strncmp(choice, "nvml", 4) == 0)
        sensors_add_graphics(sensors);
    size_t all = sensors->count;
    keep(sensors, choice);
    if (sensors->count > 0)
        return 0;
    if (strcmp(choice, "auto") == 0)
        return problem_set(problem, PROBLEM_NOTHING,
                           "no sensor of the processor's temperature below '%s/sys': name one by "
                           "--sensor FILE, or ask for a fixed load by --duty PERCENT",
                           root);
    return problem_set(problem, PROBLEM_NOTHING,
                       "no sensor '%s' among the %zu below '%s/sys': see --list-sensors", choice,
                       all, root);
}

struct sensor_reading sensors_read(const struct sensors *sensors, size_t *which)
{
    struct sensor_reading hottest = {.fault = SENSOR_MISSING, .celsius = NAN};

    *which = 0;
    for (size_t i = 0; i < sensors->count; i++) {
        struct sensor_reading reading = sensor_read(&sensors->list[i]);
        if (i == 0 || reading.fault != SENSOR_SOUND || reading.celsius > hottest.celsius) {
            hottest = reading;
            *which = i;
        }
        if (reading.fault != SENSOR_SOUND)
            break;
    }
    return hottest;
}

double sensors_critical(const struct sensors *sensors)
{
    double lowest = NAN;

    for (size_t i = 0; i < sensors->count; i++)
        lowest = fmin(lowest, sensors->list[i].critical);
    return lowest;
}

const char *sensor_fault_text(enum sensor_fault fault)
{
    static const char *const texts[] = {
        [SENSOR_SOUND] = "sound",
        [SENSOR_MISSING] = "missing",
        [SENSOR_NOT_A_NUMBER] = "not a number",
        [SENSOR_ABSURD] = "absurd",
        [SENSOR_JUMPING] = "jumping",
        [SENSOR_STALE] = "not written any more",
        [SENSOR_FROZEN] = "frozen",
    };

    return texts[fault];
}
