/*
 * Resources in the drain. Its own file because none of it comes from a ring, and because of when
 * it is written: each record names every series and its first value, which at every pass would
 * take more than what is in between.
 */
#include "preload/contract/drain_resources.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/pace.h"
#include "preload/resources/machine_facts.h"

#include <stdio.h>
#include <string.h>

/* Ten seconds of 64 threads, 8 of them busy, take 60 % of what they do in records of 2 s. What
 * waits in a process that is killed is lost, unless somebody outside drains it. */
#define WAIT_NS 10000000000ull

static bool is_due(const struct resource_log *log, uint64_t wait_ns)
{
    return resource_log_is_full(log) || resource_log_is_wanted(log) ||
           resource_log_waits_ns(log, libc_clock_now_sigsafe()) >= wait_ns;
}

bool drain_resources_wait(const struct drain *drain)
{
    return drain->resources && is_due(drain->resources, WAIT_NS);
}

static void put_lost(struct drain *drain)
{
    char text[24];
    uint64_t lost = resource_log_lost(drain->resources);
    if (lost == drain->resources_lost)
        return;
    drain->resources_lost = lost;
    int size = snprintf(text, sizeof text, "%llu", (unsigned long long)lost);
    drain->records += encode_property(&drain->payload, "resources_lost", text, (size_t)size);
}

static void set_fact(void *context, const char *name, const char *value)
{
    drain_property(context, name, value, strlen(value));
}

void drain_tell_machine(struct drain *drain, const char *root)
{
    if (drain->machine_told)
        return;
    drain->machine_told = true;
    machine_facts_tell(root, set_fact, drain);
}

void drain_put_resources(struct drain *drain)
{
    struct resource_log *log = drain->resources;
    uint64_t first_ns, last_ns;
    drain->resources_put = false;
    if (!log)
        return;
    uint64_t age_ns = resource_log_age_ns(log, libc_clock_now_sigsafe());
    bool due = drain->ending || is_due(log, pace_soon_ns(age_ns, PACE_WRITE_MIN_NS, WAIT_NS));
    if (due && (drain->dropping || drain->single))
        resource_log_drop(log);
    else if (due) {
        drain->records += resource_log_encode(log, drain->epoch, drain->ending, &drain->payload,
                                              &drain->columns, &first_ns, &last_ns);
        drain->resources_put = true;
        if (last_ns) {
            drain_note_time(drain, first_ns);
            drain_note_time(drain, last_ns);
        }
    }
    put_lost(drain);
}

void drain_resources_written(struct drain *drain)
{
    if (drain->resources_put)
        resource_log_written(drain->resources);
    drain->resources_put = false;
}
