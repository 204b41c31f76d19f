/*
 * Leaks for the tests of their grouping and their report: two threads of a process.
 * Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_LEAKS_FIXTURE_H
#define PROFINJECT_TESTS_LEAKS_FIXTURE_H

#include "tests/unit/profile_fixture.h"

struct leaks_fixture {
    struct profile *profile;
    uint32_t process, main, worker;
};

static inline struct leaks_fixture leaks_fixture(void)
{
    struct leaks_fixture fixture = {.profile = profile_new()};

    fixture.process = fixture_process(fixture.profile, "made-up", 100, 1);
    fixture.profile->processes[fixture.process].heap.has_sites = true;
    fixture.main = fixture_thread(fixture.profile, fixture.process, "main", 100);
    fixture.worker = fixture_thread(fixture.profile, fixture.process, "worker", 101);
    return fixture;
}

/* `count` blocks of `size` bytes each, standing for `weight` each. */
static inline struct heap_amount leaks_amount(unsigned count, double size, double weight)
{
    struct heap_amount amount = {0};

    for (; count > 0; count--) {
        estimate_add(&amount.count, 1, weight);
        estimate_add(&amount.bytes, size, weight);
    }
    return amount;
}

/* Allocated at `ms` milliseconds after the process began, all at once. */
static inline void leaks_add(struct leaks_fixture *fixture, uint32_t thread, const char *stack,
                             enum leak_kind kind, struct heap_amount amount, uint64_t ms)
{
    struct profile_leak leak = {.thread = thread,
                                .stack = fixture_stack(fixture->profile, stack),
                                .kind = kind,
                                .amount = amount,
                                .first_ns = 1000000000 + ms * 1000000,
                                .last_ns = 1000000000 + ms * 1000000};

    profile_add_leak(fixture->profile, &leak);
}

#endif
