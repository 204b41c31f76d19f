/*
 * Reading a process. Its own file beside thread_monitor.c: here is what only the process as a
 * whole has, or what it has of threads that are gone as well.
 */
#include "preload/resources/process_monitor.h"

#include "preload/contract/libc_clock.h"
#include "preload/resources/task_stat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096u
#define SECOND_NS 1000000000ull

/* smaps_rollup walks through all pages that are resident, 0.3 ms for 100 MiB, and holds up who maps
 * memory meanwhile: it may take that part of the time, and is left alone where it would take long. */
#define PSS_PART 1000u
#define PSS_LEAST_NS (10 * SECOND_NS)
#define PSS_RESIDENT_MAX (1ull << 30)
#define PSS_AGE_NS (SECOND_NS / 2)

static const enum resource of_stat[] = {RESOURCE_PROCESS_USER,   RESOURCE_PROCESS_SYSTEM,
                                        RESOURCE_PROCESS_RSS,    RESOURCE_PROCESS_VIRTUAL,
                                        RESOURCE_PROCESS_FAULTS, RESOURCE_PROCESS_MAJOR_FAULTS,
                                        RESOURCE_PROCESS_THREADS};
/* In the order of enum process_io_kind. */
static const enum resource of_io[] = {RESOURCE_PROCESS_READ, RESOURCE_PROCESS_WRITTEN,
                                      RESOURCE_PROCESS_CALLS_READ, RESOURCE_PROCESS_CALLS_WRITTEN};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void add_all(struct process_monitor *monitor, const enum resource *resources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        monitor->ids[resources[i]] = resource_log_add(monitor->log, resources[i], NULL, 0);
}

static void all_unavailable(struct process_monitor *monitor, const enum resource *resources,
                            size_t count, const char *reason)
{
    for (size_t i = 0; i < count; i++)
        resource_log_unavailable(monitor->log, monitor->ids[resources[i]], reason);
}

void process_monitor_init(struct process_monitor *monitor, struct kept_folder *folder,
                          struct resource_log *log, int own_tid, uint64_t now_ns)
{
    static const enum resource others[] = {RESOURCE_PROCESS_CPU, RESOURCE_PROCESS_PSS,
                                           RESOURCE_PROCESS_SWAP};
    const struct kept_file none = {-1};
    long ticks = sysconf(_SC_CLK_TCK);
    memset(monitor, 0, sizeof *monitor);
    monitor->folder = folder;
    monitor->log = log;
    monitor->own_tid = own_tid;
    monitor->tick_ns = SECOND_NS / (uint64_t)(ticks > 0 ? ticks : 100);
    monitor->begun_ns = now_ns;
    monitor->stat = monitor->own_stat = monitor->status = none;
    process_io_init(&monitor->io, folder, &monitor->stat, own_tid);
    add_all(monitor, of_stat, COUNT(of_stat));
    add_all(monitor, of_io, COUNT(of_io));
    add_all(monitor, others, COUNT(others));
}

uint64_t process_monitor_cpu_ns(struct process_monitor *monitor)
{
    clockid_t clock = CLOCK_PROCESS_CPUTIME_ID;
    if (monitor->own_tid && !monitor->folder->elsewhere)
        monitor->own_cpu_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    if (monitor->folder->pid && clock_getcpuclockid(monitor->folder->pid, &clock) != 0)
        return monitor->cpu_ns;
    uint64_t all = libc_clock_read_sigsafe(clock);
    uint64_t its = all > monitor->own_cpu_ns ? all - monitor->own_cpu_ns : 0;
    monitor->cpu_ns = its > monitor->cpu_ns ? its : monitor->cpu_ns;
    return monitor->cpu_ns;
}

static void put(struct process_monitor *monitor, enum resource resource, uint64_t value)
{
    resource_log_put(monitor->log, monitor->ids[resource], (int64_t)value);
}

/* A sum less the part of the thread that looks. */
static void put_sum(struct process_monitor *monitor, enum resource resource, uint64_t *told,
                    uint64_t its, uint64_t own, uint64_t unit)
{
    uint64_t value = its > own ? its - own : 0;
    *told = value > *told ? value : *told;
    put(monitor, resource, *told * unit);
}

/* Of the process, or of the thread that looks. */
static ssize_t read_one(struct process_monitor *monitor, struct kept_file *file, const char *name,
                        bool own, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "task/%d/%s", monitor->own_tid, name);
    return kept_file_read(monitor->folder, file, own ? path : name, text, size);
}

static void put_sizes(struct process_monitor *monitor, const struct task_stat *its)
{
    monitor->threads = its->threads - (monitor->own_tid && its->threads);
    monitor->resident = its->resident_pages * PAGE;
    put(monitor, RESOURCE_PROCESS_RSS, monitor->resident);
    put(monitor, RESOURCE_PROCESS_VIRTUAL, its->address_space);
    put(monitor, RESOURCE_PROCESS_THREADS, monitor->threads);
}

