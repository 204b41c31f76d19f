/*
 * Sampled against measured. Its own file because a statistic decides what a report may
 * call a difference.
 */
#include "analyzer/model/coverage.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

#define SIGMAS 4.0
#define SHARE 0.05
#define STACK_NS_UNKNOWN 10e6 /* the longest of the usual ticks, where no stack was taken */

struct coverage coverage_of_thread(const struct profile_thread *thread)
{
    return (struct coverage){
        .measured_ns = thread->cpu_ns - thread->paused_ns,
        .paused_ns = thread->paused_ns,
        .sampled_ns = thread->sampled_ns,
        .rest_ns = thread->rest_ns,
    };
}

void coverage_add(struct coverage *sum, const struct coverage *part)
{
    sum->measured_ns = sum_unsigned(sum->measured_ns, part->measured_ns);
    sum->paused_ns = sum_unsigned(sum->paused_ns, part->paused_ns);
    sum->sampled_ns = sum_unsigned(sum->sampled_ns, part->sampled_ns);
    sum->rest_ns = sum_unsigned(sum->rest_ns, part->rest_ns);
}

static double difference(const struct coverage *coverage)
{
    uint64_t a = coverage->sampled_ns, b = coverage->measured_ns;

    return (double)(a > b ? a - b : b - a);
}

bool coverage_is_fair(const struct coverage *coverage, double stack_ns)
{
    double amiss = difference(coverage);
    double expected = (double)coverage->measured_ns / stack_ns;
    /* One more: the tail of small numbers is longer than the deviation tells. */
    double variance = (expected + 1) * stack_ns * stack_ns;

    return amiss <= SHARE * (double)coverage->measured_ns ||
           amiss * amiss <= SIGMAS * SIGMAS * variance;
}

/* Nanoseconds one stack stands for in each process; free(). */
static double *stack_lengths(const struct profile *profile)
{
    double *length = memory_alloc((profile->process_count + 1) * sizeof(*length));
    double *stacks = memory_alloc((profile->process_count + 1) * sizeof(*stacks));

    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        length[thread->process] += (double)thread->sampled_ns;
        stacks[thread->process] += (double)thread->samples;
    }
    for (size_t i = 0; i < profile->process_count; i++)
        length[i] = length[i] > 0 && stacks[i] > 0 ? length[i] / stacks[i] : STACK_NS_UNKNOWN;
    free(stacks);
    return length;
}

struct ordered {
    double amiss;
    uint32_t number;
};

static int compare(const void *a, const void *b)
{
    const struct ordered *left = a, *right = b;

    if (left->amiss != right->amiss)
        return left->amiss > right->amiss ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

uint32_t *coverage_outliers(const struct profile *profile, size_t *count)
{
    double *length = stack_lengths(profile);
    struct ordered *found = memory_alloc((profile->thread_count + 1) * sizeof(*found));
    uint32_t *numbers = memory_alloc((profile->thread_count + 1) * sizeof(*numbers));

    *count = 0;
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct profile_thread *thread = &profile->threads[i];
        struct coverage coverage = coverage_of_thread(thread);
        if (!coverage_is_fair(&coverage, length[thread->process]))
            found[(*count)++] = (struct ordered){difference(&coverage), (uint32_t)i};
    }
    qsort(found, *count, sizeof(*found), compare);
    for (size_t i = 0; i < *count; i++)
        numbers[i] = found[i].number;
    free(found);
    free(length);
    return numbers;
}
