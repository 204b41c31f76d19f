/* Names of what is judged. Their own file because every output uses the same. */
#include "analyzer/model/judgement.h"

#include <stdlib.h>

static const struct {
    const char *name, *title;
} classes[BOTTLENECK_NAMES] = {
    [BOTTLENECK_CPU] = {"cpu", "CPU-bound"},
    [BOTTLENECK_MEMORY] = {"memory", "memory-bound"},
    [BOTTLENECK_IO] = {"i/o", "I/O-bound"},
    [BOTTLENECK_NETWORK] = {"network", "network-bound"},
    [BOTTLENECK_GPU] = {"gpu", "GPU-bound"},
    [BOTTLENECK_CONTENTION] = {"contention", "bound by waits for each other"},
    [BOTTLENECK_ALLOCATOR] = {"allocator", "allocator-bound"},
    [BOTTLENECK_THROTTLED] = {"throttled", "throttled"},
    [BOTTLENECK_BALANCED] = {"balanced", "balanced"},
    [BOTTLENECK_UNKNOWN] = {"insufficient data", "insufficient data"},
};

static const struct {
    const char *name, *formula;
} scores[SCORES] = {
    [SCORE_CPU] = {"cpu", "100 * (on-CPU - slowed) / (on-CPU + ready to run)"},
    [SCORE_MEMORY] = {"memory", "100 * (on-CPU - memory on-CPU) / (on-CPU + stalled for memory)"},
    [SCORE_IO] = {"io", "100 * on-CPU / (on-CPU + blocked for files and network)"},
};

const char thread_efficiency_formula[] = "on-CPU / (wall - idle)";

const char *bottleneck_name(enum bottleneck bottleneck)
{
    return classes[bottleneck].name;
}

const char *bottleneck_title(enum bottleneck bottleneck)
{
    return classes[bottleneck].title;
}

const char *score_name(enum score score)
{
    return scores[score].name;
}

const char *score_formula(enum score score)
{
    return scores[score].formula;
}

void judgement_release(struct judgement *judgement)
{
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++)
        free(judgement->classes[i].evidence);
    for (size_t i = 0; i < SCORES; i++)
        free(judgement->scores[i].inputs);
    free(judgement->threads);
    free(judgement->text);
}
