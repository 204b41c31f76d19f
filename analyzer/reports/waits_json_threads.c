/* Threads' time by the kernel's count, for machines. Its own file as it needs no hook. */
#include "analyzer/reports/waits_json_threads.h"

#include "analyzer/model/demand.h"

static void put_seconds(struct json *json, const char *key, bool is_known, uint64_t time_ns)
{
    if (is_known)
        json_double(json, key, (double)time_ns / 1e9);
    else
        json_null(json, key);
}

static void put_count(struct json *json, const char *key, bool is_known, uint64_t count)
{
    if (is_known)
        json_uint(json, key, count);
    else
        json_null(json, key);
}

static void write_thread(struct json *json, const struct profile *profile, size_t number)
{
    const struct profile_thread *thread = &profile->threads[number];
    const struct thread_time *time = &thread->time;

    json_object_begin(json, NULL);
    json_string(json, "name", thread->name);
    json_int(json, "tid", thread->tid);
    json_int(json, "process", profile->processes[thread->process].pid);
    put_seconds(json, "wall", time->known, time->wall_ns);
    put_seconds(json, "cpu", time->known, time->cpu_ns);
    put_seconds(json, "runnable", time->has_runnable, time->runnable_ns);
    put_seconds(json, "blocked", time->known, time->blocked_ns);
    put_seconds(json, "hooked", time->known, time->hooked_ns);
    put_seconds(json, "looked", time->known, time->looked_ns);
    put_count(json, "voluntary", time->has_switches, time->voluntary);
    put_count(json, "involuntary", time->has_switches, time->involuntary);
    put_count(json, "migrations", time->has_migrations, time->migrations);
    json_object_end(json);
}

void waits_json_threads(struct json *json, const struct profile *profile)
{
    struct demand demand = demand_of(profile, SIZE_MAX);

    json_array_begin(json, "threads");
    for (size_t i = 0; i < profile->thread_count; i++)
        write_thread(json, profile, i);
    json_array_end(json);
    json_object_begin(json, "demand");
    put_count(json, "threads_wanting_cpu", demand.is_known, demand.wanting);
    put_count(json, "cpus", demand.cpus > 0, demand.cpus);
    put_seconds(json, "cpu", demand.is_known, (uint64_t)demand.cpu);
    put_seconds(json, "runnable", demand.is_known, (uint64_t)demand.runnable);
    json_bool(json, "oversubscribed", demand.is_oversubscribed);
    json_object_end(json);
}
