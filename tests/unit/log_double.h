/*
 * A resource log that only remembers: what series there are, the last value of each, how many
 * were put, and why there are none. It stands for what collectors call of resource_log.c, so that
 * what they find can be compared without traces. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_LOG_DOUBLE_H
#define PROFINJECT_TESTS_LOG_DOUBLE_H

#include "preload/resources/resource_log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define DOUBLE_SERIES 8192

struct double_series {
    enum resource resource;
    char subject[64], reason[96];
    bool silent;
    unsigned puts;
    int64_t value;
};

static struct double_series doubles[DOUBLE_SERIES];
static unsigned double_count;
static bool double_lenient; /* the same series twice is no failure */

struct resource_log *resource_log_new(void)
{
    double_count = 0;
    return (struct resource_log *)doubles;
}

void resource_log_free(struct resource_log *log)
{
    (void)log;
}

uint32_t resource_log_add(struct resource_log *log, enum resource resource, const char *subject,
                          int tid)
{
    (void)log;
    (void)tid;
    cr_assert_lt(double_count, DOUBLE_SERIES);
    cr_assert_lt(resource, RESOURCE_COUNT);
    struct double_series *series = &doubles[double_count++];
    *series = (struct double_series){.resource = resource};
    snprintf(series->subject, sizeof series->subject, "%s", subject ? subject : "");
    for (unsigned i = 0; i + 1 < double_count; i++)
        cr_expect(double_lenient || doubles[i].resource != resource ||
                      strcmp(doubles[i].subject, series->subject) != 0,
                  "%s '%s' is there twice", resource_info(resource)->name, series->subject);
    return double_count;
}

void resource_log_unavailable(struct resource_log *log, uint32_t id, const char *reason)
{
    (void)log;
    cr_assert(id > 0 && id <= double_count);
    struct double_series *series = &doubles[id - 1];
    series->silent = reason != NULL;
    cr_expect(!reason || strlen(reason) <= 95, "too long: %s", reason);
    snprintf(series->reason, sizeof series->reason, "%s", reason ? reason : "");
}

void resource_log_end(struct resource_log *log, uint32_t id)
{
    resource_log_unavailable(log, id, "ended");
}

void resource_log_moment(struct resource_log *log, uint64_t time_ns)
{
    (void)log;
    (void)time_ns;
}

void resource_log_put(struct resource_log *log, uint32_t id, int64_t value)
{
    (void)log;
    cr_assert(id > 0 && id <= double_count);
    cr_expect_not(doubles[id - 1].silent, "a value of what is unavailable");
    doubles[id - 1].value = value;
    doubles[id - 1].puts++;
}

void resource_log_unchanged(struct resource_log *log, uint32_t id)
{
    resource_log_put(log, id, doubles[id - 1].value);
}

bool resource_log_is_full(const struct resource_log *log)
{
    (void)log;
    return false;
}

/* NULL: there is no such series. `subject` "" for none. */
static inline struct double_series *double_find(enum resource resource, const char *subject)
{
    for (unsigned i = 0; i < double_count; i++)
        if (doubles[i].resource == resource && strcmp(doubles[i].subject, subject) == 0)
            return &doubles[i];
    return NULL;
}

/* One line for each series, sorted as they were added. */
static inline void double_print(FILE *out)
{
    for (unsigned i = 0; i < double_count; i++) {
        const struct double_series *series = &doubles[i];
        fprintf(out, "%s|%s|", resource_info(series->resource)->name, series->subject);
        if (series->silent)
            fprintf(out, "unavailable (%s)\n", series->reason);
        else if (series->puts)
            fprintf(out, "%lld\n", (long long)series->value);
        else
            fprintf(out, "nothing\n");
    }
}

#endif
