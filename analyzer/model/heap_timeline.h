/*
 * The heap over time: what was allocated and what was live, as a bounded number of
 * moments, in full for the process and coarser for its threads and sites.
 *
 * It looks at the sums of a replay when a moment is due (struct heap_watcher), so that
 * events cost nothing. When there is no room for more moments every second one goes:
 * from TIMELINE_MOMENTS/2 to TIMELINE_MOMENTS of them are there once the run is long
 * enough. Memory grows with threads and sites.
 *
 * Owns its memory. Not thread-safe.
 */
#ifndef PROFINJECT_MODEL_HEAP_TIMELINE_H
#define PROFINJECT_MODEL_HEAP_TIMELINE_H

#include "analyzer/model/heap_replay.h"

#include <assert.h>

#define TIMELINE_MOMENTS 512
#define TIMELINE_POINTS 32 /* of threads and sites: every 16th moment */
#define TIMELINE_STRIDE 16
#define TIMELINE_FIRST_NS 100000 /* between two moments, to begin with */

static_assert(TIMELINE_POINTS * TIMELINE_STRIDE == TIMELINE_MOMENTS, "a point every so often");

/* The process at the end of an interval. */
struct timeline_moment {
    struct estimate live;                             /* bytes, then */
    struct estimate allocated_bytes, allocated_count; /* since the beginning */
};

/* Live bytes of a site at a point, and the variance of their error. */
struct timeline_site {
    float live, second;
};

/* What a thread had allocated up to each point, and what of it was live. */
struct timeline_thread {
    double allocated[TIMELINE_POINTS], live[TIMELINE_POINTS];
};

struct heap_timeline {
    uint64_t start_ns, end_ns, width_ns; /* moment i is at start + (i + 1) * width */
    size_t count;                        /* moments so far */
    struct timeline_moment *moments;     /* TIMELINE_MOMENTS, and one more for the end */
    /* By point, by site: nothing is looked at twice. `second` is NULL where nothing is
     * sampled. Sites were so many then; of later ones nothing was live. */
    float *live[TIMELINE_POINTS], *second[TIMELINE_POINTS];
    size_t sites[TIMELINE_POINTS];
    struct timeline_thread *threads;
    size_t thread_count, thread_capacity;
};

/* `end_ns`: when the run is thought to end, 0: not known. Moments are then as far apart as
 * they will be, and none is noted in vain. */
struct heap_timeline *heap_timeline_new(uint64_t start_ns, uint64_t end_ns);
void heap_timeline_free(struct heap_timeline *timeline); /* NULL is allowed */

/* Has `timeline` look at `replay` from now on. It must outlive the replay's events. */
void heap_timeline_watch(struct heap_timeline *timeline, struct heap_replay *replay);

/* A look, as a watcher's: notes the moments up to time_ns, returns when the next is due. */
uint64_t heap_timeline_look(struct heap_timeline *timeline, const struct heap_replay *replay,
                            uint64_t time_ns);

/* After the last event, before heap_replay_settle(): the last moment is that of the end,
 * moments[count - 1]; the interval before may be shorter. */
void heap_timeline_finish(struct heap_timeline *timeline, const struct heap_replay *replay,
                          uint64_t end_ns);

/* Points there are of threads and sites, the first at the end of the first
 * TIMELINE_STRIDE intervals. */
size_t heap_timeline_points(const struct heap_timeline *timeline);

/* The site at that point, which is one of them. */
static inline struct timeline_site heap_timeline_site(const struct heap_timeline *timeline,
                                                      uint32_t site, size_t point)
{
    struct timeline_site at = {0, 0};

    if (site >= timeline->sites[point])
        return at;
    at.live = timeline->live[point][site];
    at.second = timeline->second[point] != NULL ? timeline->second[point][site] : 0;
    return at;
}

/* End of the interval, ns since start. */
uint64_t heap_timeline_at(const struct heap_timeline *timeline, size_t moment);

#endif
