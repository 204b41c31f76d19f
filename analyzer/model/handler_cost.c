/* Histograms of the handler's cost: their sums and quantiles. */
#include "analyzer/model/handler_cost.h"

#include "analyzer/util/sum.h"

static double middle_of(uint32_t bucket)
{
    double low = (double)trace_bucket_low(bucket);

    return bucket < 16 ? low : (low + (double)trace_bucket_low(bucket + 1)) / 2;
}

uint64_t histogram_count(const struct histogram *histogram)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < TRACE_BUCKETS; i++)
        count = sum_unsigned(count, histogram->number[i]);
    return count;
}

double histogram_quantile(const struct histogram *histogram, double share)
{
    double rank = share * (double)histogram_count(histogram), seen = 0;
    double value = 0;

    for (uint32_t i = 0; i < TRACE_BUCKETS; i++) {
        if (histogram->number[i] == 0)
            continue;
        seen += (double)histogram->number[i];
        value = middle_of(i);
        if (seen > rank)
            break;
    }
    return value;
}

double histogram_sum(const struct histogram *histogram)
{
    double sum = 0;

    for (uint32_t i = 0; i < TRACE_BUCKETS; i++)
        sum += (double)histogram->number[i] * middle_of(i);
    return sum;
}

static void add_histogram(struct histogram *sum, const struct histogram *part)
{
    for (uint32_t i = 0; i < TRACE_BUCKETS; i++)
        sum->number[i] = sum_unsigned(sum->number[i], part->number[i]);
}

void handler_cost_add(struct handler_cost *sum, const struct handler_cost *part)
{
    sum->frames = sum_unsigned(sum->frames, part->frames);
    sum->reused = sum_unsigned(sum->reused, part->reused);
    sum->rules_hit = sum_unsigned(sum->rules_hit, part->rules_hit);
    sum->rules_made = sum_unsigned(sum->rules_made, part->rules_made);
    if (part->longest_ns > sum->longest_ns)
        sum->longest_ns = part->longest_ns;
    add_histogram(&sum->duration_ns, &part->duration_ns);
    add_histogram(&sum->depth, &part->depth);
}
