/*
 * Made-up waits for the tests of model/ and reports/, on top of profile_fixture.h: a process with
 * threads, locks and files. Times in milliseconds.
 */
#ifndef PROFINJECT_TESTS_WAITS_FIXTURE_H
#define PROFINJECT_TESTS_WAITS_FIXTURE_H

#include "analyzer/model/wait_kind.h"
#include "tests/unit/profile_fixture.h"

#define FIXTURE_MS 1000000ull

/* A profile with one process in which hooks saw waits, and so many threads: t0, t1, ... */
static inline struct profile *waits_profile(uint32_t threads)
{
    struct profile *profile = profile_new();
    uint32_t process = fixture_process(profile, "made-up", 100, 1);

    profile->processes[process].has_wall = profile->processes[process].has_waits = true;
    profile->processes[process].has_runnable = profile->processes[process].has_scheduling = true;
    for (uint32_t i = 0; i < threads; i++) {
        char *name = memory_printf("t%u", i);
        fixture_thread(profile, process, name, 101 + (int)i);
        free(name);
    }
    return profile;
}

/* On a machine of two processors. */
static inline void waits_two_processors(struct profile *profile)
{
    struct profile_property *cpus = memory_alloc(sizeof(*cpus));

    *cpus = (struct profile_property){"cpus", "2"};
    profile->processes[0].properties = cpus;
    profile->processes[0].property_count = 1;
}

static inline uint32_t waits_lock(struct profile *profile, const char *name, uint64_t address)
{
    const struct profile_object object = {
        .has_address = true,
        .kind = TRACE_OBJECT_LOCK,
        .address = address,
        .name = name != NULL ? strings_intern(profile->strings, name) : NULL};

    profile_add_object(profile, &object);
    return (uint32_t)profile->object_count - 1;
}

static inline uint32_t waits_file(struct profile *profile, const char *name, struct object_io reads)
{
    const struct profile_object object = {
        .kind = TRACE_OBJECT_FILE, .name = strings_intern(profile->strings, name), .reads = reads};

    profile_add_object(profile, &object);
    return (uint32_t)profile->object_count - 1;
}

/* What is waited for where; peer is a thread of the profile. */
struct made_wait {
    uint32_t thread, kind, object, peer;
    const char *stack; /* "main;lock" */
    uint64_t count, blocked_ms;
};

static inline uint32_t waits_stack(struct profile *profile, const char *stack, uint32_t kind)
{
    char *text = memory_printf("%s;%s", stack, wait_kind_mark(kind));
    uint32_t number = fixture_stack(profile, text);

    free(text);
    return number;
}

static inline int32_t waits_tid(const struct profile *profile, uint32_t thread)
{
    return thread != WAIT_THREAD_NONE ? profile->threads[thread].tid : 0;
}

/* The wait, and the entry it comes with. */
static inline void waits_add(struct profile *profile, struct made_wait made)
{
    uint64_t blocked_ns = made.blocked_ms * FIXTURE_MS;
    const struct profile_wait wait = {.thread = made.thread,
                                      .stack = waits_stack(profile, made.stack, made.kind),
                                      .kind = made.kind,
                                      .object = made.object,
                                      .peer = waits_tid(profile, made.peer),
                                      .peer_thread = made.peer,
                                      .sums = {.count = made.count,
                                               .total_ns = blocked_ns,
                                               .blocked_ns = blocked_ns,
                                               .longest_ns = blocked_ns / 2,
                                               .first_ns = 1,
                                               .last_ns = 1 + 1000 * FIXTURE_MS}};
    struct profile_entry entry = {
        .thread = made.thread,
        .stack = wait.stack,
        .value = {[METRIC_WALL] = (int64_t)blocked_ns, [METRIC_OFFCPU] = (int64_t)blocked_ns}};

    profile_add_wait(profile, &wait);
    entries_add(&profile->entries, &entry);
}

/* CPU time of the thread, and the time it was ready to run. */
static inline void waits_run(struct profile *profile, uint32_t thread, const char *stack,
                             uint64_t cpu_ms, uint64_t runnable_ms)
{
    int64_t cpu = (int64_t)(cpu_ms * FIXTURE_MS), runnable = (int64_t)(runnable_ms * FIXTURE_MS);

    entries_add(&profile->entries,
                &(struct profile_entry){.thread = thread,
                                        .stack = fixture_stack(profile, stack),
                                        .value = {[METRIC_CPU] = cpu,
                                                  [METRIC_WALL] = cpu + runnable,
                                                  [METRIC_OFFCPU] = runnable,
                                                  [METRIC_RUNNABLE] = runnable}});
}

/* A wait on its own, from begin to end. */
struct made_single {
    uint32_t thread, kind, object, peer;
    uint64_t begin_ms, end_ms;
    bool open;
    const char *sample; /* stack of the nearest sample of the peer; NULL: none */
};

static inline void waits_single(struct profile *profile, struct made_single made)
{
    const struct profile_single single = {
        .thread = made.thread,
        .stack = waits_stack(profile, "main;wait", made.kind),
        .kind = made.kind,
        .object = made.object,
        .peer = waits_tid(profile, made.peer),
        .peer_thread = made.peer,
        .open = made.open,
        .begin_ns = made.begin_ms * FIXTURE_MS,
        .end_ns = made.end_ms * FIXTURE_MS,
        .sample_ns = made.sample != NULL ? made.end_ms * FIXTURE_MS - 1 : 0,
        .sample_stack = made.sample != NULL ? fixture_stack(profile, made.sample) : STACK_NONE};

    profile_add_single(profile, &single);
}

#endif
