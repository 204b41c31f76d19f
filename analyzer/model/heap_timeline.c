/*
 * Moments of a heap. Its own file beside heap_replay.c because it happens now and then,
 * where that happens with every event.
 */
#include "analyzer/model/heap_timeline.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

struct heap_timeline *heap_timeline_new(uint64_t start_ns, uint64_t end_ns)
{
    struct heap_timeline *timeline = memory_alloc(sizeof(*timeline));

    timeline->start_ns = start_ns;
    timeline->width_ns = TIMELINE_FIRST_NS;
    while (end_ns > start_ns && (end_ns - start_ns) / timeline->width_ns >= TIMELINE_MOMENTS)
        timeline->width_ns *= 2;
    timeline->moments = memory_alloc((TIMELINE_MOMENTS + 1) * sizeof(*timeline->moments));
    return timeline;
}

static void drop_point(struct heap_timeline *timeline, size_t point)
{
    free(timeline->live[point]);
    free(timeline->second[point]);
    timeline->live[point] = timeline->second[point] = NULL;
    timeline->sites[point] = 0;
}

void heap_timeline_free(struct heap_timeline *timeline)
{
    if (timeline == NULL)
        return;
    for (size_t p = 0; p < TIMELINE_POINTS; p++)
        drop_point(timeline, p);
    free(timeline->moments);
    free(timeline->threads);
    free(timeline);
}

/* UINT64_MAX: none is. */
static uint64_t next_due(const struct heap_timeline *timeline)
{
    uint64_t after, due;
    bool none = __builtin_mul_overflow(timeline->count + 1, timeline->width_ns, &after) ||
                __builtin_add_overflow(timeline->start_ns, after, &due);

    return none ? UINT64_MAX : due;
}

static bool is_due(const struct heap_timeline *timeline, uint64_t time_ns)
{
    uint64_t due = next_due(timeline);

    return due <= time_ns && due < UINT64_MAX;
}

static void move_point(struct heap_timeline *timeline, size_t to, size_t from)
{
    timeline->live[to] = timeline->live[from];
    timeline->second[to] = timeline->second[from];
    timeline->sites[to] = timeline->sites[from];
    timeline->live[from] = timeline->second[from] = NULL;
    timeline->sites[from] = 0;
}

/* Every second moment goes, and every second point. */
static void halve(struct heap_timeline *timeline)
{
    size_t points = timeline->count / TIMELINE_STRIDE / 2;

    timeline->count /= 2;
    timeline->width_ns *= 2;
    for (size_t i = 0; i < timeline->count; i++)
        timeline->moments[i] = timeline->moments[2 * i + 1];
    for (size_t p = 0; p < points; p++) {
        drop_point(timeline, 2 * p);
        move_point(timeline, p, 2 * p + 1);
    }
    for (size_t t = 0; t < timeline->thread_count; t++) {
        struct timeline_thread *thread = &timeline->threads[t];
        for (size_t p = 0; p < points; p++) {
            thread->allocated[p] = thread->allocated[2 * p + 1];
            thread->live[p] = thread->live[2 * p + 1];
        }
    }
}

static struct timeline_thread *thread_of(struct heap_timeline *timeline, uint32_t thread)
{
    while (timeline->thread_count <= thread) {
        timeline->threads = memory_grow(timeline->threads, timeline->thread_count,
                                        &timeline->thread_capacity, sizeof(*timeline->threads));
        memset(&timeline->threads[timeline->thread_count++], 0, sizeof(*timeline->threads));
    }
    return &timeline->threads[thread];
}

/* All threads and sites as they are now. */
static void note_point(struct heap_timeline *timeline, const struct heap_replay *replay,
                       size_t point)
{
    size_t count = replay->sites.count;

    for (size_t t = 0; t < timeline->thread_count; t++)
        timeline->threads[t].allocated[point] = timeline->threads[t].live[point] = 0;
    drop_point(timeline, point);
    timeline->sites[point] = count;
    timeline->live[point] = memory_alloc(count * sizeof(float));
    if (replay->sites.sampled)
        timeline->second[point] = memory_alloc(count * sizeof(float));
    for (size_t i = 0; i < count; i++) {
        const struct heap_site_now now = heap_sites_now(&replay->sites, (uint32_t)i);
        struct timeline_thread *thread = thread_of(timeline, now.thread);
        thread->allocated[point] += now.allocated;
        thread->live[point] += now.live;
        timeline->live[point][i] = now.live > 0 ? (float)now.live : 0;
        if (replay->sites.sampled)
            timeline->second[point][i] = now.second > 0 ? (float)now.second : 0;
    }
}

static struct timeline_moment moment_of(const struct heap_replay *replay)
{
    return (struct timeline_moment){replay->live.bytes, replay->allocated.bytes,
                                    replay->allocated.count};
}

/* Notes the moments up to `time_ns`; between them nothing has happened. */
static void note_until(struct heap_timeline *timeline, const struct heap_replay *replay,
                       uint64_t time_ns)
{
    while (is_due(timeline, time_ns)) {
        if (timeline->count == TIMELINE_MOMENTS)
            halve(timeline);
        if (!is_due(timeline, time_ns))
            break;
        timeline->moments[timeline->count++] = moment_of(replay);
        if (timeline->count % TIMELINE_STRIDE == 0)
            note_point(timeline, replay, timeline->count / TIMELINE_STRIDE - 1);
    }
}

uint64_t heap_timeline_look(struct heap_timeline *timeline, const struct heap_replay *replay,
                            uint64_t time_ns)
{
    note_until(timeline, replay, time_ns);
    return next_due(timeline);
}

static uint64_t look(void *context, const struct heap_replay *replay, uint64_t time_ns)
{
    return heap_timeline_look(context, replay, time_ns);
}

void heap_timeline_watch(struct heap_timeline *timeline, struct heap_replay *replay)
{
    replay->watcher.look = look;
    replay->watcher.context = timeline;
    replay->watcher.due_ns = next_due(timeline);
}

void heap_timeline_finish(struct heap_timeline *timeline, const struct heap_replay *replay,
                          uint64_t end_ns)
{
    if (end_ns > timeline->start_ns)
        note_until(timeline, replay, end_ns);
    timeline->end_ns = end_ns;
    if (timeline->count > 0 && end_ns <= timeline->start_ns + timeline->count * timeline->width_ns)
        return;
    timeline->moments[timeline->count++] = moment_of(replay);
}

size_t heap_timeline_points(const struct heap_timeline *timeline)
{
    size_t points = timeline->count / TIMELINE_STRIDE;

    return points < TIMELINE_POINTS ? points : TIMELINE_POINTS;
}

uint64_t heap_timeline_at(const struct heap_timeline *timeline, size_t moment)
{
    uint64_t at,
        end = timeline->end_ns > timeline->start_ns ? timeline->end_ns - timeline->start_ns : 0;
    bool beyond = __builtin_mul_overflow(moment + 1, timeline->width_ns, &at);

    return end != 0 && (beyond || at > end) ? end : at;
}
