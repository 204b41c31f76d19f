/*
 * Collecting the facts. Its own file because none of it is needed to sample, and
 * all of it to understand samples later.
 */
#include "preload/facts.h"

#include "preload/contract/drain_encode.h"
#include "preload/contract/identity.h"
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

static void put_text(struct buffer *to, const char *name, const char *value)
{
    encode_property(to, name, value, strlen(value));
}

static void put_number(struct buffer *to, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    put_text(to, name, text);
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

static void put_comm(struct buffer *to, bool in_servant)
{
    char text[64] = "";
    size_t size = 0;
    if (in_servant) /* whose name is its own */
        size = read_own("/proc/self/comm", text, sizeof text);
    else
        prctl(PR_GET_NAME, text);
    encode_property(to, "comm", text, size ? size - 1 : strlen(text));
}

/* What a program's fork children have from it, unless they live to change it. */
static struct {
    char exe[PATH_MAX], args[ARGS_MAX];
    size_t exe_size, args_size;
} known;

static void put_program(struct buffer *to, bool with_args)
{
    if (known.exe_size)
        encode_property(to, "exe", known.exe, known.exe_size);
    size_t size = known.args_size;
    if (size && with_args)
        encode_property(to, "args", known.args, known.args[size - 1] ? size : size - 1);
}

static void look_at_program(void)
{
    known.exe_size = 0;
    known.args_size = read_own("/proc/self/cmdline", known.args, sizeof known.args);
    ssize_t size = readlink("/proc/self/exe", known.exe, sizeof known.exe);
    known.exe_size = size > 0 ? (size_t)size : 0; /* last: then all is there */
}

static void put_machine(struct buffer *to)
{
    static long cpus; /* looked up in a file; fork children have it from us */
    struct utsname name;
    cpus = cpus ? cpus : sysconf(_SC_NPROCESSORS_ONLN);
    if (uname(&name) == 0) {
        put_text(to, "host", name.nodename);
        put_text(to, "kernel", name.release);
    }
    put_number(to, "cpus", (uint64_t)cpus);
    put_number(to, "page_size", (uint64_t)sysconf(_SC_PAGESIZE));
}

/* Addresses of the kernel mean something until the next boot. */
static void put_boot_id(struct buffer *to)
{
    char text[64];
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof text);
    if (fd >= 0)
        close(fd);
    if (size > 1)
        encode_property(to, "boot_id", text, (size_t)size - 1);
}

static void put_settings(struct buffer *to, const struct settings *settings)
{
    char name[64];
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        snprintf(name, sizeof name, "setting.%s", setting->name);
        put_text(to, name, setting->kind == SETTING_PATH ? settings->output : settings->text[id]);
    }
}

void facts_describe(const struct facts *facts, struct buffer *to)
{
    if (!facts->brief || !known.exe_size)
        look_at_program();
    put_comm(to, !facts->brief);
    put_program(to, settings_flag(facts->settings, SETTING_ID_args));
    put_number(to, "pid", (uint64_t)getpid());
    put_number(to, "ppid", (uint64_t)getppid());
    put_machine(to);
    put_number(to, "start_realtime_ns", facts->start_realtime_ns);
    put_number(to, "start_monotonic_ns", facts->start_monotonic_ns);
    put_number(to, "frequency_asked", facts->settings->number[SETTING_ID_frequency]);
    put_number(to, "weight_unit_ns", facts->weight_unit_ns);
    put_text(to, "clock", facts->clock);
    if (facts->looks_asked)
        put_number(to, "looks_asked", facts->looks_asked);
    put_text(to, "unwinder", facts->unwinder);
    put_text(to, "libunwind", libunwind_is_there() ? "libunwind.so.8" : "absent");
    put_text(to, "servant", facts->servant);
    put_text(to, "heap", facts->heap);
    if (facts->heap_reason)
        put_text(to, "heap_reason", facts->heap_reason);
    if (facts->heap_interval) {
        put_number(to, "heap_interval", facts->heap_interval);
        put_number(to, "heap_block_charge", TRACE_HEAP_BLOCK_CHARGE);
    }
    put_text(to, "mapped",
             facts->memory_known & TRACE_RESIDENT_MAPPED ? "on"
             : facts->heap_reason                        ? facts->heap_reason
                                                         : "unavailable");
    put_text(to, "counters", facts->counters);
    if (facts->counters_reason)
        put_text(to, "counters_reason", facts->counters_reason);
    put_text(to, "kernel_frames", facts->kernel);
    if (facts->kernel_reason)
        put_text(to, "kernel_frames_reason", facts->kernel_reason);
    put_boot_id(to);
    put_number(to, "max_depth", facts->settings->number[SETTING_ID_max_depth]);
    put_text(to, "ring_file", facts->ring_file);
    put_text(to, "library_version", PROFINJECT_VERSION);
    put_settings(to, facts->settings);
}
