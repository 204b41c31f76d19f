/* Scores. Their own file beside the verdict: they say how well, it says what is in the way. */
#include "analyzer/insight/scores.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>

static struct judged_score unavailable(const char *reason)
{
    return (struct judged_score){.inputs = memory_strdup(reason)};
}

/* 100 * useful / all; of nothing there is no score. The text is the score's. */
static struct judged_score score_of(double useful, double all, char *inputs)
{
    struct judged_score score = {.known = all > 0, .inputs = inputs};

    if (score.known)
        score.value = fmin(100, fmax(0, 100 * useful / all));
    return score;
}

static struct judged_score cpu_score(const struct profile *profile, const struct time_parts *parts)
{
    const struct time_shares *shares = &parts->shares;

    if (!profile_has_metric(profile, METRIC_RUNNABLE))
        return unavailable("time ready to run is not known");
    double all = shares->on + shares->runnable;
    if (!parts->slowness.known) /* an upper bound, then: what was slowed is counted as useful */
        return score_of(shares->on, all,
                        memory_printf("on-CPU %s, ready to run %s; slowed: unavailable (%s)",
                                      units_duration(shares->on).text,
                                      units_duration(shares->runnable).text,
                                      parts->slowness.reason));
    return score_of(shares->on - parts->slowed, all,
                    memory_printf("on-CPU %s, of it slowed %s, ready to run %s",
                                  units_duration(shares->on).text,
                                  units_duration(parts->slowed).text,
                                  units_duration(shares->runnable).text));
}

static struct judged_score memory_score(const struct time_parts *parts)
{
    double on = parts->shares.on, moving = fmax(parts->moving, parts->faulting);

    if (!parts->has_samples)
        return unavailable("no samples");
    return score_of(on - parts->allocating - moving, on + parts->stalled,
                    memory_printf("on-CPU %s, of it in the allocator %s, moving or faulting in "
                                  "memory %s; stalled %s",
                                  units_duration(on).text, units_duration(parts->allocating).text,
                                  units_duration(moving).text,
                                  units_duration(parts->stalled).text));
}

static bool has_io(const struct profile *profile)
{
    for (size_t i = 0; i < profile->object_count; i++)
        if (profile->objects[i].reads.calls + profile->objects[i].writes.calls > 0)
            return true;
    return false;
}

static struct judged_score io_score(const struct profile *profile, const struct time_parts *parts)
{
    double on = parts->shares.on;
    double blocked = parts->of[BOTTLENECK_IO] + parts->of[BOTTLENECK_NETWORK];

    if (!parts->has_waits)
        return unavailable("recorded without --waits on");
    if (blocked <= 0 && !has_io(profile))
        return unavailable("no input or output was seen");
    return score_of(on, on + blocked,
                    memory_printf("on-CPU %s, blocked for files %s, for the network %s",
                                  units_duration(on).text,
                                  units_duration(parts->of[BOTTLENECK_IO]).text,
                                  units_duration(parts->of[BOTTLENECK_NETWORK]).text));
}

static int compare(const void *a, const void *b)
{
    const struct judged_thread *left = a, *right = b;

    if (left->known != right->known)
        return left->known ? -1 : 1;
    if (left->efficiency != right->efficiency)
        return left->efficiency > right->efficiency ? -1 : 1;
    if (left->cpu_ns != right->cpu_ns)
        return left->cpu_ns > right->cpu_ns ? -1 : 1;
    return (left->thread > right->thread) - (left->thread < right->thread);
}

static void rank_threads(struct judgement *judgement, const struct profile *profile,
                         const struct time_shares *shares)
{
    judgement->threads = memory_alloc((profile->thread_count + 1) * sizeof(*judgement->threads));
    judgement->thread_count = profile->thread_count;
    for (size_t i = 0; i < profile->thread_count; i++) {
        const struct thread_share *time = &shares->of_thread[i];
        struct judged_thread *thread = &judgement->threads[i];
        *thread = (struct judged_thread){.thread = (uint32_t)i,
                                         .cpu_ns = time->on,
                                         .wall_ns = time->on + time->off,
                                         .idle_ns = time->for_work};
        double busy = thread->wall_ns - thread->idle_ns;
        thread->known = busy >= THREAD_LEAST_NS;
        if (thread->known)
            thread->efficiency = fmin(1, thread->cpu_ns / busy);
    }
    qsort(judgement->threads, judgement->thread_count, sizeof(*judgement->threads), compare);
}

void scores_judge(struct judgement *judgement, const struct profile *profile,
                  const struct time_parts *parts)
{
    judgement->scores[SCORE_CPU] = cpu_score(profile, parts);
    judgement->scores[SCORE_MEMORY] = memory_score(parts);
    judgement->scores[SCORE_IO] = io_score(profile, parts);
    for (size_t i = 0; i < SCORES; i++)
        if (!judgement->scores[i].known && parts->shares.wall <= 0) {
            free(judgement->scores[i].inputs);
            judgement->scores[i].inputs = memory_strdup("nothing is known of threads' time");
        }
    rank_threads(judgement, profile, &parts->shares);
}
