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

void heap_timeline_free(struct heap_timeline *timeline)
{
    if (timeline == NULL)
        return;
    free(timeline->moments);
    free(timeline->rows);
    free(timeline->row_of);
    free(timeline->threads);
    free(timeline);
}

static uint64_t next_due(const struct heap_timeline *timeline)
{
    return timeline->start_ns + (timeline->count + 1) * timeline->width_ns;
}

/* Every second moment goes, and every second point. */
static void halve(struct heap_timeline *timeline)
{
    size_t points = timeline->count / TIMELINE_STRIDE / 2;

    timeline->count /= 2;
    timeline->width_ns *= 2;
    for (size_t i = 0; i < timeline->count; i++)
        timeline->moments[i] = timeline->moments[2 * i + 1];
    for (size_t r = 0; r < timeline->row_count; r++) {
        struct timeline_row *row = &timeline->rows[r];
        for (size_t p = 0; p < points; p++) {
            row->live[p] = row->live[2 * p + 1];
            row->second[p] = row->second[2 * p + 1];
        }
        memset(row->live + points, 0, (TIMELINE_POINTS - points) * sizeof(*row->live));
        memset(row->second + points, 0, (TIMELINE_POINTS - points) * sizeof(*row->second));
    }
    for (size_t t = 0; t < timeline->thread_count; t++) {
        struct timeline_thread *thread = &timeline->threads[t];
        for (size_t p = 0; p < points; p++) {
            thread->allocated[p] = thread->allocated[2 * p + 1];
            thread->live[p] = thread->live[2 * p + 1];
        }
    }
}

static void note_row(struct heap_timeline *timeline, uint32_t site, size_t point,
                     const struct estimate *live)
{
    uint32_t *row_of = &timeline->row_of[site];

    if (*row_of == 0 && live->total <= 0)
        return;
    if (*row_of == 0) {
        timeline->rows = memory_grow(timeline->rows, timeline->row_count, &timeline->row_capacity,
                                     sizeof(*timeline->rows));
        memset(&timeline->rows[timeline->row_count++], 0, sizeof(*timeline->rows));
        *row_of = (uint32_t)timeline->row_count;
    }
    struct timeline_row *row = &timeline->rows[*row_of - 1];
    row->live[point] = live->total > 0 ? (float)live->total : 0;
    row->second[point] = live->second > 0 ? (float)live->second : 0;
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
    for (size_t t = 0; t < timeline->thread_count; t++)
        timeline->threads[t].allocated[point] = timeline->threads[t].live[point] = 0;
    while (timeline->site_count < replay->site_count) {
        timeline->row_of = memory_grow(timeline->row_of, timeline->site_count,
                                       &timeline->site_capacity, sizeof(*timeline->row_of));
        timeline->row_of[timeline->site_count++] = 0;
    }
    for (size_t i = 0; i < replay->site_count; i++) {
        const struct heap_site *site = &replay->sites[i];
        struct timeline_thread *thread = thread_of(timeline, site->thread);
        thread->allocated[point] += site->allocated.bytes.total;
        thread->live[point] += site->live.bytes.total;
        note_row(timeline, (uint32_t)i, point, &site->live.bytes);
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
    while (next_due(timeline) <= time_ns) {
        if (timeline->count == TIMELINE_MOMENTS)
            halve(timeline);
        if (next_due(timeline) > time_ns)
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

const struct timeline_row *heap_timeline_row(const struct heap_timeline *timeline, uint32_t site)
{
    if (timeline == NULL || site >= timeline->site_count || timeline->row_of[site] == 0)
        return NULL;
    return &timeline->rows[timeline->row_of[site] - 1];
}

uint64_t heap_timeline_at(const struct heap_timeline *timeline, size_t moment)
{
    uint64_t at = (moment + 1) * timeline->width_ns;
    uint64_t end =
        timeline->end_ns > timeline->start_ns ? timeline->end_ns - timeline->start_ns : 0;

    return end != 0 && at > end ? end : at;
}
