/*
 * Asked for and to be had. Its own file because what is chosen instead is always said,
 * in the same words and place.
 */
#include "preload/choices.h"

#include "preload/clock_perf.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/control.h"
#include "preload/hardware_counters.h"
#include "preload/heap_exact.h"
#include "preload/heap_hooks.h"
#include "preload/map_hooks.h"
#include "preload/next_allocator.h"
#include "preload/operator_hooks.h"
#include "preload/unwind_libunwind.h"
#include "preload/waits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* A tick takes up to 30 us in a virtual machine: at 100000 a second the target stands still. */
#define PERF_HZ_MAX 10000u

const struct clock *choice_of_clock(const struct settings *settings,
                                    const struct recording *recording, char *why, size_t why_size)
{
    const char *name = settings->text[SETTING_ID_clock];
    bool killed = strcmp(name, "perf") == 0 && confinement_kills(CONFINEMENT_PERF);
    if (settings_flag(settings, SETTING_ID_kernel))
        clock_perf_want_kernel();
    const struct clock *clock = clock_choose(killed ? "cpu" : name, why, why_size);
    if (clock && killed && !why[0])
        snprintf(why, why_size, "clock perf: a seccomp filter kills on perf_event_open; using cpu");
    if (clock && why[0])
        recording_message(recording, why);
    return clock;
}

uint64_t choice_of_period(const struct settings *settings, const struct clock *clock,
                          const struct recording *recording)
{
    char line[120];
    uint64_t hz = settings->number[SETTING_ID_frequency];
    if (clock == &clock_perf && hz > PERF_HZ_MAX) {
        hz = PERF_HZ_MAX;
        snprintf(line, sizeof line, "clock perf: %u samples a second at most", PERF_HZ_MAX);
        recording_message(recording, line);
    }
    return 1000000000u / hz;
}

const char *choice_of_kernel(const struct settings *settings, const struct recording *recording)
{
    char line[200];
    if (!settings_flag(settings, SETTING_ID_kernel))
        return NULL;
    const char *reason = clock_perf_why_no_kernel();
    if (reason) {
        snprintf(line, sizeof line, "no frames of the kernel: %s", reason);
        recording_message(recording, line);
    }
    return reason;
}

void choice_of_counters(const struct clock *clock, struct facts *facts)
{
    static char why[128] = "--clock perf counts them";
    int status = -ENOTSUP;
    if (clock == &clock_perf)
        status = hardware_counters_try(hardware_events, why, sizeof why);
    facts->counters = status != 0                     ? "unavailable"
                      : hardware_counters_by_sample() ? "by sample"
                                                      : "by thread";
    facts->counters_reason = status != 0 ? why : NULL;
}

void choice_of_heap(const struct settings *settings, bool preloaded, struct facts *facts)
{
    const char *mode = settings->text[SETTING_ID_heap];
    bool off = strcmp(mode, "off") == 0, sampled = strcmp(mode, "sampled") == 0;
    bool exact = strcmp(mode, "exact") == 0;
    facts->heap_reason = off ? "--heap off" : preloaded ? heap_hooks_init(exact) : "not preloaded";
    facts->heap = !off && facts->heap_reason ? "unavailable" : mode;
    facts->heap_interval =
        sampled && !facts->heap_reason ? settings->number[SETTING_ID_heap_interval] : 0;
    if (exact && !facts->heap_reason)
        heap_exact_want(settings->number[SETTING_ID_heap_buffer]);
    map_hooks_init();
    operator_hooks_init();
    if (off || !preloaded)
        return;
    facts->memory_known = TRACE_RESIDENT_MAPPED;
    if (!facts->heap_reason) {
        facts->memory_known |= TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD;
        if (!next_allocator_is_libc)
            map_hooks_know_allocator((uint64_t)next_allocator_address());
    }
}

void choice_of_waits(const struct settings *settings, bool preloaded, struct facts *facts)
{
    facts->waits = preloaded && strcmp(settings->text[SETTING_ID_waits], "on") == 0;
    if (facts->waits)
        waits_init(settings->number[SETTING_ID_wait_threshold] * 1000);
}

bool choice_of_leak_scan(const struct settings *settings, const struct recording *recording,
                         const struct facts *facts, struct leak_scan_options *options)
{
    char line[160];
    bool exact = strcmp(facts->heap, "exact") == 0, now;
    if (!settings_flag(settings, SETTING_ID_leak_scan))
        return false;
    now = strcmp(settings->text[SETTING_ID_start], "now") == 0;
    options->sampled = facts->heap_interval != 0;
    options->whole &= now && !settings->number[SETTING_ID_delay];
    const char *reason = !options->sampled && !exact ? "it needs --heap sampled or exact"
                         : confinement_any_sigsafe() ? "a seccomp filter is in force"
                                                     : NULL;
    if (reason) {
        snprintf(line, sizeof line, "process %d: no scan for leaks: %s", (int)getpid(), reason);
        recording_message(recording, line);
    }
    return !reason;
}

enum unwind_mode choice_of_unwinder(const struct settings *settings, bool preloaded,
                                    const struct recording *recording, const char **name, char *why,
                                    size_t why_size)
{
    const char *asked = settings->text[SETTING_ID_unwinder];
    bool libunwind = strcmp(asked, "libunwind") == 0;
    *name = asked;
    /* It is led to modules by a hook of ours, which only who came first has. */
    bool there = preloaded && libunwind_init();
    if (!libunwind || there)
        return libunwind ? UNWIND_LIBUNWIND : strcmp(asked, "fp") == 0 ? UNWIND_FP : UNWIND_AUTO;
    *name = "auto";
    snprintf(why, why_size, "unwinder libunwind: %s; using auto",
             preloaded ? "libunwind.so.8 is not there" : "the library was not preloaded");
    recording_message(recording, why);
    return UNWIND_AUTO;
}

void choice_of_plan(const struct settings *settings, const struct recording *recording)
{
    const uint64_t *number = settings->number;
    uint64_t age = libc_clock_read_sigsafe(CLOCK_REALTIME) - recording->created_ns;
    uint64_t now = libc_clock_now_sigsafe();
    uint64_t began = recording->created_ns && age < now ? now - age : now;
    uint64_t start = began + number[SETTING_ID_delay], length = number[SETTING_ID_duration];
    struct control_plan plan = {
        .paused = strcmp(settings->text[SETTING_ID_start], "paused") == 0,
        .start_ns = start,
        .end_ns = length ? start + length : 0,
        .toggle_signal = (int)number[SETTING_ID_toggle_signal],
    };
    control_init(&plan);
}
