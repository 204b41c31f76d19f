/*
 * Profiles with resources for the tests of judgement, on top of waits_fixture.h: a run of two seconds
 * of which resources are known from beginning to end.
 */
#ifndef PROFINJECT_TESTS_JUDGE_FIXTURE_H
#define PROFINJECT_TESTS_JUDGE_FIXTURE_H

#include "tests/unit/waits_fixture.h"

#define FIXTURE_FROM 1000000000ull
#define FIXTURE_TO 3000000000ull

static inline struct resource_series *judge_series(struct profile *profile, const char *name,
                                                   const char *subject, bool is_rate)
{
    bool of_process = strncmp(name, "process.", 8) == 0 || strncmp(name, "cgroup.", 7) == 0;

    return resources_add(
        &profile->resources,
        &(struct resource_series){.name = name,
                                  .subject = subject,
                                  .unit = "",
                                  .scope = of_process ? RESOURCE_OF_PROCESS : RESOURCE_OF_MACHINE,
                                  .is_rate = is_rate,
                                  .process = of_process ? 0 : RESOURCE_NOBODY,
                                  .thread = RESOURCE_NOBODY});
}

/* A rate that is the same all the time. */
static inline void judge_rate(struct profile *profile, const char *name, const char *subject,
                              double value)
{
    struct resource_series *series = judge_series(profile, name, subject, true);

    resource_series_add(series, FIXTURE_FROM, NAN);
    resource_series_add(series, (FIXTURE_FROM + FIXTURE_TO) / 2, value);
    resource_series_add(series, FIXTURE_TO, value);
}

static inline void judge_gauge(struct profile *profile, const char *name, const char *subject,
                               double value)
{
    struct resource_series *series = judge_series(profile, name, subject, false);

    resource_series_add(series, FIXTURE_FROM, value);
    resource_series_add(series, FIXTURE_TO, value);
}

/* Blocked where no hook sees it. */
static inline void judge_unseen(struct profile *profile, uint32_t thread, uint64_t ms)
{
    entries_add(&profile->entries,
                &(struct profile_entry){.thread = thread,
                                        .stack = fixture_stack(profile, PROFILE_MARK_BLOCKED),
                                        .value = {[METRIC_WALL] = (int64_t)(ms * FIXTURE_MS),
                                                  [METRIC_OFFCPU] = (int64_t)(ms * FIXTURE_MS)}});
}

static inline uint32_t judge_socket(struct profile *profile, const char *name)
{
    uint32_t number = waits_file(profile, name, (struct object_io){9, 9, 9, 9});

    profile->objects[number].kind = TRACE_OBJECT_SOCKET;
    return number;
}

#endif