/* False when it has ended, or is not to be read. */
static bool look_at_stat(struct process_monitor *monitor)
{
    struct task_stat its, own = {0};
    struct process_sums *told = &monitor->told;
    char text[1024];
    if (monitor->own_tid &&
        read_one(monitor, &monitor->own_stat, "stat", true, text, sizeof text) > 0)
        task_stat_parse(text, &own);
    ssize_t status = read_one(monitor, &monitor->stat, "stat", false, text, sizeof text);
    if (status <= 0 || !task_stat_parse(text, &its)) {
        if (!kept_folder_is_gone(monitor->folder, status))
            all_unavailable(monitor, of_stat, COUNT(of_stat), kept_file_reason(status));
        return false;
    }
    all_unavailable(monitor, of_stat, COUNT(of_stat), NULL);
    monitor->children = its.children;
    if (!its.is_zombie)
        put_sizes(monitor, &its);
    put_sum(monitor, RESOURCE_PROCESS_USER, &told->user_ticks, its.user_ticks, own.user_ticks,
            monitor->tick_ns);
    put_sum(monitor, RESOURCE_PROCESS_SYSTEM, &told->system_ticks, its.system_ticks,
            own.system_ticks, monitor->tick_ns);
    put_sum(monitor, RESOURCE_PROCESS_FAULTS, &told->faults, its.faults, own.faults, 1);
    put_sum(monitor, RESOURCE_PROCESS_MAJOR_FAULTS, &told->major_faults, its.major_faults,
            own.major_faults, 1);
    return !its.is_zombie;
}

static void look_at_io(struct process_monitor *monitor)
{
    ssize_t status = process_io_look(&monitor->io, monitor->children);
    if (status < 0) {
        if (!kept_folder_is_gone(monitor->folder, status))
            all_unavailable(monitor, of_io, COUNT(of_io), kept_file_reason(status));
        return;
    }
    all_unavailable(monitor, of_io, COUNT(of_io), NULL);
    for (unsigned i = 0; i < COUNT(of_io); i++)
        put(monitor, of_io[i], monitor->io.told.of[i]);
}

static void put_listed(struct process_monitor *monitor, enum resource resource, ssize_t status,
                       const char *text, const char *name)
{
    uint64_t kib;
    bool found = status > 0 && kept_file_named(text, name, &kib);
    if (status == -ESRCH || status == -ENODATA) /* it is about to end */
        return;
    resource_log_unavailable(monitor->log, monitor->ids[resource],
                             found ? NULL : kept_file_reason(status));
    if (found)
        put(monitor, resource, kib << 10);
}

static void look_at_swap(struct process_monitor *monitor)
{
    char text[4096];
    ssize_t status = read_one(monitor, &monitor->status, "status", false, text, sizeof text);
    put_listed(monitor, RESOURCE_PROCESS_SWAP, status, text, "VmSwap:");
}

/* As often as that is cheap. */
static void look_at_pss(struct process_monitor *monitor, uint64_t now_ns)
{
    char text[4096];
    if (now_ns - monitor->begun_ns < PSS_AGE_NS ||
        (monitor->pss_ns && now_ns - monitor->pss_ns < monitor->pss_rest_ns))
        return;
    monitor->pss_ns = now_ns;
    monitor->pss_rest_ns = PSS_LEAST_NS;
    if (monitor->resident > PSS_RESIDENT_MAX) {
        resource_log_unavailable(monitor->log, monitor->ids[RESOURCE_PROCESS_PSS],
                                 "more than 1 GiB resident: it would be held up");
        return;
    }
    uint64_t before_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
    ssize_t status = read_one(monitor, NULL, "smaps_rollup", false, text, sizeof text);
    put_listed(monitor, RESOURCE_PROCESS_PSS, status, text, "Pss:");
    uint64_t cost_ns = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before_ns;
    if (cost_ns * PSS_PART > PSS_LEAST_NS)
        monitor->pss_rest_ns = cost_ns * PSS_PART;
}

/* Its files are kept open, which there is no room for. */
static void tell_no_group(struct process_monitor *monitor)
{
    for (enum resource i = RESOURCE_CGROUP_CPU_LIMIT; i <= RESOURCE_CGROUP_PIDS_LIMIT; i++) {
        monitor->ids[i] = resource_log_add(monitor->log, i, NULL, 0);
        resource_log_unavailable(monitor->log, monitor->ids[i], kept_file_reason(-EMFILE));
    }
}

/* Finding it takes 0.1 ms, which is too much for those that end at once. */
static void look_at_group(struct process_monitor *monitor, uint64_t now_ns)
{
    if (now_ns - monitor->begun_ns < PSS_AGE_NS)
        return;
    if (!monitor->grouped && monitor->folder->directory < 0 && monitor->folder->has_proc) {
        tell_no_group(monitor);
        return;
    }
    if (!monitor->grouped)
        control_group_open(&monitor->group, "", monitor->folder->pid, monitor->log);
    monitor->grouped = true;
    control_group_look(&monitor->group);
}

void process_monitor_look(struct process_monitor *monitor, uint64_t now_ns, bool slow, bool last)
{
    uint64_t cpu_ns = monitor->cpu_ns;
    put(monitor, RESOURCE_PROCESS_CPU, last ? cpu_ns : cpu_ns - cpu_ns % MONITOR_UNIT_NS);
    bool lives = look_at_stat(monitor);
    look_at_io(monitor);
    if (!lives || !slow || last)
        return;
    look_at_swap(monitor);
    look_at_pss(monitor, now_ns);
    look_at_group(monitor, now_ns);
}

void process_monitor_close(struct process_monitor *monitor)
{
    kept_file_close(monitor->folder, &monitor->stat);
    kept_file_close(monitor->folder, &monitor->own_stat);
    kept_file_close(monitor->folder, &monitor->status);
    process_io_close(&monitor->io);
    if (monitor->grouped)
        control_group_close(&monitor->group);
    monitor->grouped = false;
}
