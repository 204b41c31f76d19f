/*
 * The time of processors, by /proc/stat. Its own file because of what has to be known of it: its
 * counts are ticks of 1/USER_HZ seconds, of each processor; user time has guests' in it; time
 * idle or waiting for disks may step back; the lines of processors that are off are missing.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const enum resource part_of[TICKS_COUNT] = {
    [TICKS_USER] = RESOURCE_CPU_USER,   [TICKS_SYSTEM] = RESOURCE_CPU_SYSTEM,
    [TICKS_IRQ] = RESOURCE_CPU_IRQ,     [TICKS_IOWAIT] = RESOURCE_CPU_IOWAIT,
    [TICKS_STEAL] = RESOURCE_CPU_STEAL,
};

static const enum resource load_of[3] = {RESOURCE_LOAD_1, RESOURCE_LOAD_5, RESOURCE_LOAD_15};

static void fail_all(struct machine_base *base, struct machine_cpu *cpu, int error)
{
    struct machine_series *series[] = {&cpu->busy_all, &cpu->switch_rate, &cpu->interrupt_rate,
                                       &cpu->fork_rate, &cpu->runnable};
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        machine_series_fail(series[i], base->log, "/proc/stat", error);
    for (unsigned i = 0; i < TICKS_COUNT; i++)
        machine_series_fail(&cpu->parts[i], base->log, "/proc/stat", error);
    for (unsigned i = 0; i < cpu->count; i++)
        machine_series_fail(&cpu->cores[i].busy, base->log, "/proc/stat", error);
}

void machine_cpu_open(struct machine_base *base, struct machine_cpu *cpu)
{
    struct resource_log *log = base->log;
    long hertz = sysconf(_SC_CLK_TCK);
    cpu->tick_ns = 1000000000u / (hertz > 0 ? (uint64_t)hertz : 100);
    machine_series_add(&cpu->busy_all, log, RESOURCE_CPU_BUSY, NULL);
    for (unsigned i = 0; i < TICKS_COUNT; i++)
        machine_series_add(&cpu->parts[i], log, part_of[i], NULL);
    machine_series_add(&cpu->switch_rate, log, RESOURCE_CPU_SWITCHES, NULL);
    machine_series_add(&cpu->interrupt_rate, log, RESOURCE_CPU_INTERRUPTS, NULL);
    machine_series_add(&cpu->fork_rate, log, RESOURCE_CPU_FORKS, NULL);
    machine_series_add(&cpu->runnable, log, RESOURCE_CPU_RUNNABLE, NULL);
    for (unsigned i = 0; i < 3; i++)
        machine_series_add(&cpu->loads[i], log, load_of[i], NULL);

    int error = kernel_file_open(&base->files, &cpu->stat, "/proc/stat");
    if (error) {
        fail_all(base, cpu, error);
        machine_series_none(log, RESOURCE_CPU_CORE, kernel_error_text(error));
    }
    error = kernel_file_open(&base->files, &cpu->loadavg, "/proc/loadavg");
    for (unsigned i = 0; error && i < 3; i++)
        machine_series_fail(&cpu->loads[i], log, "/proc/loadavg", error);
}

/* The increases of a line, in ticks; their sum without waiting and stealing. */
static uint64_t step(struct machine_core *core, const char *at, uint64_t increases[TICKS_COUNT])
{
    /* proc(5): user nice system idle iowait irq softirq steal, and guests, which user has too. */
    static const int kinds[] = {TICKS_USER,   TICKS_USER, TICKS_SYSTEM, -1,
                                TICKS_IOWAIT, TICKS_IRQ,  TICKS_IRQ,    TICKS_STEAL};
    uint64_t ticks[TICKS_COUNT] = {0}, value, busy = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds && number_text_next(&at, &value); i++)
        if (kinds[i] >= 0)
            ticks[kinds[i]] += value;
    for (unsigned i = 0; i < TICKS_COUNT; i++) {
        bool rose = core->known && ticks[i] > core->ticks[i];
        increases[i] = rose ? ticks[i] - core->ticks[i] : 0;
        busy += i == TICKS_IOWAIT || i == TICKS_STEAL ? 0 : increases[i];
        core->ticks[i] = ticks[i];
    }
    core->known = true;
    core->busy_ticks += busy;
    return busy;
}

static void tell_of_many(struct machine_base *base)
{
    struct machine_series others;
    machine_series_add(&others, base->log, RESOURCE_CPU_CORE, "others");
    machine_series_silence(&others, base->log,
                           "processors from the 1024th on are told in all only");
}

static void look_at_core(struct machine_base *base, struct machine_cpu *cpu, const char *at)
{
    uint64_t number, increases[TICKS_COUNT];
    char name[16];
    if (!number_text_next(&at, &number))
        return;
    if (number >= MACHINE_CORES_MAX) {
        if (!cpu->many)
            tell_of_many(base);
        cpu->many = true;
        return;
    }
    struct machine_core *core = &cpu->cores[number];
    if (!core->busy.id) {
        snprintf(name, sizeof name, "cpu%u", (unsigned)number);
        machine_series_add(&core->busy, base->log, RESOURCE_CPU_CORE, name);
    }
    if (number >= cpu->count)
        cpu->count = (unsigned)number + 1;
    core->seen = true;
    step(core, at, increases);
    if (base->slow || cpu->count <= MACHINE_CORES_FAST)
        machine_series_put(&core->busy, base->log, (int64_t)(core->busy_ticks * cpu->tick_ns));
}

