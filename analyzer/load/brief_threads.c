/*
 * Fitting of what brief threads are charged with. Its own file because it takes the threads of
 * all processes, which builds have one of each.
 */
#include "analyzer/load/brief_threads.h"

#include <math.h>
#include <stdbool.h>

#define SIGMAS 4.0

struct brief {
    double tick_ns;             /* what one that was met stands for */
    double used_ns;             /* by all of them, as their clocks say */
    double sampled_ns, rest_ns; /* of those that were met */
    double met;
};

static double used_ns(const struct profile_thread *thread)
{
    return (double)(thread->cpu_ns - thread->paused_ns);
}

static double charged_ns(const struct profile_thread *thread)
{
    return (double)thread->sampled_ns + (double)thread->rest_ns;
}

/* It stands for others as well. Of a damaged trace what was used is not known. */
static bool is_charged_more(const struct profile_thread *thread)
{
    return used_ns(thread) > 0 && charged_ns(thread) > used_ns(thread);
}

static bool is_met(const struct profile_thread *thread, double tick_ns)
{
    return used_ns(thread) < tick_ns && is_charged_more(thread);
}

/* The tick is not told, but what the first thread that was met is charged with. */
static void find_tick(struct brief *brief, const struct loaded_trace *trace)
{
    for (size_t i = 0; i < trace->thread_count; i++) {
        const struct profile_thread *thread = &trace->threads[i];
        if (thread->rest_ns > 0 && is_charged_more(thread))
            brief->tick_ns = fmax(brief->tick_ns, charged_ns(thread));
    }
}

static void add(struct brief *brief, const struct loaded_trace *trace)
{
    brief->used_ns += (double)trace->process.brief_ns;
    for (size_t i = 0; i < trace->thread_count; i++) {
        const struct profile_thread *thread = &trace->threads[i];
        bool met = is_met(thread, brief->tick_ns);
        if (!met && (charged_ns(thread) > 0 || used_ns(thread) >= brief->tick_ns))
            continue;
        brief->used_ns += used_ns(thread);
        brief->sampled_ns += met ? (double)thread->sampled_ns : 0;
        brief->rest_ns += met ? (double)thread->rest_ns : 0;
        brief->met += met;
    }
}

static double scale_of(const struct brief *brief)
{
    double missing = brief->used_ns - brief->sampled_ns - brief->rest_ns;
    bool by_chance = missing <= SIGMAS * sqrt(brief->met + 1) * brief->tick_ns;

    if (brief->rest_ns <= 0 || !by_chance)
        return 1;
    return fmax(0, (brief->used_ns - brief->sampled_ns) / brief->rest_ns);
}

static void scale(struct loaded_trace *trace, double tick_ns, double factor)
{
    for (size_t i = 0; i < trace->entries.count; i++) {
        struct trace_entry *entry = &trace->entries.items[i];
        if (entry->state == ENTRY_REST && is_met(&trace->threads[entry->thread], tick_ns))
            entry->time_ns = (int64_t)((double)entry->time_ns * factor);
    }
    for (size_t i = 0; i < trace->thread_count; i++)
        if (is_met(&trace->threads[i], tick_ns))
            trace->threads[i].rest_ns = (uint64_t)((double)trace->threads[i].rest_ns * factor);
}

void brief_threads_fit(struct process_image *images, size_t count)
{
    struct brief brief = {.tick_ns = 0};

    for (size_t i = 0; i < count; i++)
        find_tick(&brief, &images[i].trace);
    for (size_t i = 0; i < count; i++)
        add(&brief, &images[i].trace);
    double factor = scale_of(&brief);
    for (size_t i = 0; i < count; i++)
        scale(&images[i].trace, brief.tick_ns, factor);
}
