/* The handler's own figures. Its own file because it is not part of taking a sample. */
#include "preload/handler_cost.h"

static void add_sigsafe(uint64_t *sum, uint64_t value)
{
    if (value)
        __atomic_fetch_add(sum, value, __ATOMIC_RELAXED);
}

void handler_cost_add_sigsafe(struct ring_handler *handler, const struct walk *walk,
                              uint64_t duration_ns)
{
    uint64_t frames = (uint64_t)walk->depth + walk->reused;
    uint64_t longest = __atomic_load_n(&handler->longest_ns, __ATOMIC_RELAXED);

    add_sigsafe(&handler->frames, frames);
    add_sigsafe(&handler->reused, walk->reused);
    add_sigsafe(&handler->rules_hit, walk->rules_hit);
    add_sigsafe(&handler->rules_made, walk->rules_made);
    __atomic_fetch_add(&handler->duration_ns[trace_bucket_of(duration_ns)], 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&handler->depth[trace_bucket_of(frames)], 1, __ATOMIC_RELAXED);
    while (duration_ns > longest &&
           !__atomic_compare_exchange_n(&handler->longest_ns, &longest, duration_ns, true,
                                        __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}