/* Other lines of one number each, or with one first. */
enum line { LINE_SWITCHES, LINE_INTERRUPTS, LINE_FORKS, LINE_RUNNABLE, LINES };

struct lines {
    bool known[LINES];
    uint64_t values[LINES];
};

static void read_line(struct lines *lines, const char *line)
{
    static const char *const names[LINES] = {"ctxt ", "intr ", "processes ", "procs_running "};
    for (unsigned i = 0; i < LINES; i++) {
        const char *at = number_text_after(line, names[i]);
        if (at && number_text_next(&at, &lines->values[i]))
            lines->known[i] = true;
    }
}

static void put_lines(struct machine_base *base, struct machine_cpu *cpu, const struct lines *lines)
{
    struct machine_series *series[LINES] = {&cpu->switch_rate, &cpu->interrupt_rate,
                                            &cpu->fork_rate, &cpu->runnable};
    struct rising_count *counts[LINES] = {&cpu->switches, &cpu->interrupts, &cpu->forks, NULL};
    for (unsigned i = 0; i < LINES; i++) {
        uint64_t value = lines->values[i];
        if (!lines->known[i])
            machine_series_silence(series[i], base->log, "/proc/stat does not tell it");
        else if (counts[i])
            machine_series_count(series[i], base->log, counts[i], value, 1);
        else /* but for us */
            machine_series_put(series[i], base->log, value ? (int64_t)value - 1 : 0);
    }
}

/* The whole: its line has the sum of all processors, also of those that are off now. */
static void put_all(struct machine_base *base, struct machine_cpu *cpu, const char *at,
                    unsigned online)
{
    uint64_t increases[TICKS_COUNT];
    uint64_t busy_ns = step(&cpu->all, at, increases) * cpu->tick_ns / online;
    cpu->busy_ns += busy_ns;
    machine_series_put(&cpu->busy_all, base->log, (int64_t)cpu->busy_ns);
    for (unsigned i = 0; i < TICKS_COUNT; i++) {
        cpu->sums_ns[i] += increases[i] * cpu->tick_ns / online;
        machine_series_put(&cpu->parts[i], base->log, (int64_t)cpu->sums_ns[i]);
    }
    uint64_t lasted_ns = base->files.now_ns - cpu->at_ns;
    bool first = !cpu->at_ns;
    cpu->at_ns = base->files.now_ns;
    if (first || !lasted_ns)
        return;
    double lasted = (double)lasted_ns;
    double busy =
        ((double)busy_ns + (double)(increases[TICKS_STEAL] * cpu->tick_ns) / online) / lasted;
    double change = busy > cpu->last_busy ? busy - cpu->last_busy : cpu->last_busy - busy;
    base->busy = busy < 1 ? busy : 1;
    base->change = change > base->change ? (change < 1 ? change : 1) : base->change;
    cpu->last_busy = busy;
}

static void end_cores(struct machine_base *base, struct machine_cpu *cpu)
{
    for (unsigned i = 0; i < cpu->count; i++)
        if (!cpu->cores[i].seen && cpu->cores[i].busy.id)
            machine_series_silence(&cpu->cores[i].busy, base->log, "the processor is off");
}

static void look_at_stat(struct machine_base *base, struct machine_cpu *cpu)
{
    struct lines lines = {.known = {false}};
    unsigned online = 0;
    const char *all = NULL;
    for (unsigned i = 0; i < cpu->count; i++)
        cpu->cores[i].seen = false;
    for (const char *line = base->files.text; line; line = number_text_line(line)) {
        const char *at = number_text_after(line, "cpu");
        if (!at) {
            read_line(&lines, line);
        } else if (*at == ' ') {
            all = at;
        } else {
            online++;
            look_at_core(base, cpu, at);
        }
    }
    if (all && online)
        put_all(base, cpu, all, online);
    put_lines(base, cpu, &lines);
    end_cores(base, cpu);
}

static void look_at_load(struct machine_base *base, struct machine_cpu *cpu)
{
    ssize_t size = kernel_file_read(&base->files, &cpu->loadavg);
    const char *at = base->files.text;
    int64_t value;
    for (unsigned i = 0; i < 3; i++) {
        if (size > 0 && number_text_decimal(&at, 2, &value) && value >= 0)
            machine_series_put(&cpu->loads[i], base->log, value);
        else
            machine_series_fail(&cpu->loads[i], base->log, "/proc/loadavg",
                                size < 0 ? (int)size : -EINVAL);
    }
}

void machine_cpu_look(struct machine_base *base, struct machine_cpu *cpu)
{
    if (kernel_file_is_due(&base->files, &cpu->stat)) {
        ssize_t size = kernel_file_read(&base->files, &cpu->stat);
        if (size > 0)
            look_at_stat(base, cpu);
        else
            fail_all(base, cpu, (int)size);
    }
    if (base->slow && kernel_file_is_due(&base->files, &cpu->loadavg))
        look_at_load(base, cpu);
}
