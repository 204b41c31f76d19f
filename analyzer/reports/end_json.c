/* Deaths for programs. Its own file because `report` and `info` tell them alike. */
#include "analyzer/reports/end_json.h"

#include "analyzer/model/last_second.h"
#include "analyzer/reports/facts_json.h"

#include <inttypes.h>
#include <stdio.h>

static void write_time(struct json *json, const struct profile *profile, const char *key,
                       uint64_t time_ns)
{
    uint64_t start_ns = profile_start_ns(profile);

    json_double(json, key, time_ns > start_ns ? (double)(time_ns - start_ns) / 1e9 : 0);
}

static void write_word(struct json *json, const struct profile *profile,
                       const struct profile_death *death, bool with_stack)
{
    struct death_code code = death_code(death->signal, death->code);
    bool is_known = death->thread != DEATH_THREAD_UNKNOWN;
    char address[32];

    json_object_begin(json, "fault");
    json_int(json, "signal", death->signal);
    json_int(json, "code", death->code);
    json_string(json, "code_name", code.name);
    snprintf(address, sizeof(address), "0x%" PRIx64, death->address);
    json_string(json, "address", death_has_address(death->signal, death->code) ? address : NULL);
    if (death->code <= 0)
        json_int(json, "sender", death->sender);
    else
        json_null(json, "sender");
    json_int(json, "tid", death->tid);
    json_string(json, "thread", is_known ? profile->threads[death->thread].name : NULL);
    write_time(json, profile, "time_s", death->time_ns);
    if (with_stack)
        facts_json_stack(json, "stack", profile, death->stack);
    json_object_end(json);
}

static void write_thread(struct json *json, const struct profile *profile,
                         const struct labels *labels, const struct last_thread *last)
{
    const struct profile_thread *thread = &profile->threads[last->thread];

    json_object_begin(json, NULL);
    json_string(json, "name", thread->name);
    json_int(json, "tid", thread->tid);
    write_time(json, profile, "last_sample_s", thread->last.time_ns);
    facts_json_stack(json, "last_stack", profile, thread->last.stack);
    json_uint(json, "last_second_cpu_ns", last->cpu_ns);
    json_array_begin(json, "last_second");
    for (size_t i = 0; i < last->count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "function", labels->items[last->functions[i].label].name);
        json_uint(json, "cpu_ns", last->functions[i].cpu_ns);
        json_object_end(json);
    }
    json_array_end(json);
    json_object_end(json);
}

static void write_threads(struct json *json, const struct profile *profile,
                          const struct labels *labels, uint32_t process)
{
    struct last_second last;

    last_second_init(&last, profile, labels, process);
    json_array_begin(json, "threads");
    for (size_t i = 0; i < last.count; i++)
        write_thread(json, profile, labels, &last.threads[i]);
    json_array_end(json);
    last_second_release(&last);
}

static void write_memory(struct json *json, const struct profile *profile,
                         const struct profile_mapped *mapped)
{
    json_array_begin(json, "memory");
    for (size_t i = 0; i < mapped->look_count; i++) {
        const struct profile_resident *look = &mapped->looks[i];
        json_object_begin(json, NULL);
        write_time(json, profile, "time_s", look->time_ns);
        json_uint(json, "resident", look->resident);
        if (look->known & TRACE_RESIDENT_LIVE)
            json_uint(json, "live", look->live);
        else
            json_null(json, "live");
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_death(struct json *json, const struct profile *profile,
                        const struct labels *labels, uint32_t number)
{
    const struct profile_process *process = &profile->processes[number];
    bool is_known = process->end == END_SIGNAL;

    json_object_begin(json, NULL);
    json_int(json, "pid", process->pid);
    json_string(json, "comm", process->comm);
    if (is_known)
        json_int(json, "signal", process->end_status);
    else
        json_null(json, "signal");
    json_string(json, "signal_name", is_known ? death_signal_name(process->end_status) : NULL);
    if (process->death.gone && is_known)
        json_bool(json, "core", process->death.core);
    else
        json_null(json, "core");
    json_string(json, "oom_kill", process->death.oom);
    if (process->death.undated)
        json_null(json, "time_s");
    else
        write_time(json, profile, "time_s", last_second_death_ns(process));
    if (process->death.told)
        write_word(json, profile, &process->death, labels != NULL);
    else
        json_null(json, "fault");
    if (labels != NULL) {
        write_threads(json, profile, labels, number);
        write_memory(json, profile, &process->mapped);
    }
    json_object_end(json);
}

void end_json(struct json *json, const struct profile *profile, const struct labels *labels)
{
    json_array_begin(json, "deaths");
    for (uint32_t i = 0; i < profile->process_count; i++)
        if (last_second_is_dead(&profile->processes[i]))
            write_death(json, profile, labels, i);
    json_array_end(json);
}
