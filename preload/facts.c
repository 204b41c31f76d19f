/*
 * Collecting the facts. Its own file because none of it is needed to sample, and
 * all of it to understand samples later.
 */
#include "preload/facts.h"

#include "preload/contract/identity.h"
#include "preload/contract/kernel_text.h"
#include "preload/unwind_libunwind.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#define ARGS_MAX (64u << 10)

void facts_comm(char *comm, size_t size)
{
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    snprintf(comm, size, "%s", name[0] ? name : "unknown");
    for (char *c = comm; *c; c++)
        if (*c == '/' || (unsigned char)*c < ' ')
            *c = '_';
}

static void put_text(struct drain *drain, const char *name, const char *value)
{
    drain_property(drain, name, value, strlen(value));
}

/* The whole of a file of ours; its size, 0 when it cannot be read. */
static size_t read_own(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : read(fd, text, size);
    if (fd >= 0)
        close(fd);
    return got > 0 ? (size_t)got : 0;
}

static void put_comm(struct drain *drain, bool in_servant)
{
    char text[64] = "";
    size_t size = 0;
    if (in_servant) /* whose name is its own */
        size = read_own("/proc/self/comm", text, sizeof text);
    else
        prctl(PR_GET_NAME, text);
    drain_property(drain, "comm", text, size ? size - 1 : strlen(text));
}

/* What a program's fork children have from it, unless they live to change it. */
static struct {
    char exe[PATH_MAX], args[ARGS_MAX];
    size_t exe_size, args_size;
} known;

static void put_program(struct drain *drain, bool with_args)
{
    if (known.exe_size)
        drain_property(drain, "exe", known.exe, known.exe_size);
    size_t size = known.args_size;
    if (size && with_args)
        drain_property(drain, "args", known.args, known.args[size - 1] ? size : size - 1);
}

static void look_at_program(void)
{
    known.exe_size = 0;
    known.args_size = read_own("/proc/self/cmdline", known.args, sizeof known.args);
    ssize_t size = readlink("/proc/self/exe", known.exe, sizeof known.exe);
    known.exe_size = size > 0 ? (size_t)size : 0; /* last: then all is there */
}

static void put_machine(struct drain *drain)
{
    static long cpus; /* looked up in a file; fork children have it from us */
    struct utsname name;
    cpus = cpus ? cpus : sysconf(_SC_NPROCESSORS_ONLN);
    if (uname(&name) == 0) {
        put_text(drain, "host", name.nodename);
        put_text(drain, "kernel", name.release);
    }
    drain_property_number(drain, "cpus", (uint64_t)cpus);
    drain_property_number(drain, "page_size", (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Addresses of the kernel mean something until the next boot. */
static void put_boot_id(struct drain *drain)
{
    char text[64];
    if (kernel_text_read("/proc/sys/kernel/random/boot_id", text, sizeof text))
        drain_property(drain, "boot_id", text, strcspn(text, "\n"));
}

static void put_settings(struct drain *drain, const struct settings *settings)
{
    char name[64];
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        snprintf(name, sizeof name, "setting.%s", setting->name);
        put_text(drain, name, settings_text(settings, id));
    }
}

static void put_resources(struct drain *drain, const struct settings *settings)
{
    const uint64_t rate = settings->number[SETTING_ID_resources];
    put_text(drain, "resources", rate ? "on" : "off");
    if (rate)
        drain_property_number(drain, "resources_asked", rate);
}

void facts_describe(const struct facts *facts, struct drain *drain)
{
    if (!facts->brief || !known.exe_size)
        look_at_program();
    put_comm(drain, !facts->brief);
    put_program(drain, settings_flag(facts->settings, SETTING_ID_args));
    drain_property_number(drain, "pid", (uint64_t)getpid());
    drain_property_number(drain, "ppid", (uint64_t)getppid());
    put_machine(drain);
    drain_property_number(drain, "start_realtime_ns", facts->start_realtime_ns);
    drain_property_number(drain, "start_monotonic_ns", facts->start_monotonic_ns);
    drain_property_number(drain, "frequency_asked", facts->settings->number[SETTING_ID_frequency]);
    drain_property_number(drain, "weight_unit_ns", facts->weight_unit_ns);
    put_text(drain, "clock", facts->clock);
    put_text(drain, "waits", facts->waits ? "on" : "off");
    if (facts->waits)
        drain_property_number(drain, "wait_threshold_ns",
                              facts->settings->number[SETTING_ID_wait_threshold] * 1000);
    if (facts->looks_asked)
        drain_property_number(drain, "looks_asked", facts->looks_asked);
    put_text(drain, "unwinder", facts->unwinder);
    put_text(drain, "libunwind", libunwind_is_there() ? "libunwind.so.8" : "absent");
    put_text(drain, "servant", facts->servant);
    put_text(drain, "heap", facts->heap);
    if (facts->heap_reason)
        put_text(drain, "heap_reason", facts->heap_reason);
    if (facts->heap_interval) {
        drain_property_number(drain, "heap_interval", facts->heap_interval);
        drain_property_number(drain, "heap_block_charge", TRACE_HEAP_BLOCK_CHARGE);
    }
    put_text(drain, "mapped",
             facts->memory_known & TRACE_RESIDENT_MAPPED ? "on"
             : facts->heap_reason                        ? facts->heap_reason
                                                         : "unavailable");
    put_text(drain, "counters", facts->counters);
    if (facts->counters_reason)
        put_text(drain, "counters_reason", facts->counters_reason);
    put_text(drain, "kernel_frames", facts->kernel);
    if (facts->kernel_reason)
        put_text(drain, "kernel_frames_reason", facts->kernel_reason);
    put_resources(drain, facts->settings);
    put_boot_id(drain);
    drain_property_number(drain, "max_depth", facts->settings->number[SETTING_ID_max_depth]);
    put_text(drain, "ring_file", facts->ring_file);
    put_text(drain, "library_version", PROFINJECT_VERSION);
    put_settings(drain, facts->settings);
}
