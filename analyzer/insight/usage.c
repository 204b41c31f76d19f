/* Resources in one figure. Its own file because every rule asks in the same way. */
#include "analyzer/insight/usage.h"

#include <math.h>
#include <string.h>

#define KNOWN_LEAST 0.5 /* of the time */

struct span {
    uint64_t from_ns, to_ns;
};

static struct span span_of(const struct profile *profile)
{
    uint64_t start = profile_start_ns(profile);
    struct span span = {start, start == UINT64_MAX ? start : start + profile_wall_ns(profile)};

    if (profile->from_ns > span.from_ns)
        span.from_ns = profile->from_ns;
    if (profile->to_ns != 0 && profile->to_ns < span.to_ns)
        span.to_ns = profile->to_ns;
    return span;
}

static double seconds(struct span span)
{
    return span.to_ns > span.from_ns ? (double)(span.to_ns - span.from_ns) * 1e-9 : 0;
}

/* Of processes, and of threads, any time counts: they need not live for long. */
static bool is_enough(const struct resource_series *series, const struct resource_summary *sum,
                      struct span span)
{
    double least = series->scope == RESOURCE_OF_MACHINE ? KNOWN_LEAST * seconds(span) : 0;

    return sum->known_s > 0 && sum->known_s >= least;
}

static const char *reason_of(const struct profile *profile, const struct resource_series *series)
{
    if (series != NULL && series->reason != NULL)
        return series->reason;
    if (series != NULL)
        return "followed for less than half of the time";
    return profile->resources.count > 0 ? "the machine does not tell of it"
                                        : "recorded without resources";
}

/* `sum` adds; else the series with the highest mean is it. Returns how many are known. */
static size_t gather(struct usage *usage, const struct profile *profile, const char *name, bool sum)
{
    struct span span = span_of(profile);
    double length = seconds(span);
    size_t known = 0;
    const struct resource_series *unknown = NULL;

    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        if (strcmp(series->name, name) != 0)
            continue;
        struct resource_summary of = resource_summarise(series, span.from_ns, span.to_ns);
        if (!is_enough(series, &of, span)) {
            unknown = series;
            continue;
        }
        double mean = sum && series->scope != RESOURCE_OF_MACHINE && length > of.known_s
                          ? of.total / length
                          : of.mean;
        if (sum) {
            usage->mean += mean;
            usage->total += of.total;
            usage->last += of.last;
            usage->most = fmax(usage->most, of.most);
        } else if (known == 0 || mean > usage->mean) {
            *usage = (struct usage){.subject = series->subject,
                                    .mean = mean,
                                    .most = of.most,
                                    .total = of.total,
                                    .last = of.last};
        }
        known++;
    }
    usage->known = known > 0;
    usage->whole_ns = usage->mean / 100 * length * 1e9;
    usage->reason = known > 0 ? NULL : reason_of(profile, unknown);
    return known;
}

struct usage usage_busiest(const struct profile *profile, const char *name)
{
    struct usage usage = {.known = false};

    gather(&usage, profile, name, false);
    return usage;
}

struct usage usage_sum(const struct profile *profile, const char *name)
{
    struct usage usage = {.known = false};

    gather(&usage, profile, name, true);
    return usage;
}

struct usage usage_mean(const struct profile *profile, const char *name)
{
    struct usage usage = {.known = false};
    size_t known = gather(&usage, profile, name, true);

    if (known > 1) {
        usage.mean /= (double)known;
        usage.total /= (double)known;
        usage.whole_ns /= (double)known;
        usage.last /= (double)known;
    }
    return usage;
}
