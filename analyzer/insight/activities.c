/* activities.h. Its own file because it turns samples, which are moments, into series. */
#include "analyzer/insight/activities.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOT_KEPT UINT32_MAX

/* Something that happened, whatever it was. */
struct doing {
    enum relation_activity kind; /* ACTIVITIES: none that counts */
    uint64_t from_ns, to_ns;
    double amount;
    uint32_t stack;
};

struct filling {
    struct activities *activities;
    const struct relations_grid *grid;
    uint8_t *of_frame;            /* of marks: the activity they stand for, ACTIVITIES: none */
    double *by_stack[ACTIVITIES]; /* of each stack and what is below it */
    size_t *seen;                 /* [label]: the last doing that counted it */
    size_t doings;
};

/* --- what is one ----------------------------------------------------------------- */

static enum relation_activity activity_of_wait(uint32_t kind)
{
    switch (wait_kind_group(kind)) {
    case WAIT_GROUP_IO:
        return ACTIVITY_IO_WAIT;
    case WAIT_GROUP_LOCK:
    case WAIT_GROUP_FILE_LOCK:
        return ACTIVITY_LOCK_WAIT;
    default:
        return ACTIVITY_OTHER_WAIT;
    }
}

static enum relation_activity activity_of_mark(const char *name)
{
    if (strcmp(name, PROFILE_MARK_BLOCKED) == 0)
        return ACTIVITY_OTHER_WAIT;
    for (uint32_t kind = 1; kind < WAIT_KIND_COUNT; kind++)
        if (strcmp(name, wait_kind_mark(kind)) == 0)
            return activity_of_wait(kind);
    return ACTIVITIES;
}

static bool is_wanted(const struct activities *activities, uint32_t thread)
{
    const struct profile *profile = activities->profile;

    return thread < profile->thread_count &&
           (activities->process == RESOURCE_NOBODY ||
            profile->threads[thread].process == activities->process);
}

static bool doing_of_sample(const struct filling *filling, size_t i, struct doing *doing)
{
    const struct profile *profile = filling->activities->profile;
    const struct profile_sample *sample = &profile->samples.items[i];
    uint32_t stack = sample->place.stack;

    *doing = (struct doing){.kind = ACTIVITY_CPU,
                            .from_ns = sample->time_ns - sample->span_ns,
                            .to_ns = sample->time_ns,
                            .amount = (double)sample->length_ns * 1e-9,
                            .stack = stack};
    if (sample->off)
        doing->kind = stack != STACK_NONE ? filling->of_frame[profile->stacks[stack].frame]
                                          : (uint8_t)ACTIVITIES;
    return doing->kind != ACTIVITIES && is_wanted(filling->activities, sample->place.thread);
}

static bool doing_of_allocation(const struct filling *filling, size_t i, struct doing *doing)
{
    const struct profile_allocation *allocation =
        &filling->activities->profile->allocations.items[i];

    *doing = (struct doing){.kind = ACTIVITY_ALLOCATION,
                            .from_ns = allocation->time_ns - allocation->span_ns,
                            .to_ns = allocation->time_ns,
                            .amount = allocation->bytes,
                            .stack = allocation->place.stack};
    return is_wanted(filling->activities, allocation->place.thread);
}

typedef void take(struct filling *filling, const struct doing *doing);

static void each_doing(struct filling *filling, take *take)
{
    const struct profile *profile = filling->activities->profile;
    struct doing doing;

    for (size_t i = 0; i < profile->samples.count; i++)
        if (doing_of_sample(filling, i, &doing))
            take(filling, &doing);
    for (size_t i = 0; i < profile->allocations.count; i++)
        if (doing_of_allocation(filling, i, &doing))
            take(filling, &doing);
}

/* --- which functions -------------------------------------------------------------- */

static void take_stack(struct filling *filling, const struct doing *doing)
{
    filling->by_stack[doing->kind][doing->stack] += doing->amount;
}

static bool is_above(const struct activities *activities, uint32_t stack, uint32_t label)
{
    const struct profile *profile = activities->profile;

    for (; stack != STACK_NONE; stack = profile->stacks[stack].parent)
        if (activities->labels->of_frame[profile->stacks[stack].frame] == label)
            return true;
    return false;
}

/* Libraries that programs are built on: what they do they do for somebody. */
static bool is_tool(const struct label *label)
{
    static const char *const names[] = {
        "libc.",       "libc-",       "ld-",       "ld64",          "libpthread",
        "libm.",       "libm-",       "librt.",    "libdl.",        "libstdc++",
        "libgcc_s",    "libc++",      "libunwind", "libprofinject", "libjemalloc",
        "libtcmalloc", "libmimalloc", "[vdso]",    "[vsyscall]"};

    if (label->kind == FRAME_MARK || label->kind == FRAME_KERNEL || label->module == NULL)
        return true;
    const char *slash = strrchr(label->module, '/');
    const char *base = slash != NULL ? slash + 1 : label->module;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(base, names[i], strlen(names[i])) == 0)
            return true;
    /* What the compiler puts before main() is the program's by file, not by meaning. */
    return strcmp(label->name, "_start") == 0;
}

struct candidate {
    uint32_t label, stack;
    double total, most;
};

static int compare(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->total != right->total)
        return left->total < right->total ? 1 : -1;
    return (left->label > right->label) - (left->label < right->label);
}

static void keep(struct filling *filling, enum relation_activity kind,
                 const struct candidate *candidate)
{
    struct activities *activities = filling->activities;
    const struct label *label = &activities->labels->items[candidate->label];

    activities->items = memory_grow(activities->items, activities->count, &activities->capacity,
                                    sizeof(*activities->items));
    activities->slots[kind * activities->labels->count + candidate->label] =
        (uint32_t)activities->count;
    activities->items[activities->count++] =
        (struct activity){.kind = kind,
                          .label = candidate->label,
                          .total = candidate->total,
                          .cells = memory_alloc(filling->grid->cells * sizeof(double)),
                          .stack = candidate->stack,
                          .is_own = !is_tool(label)};
}

static void choose(struct filling *filling, enum relation_activity kind)
{
    struct activities *activities = filling->activities;
    const struct profile *profile = activities->profile;
    double *by_stack = filling->by_stack[kind], whole = 0;
    struct candidate *all = memory_alloc((activities->labels->count + 1) * sizeof(*all));
    size_t some = 0;

    for (size_t i = 0; i < activities->labels->count; i++)
        all[i].label = (uint32_t)i;
    /* Callers have smaller numbers. */
    for (size_t i = profile->stack_count; i-- > 1;) {
        const struct stack_node *node = &profile->stacks[i];
        struct candidate *one = &all[activities->labels->of_frame[node->frame]];
        by_stack[node->parent] += by_stack[i];
        if (by_stack[i] <= 0 || profile->frames[node->frame].kind == FRAME_MARK)
            continue;
        if (!is_above(activities, node->parent, one->label))
            one->total += by_stack[i];
        if (by_stack[i] > one->most) {
            one->most = by_stack[i];
            one->stack = (uint32_t)i;
        }
    }
    whole = profile->stack_count > 0 ? by_stack[STACK_NONE] : 0;
    qsort(all, activities->labels->count, sizeof(*all), compare);
    for (size_t i = 0; i < activities->labels->count && all[i].total > 0; i++) {
        if (some < ACTIVITIES_MOST && all[i].total >= ACTIVITIES_LEAST * whole) {
            keep(filling, kind, &all[i]);
            some++;
        } else {
            activities->left++;
        }
    }
    free(all);
}

/* --- their series ------------------------------------------------------------------ */

/* Evenly over the time it lies in. */
static void spread(const struct relations_grid *grid, const struct doing *doing, double *cells)
{
    double width = (double)grid->width_ns;
    uint64_t end_ns = grid->start_ns + grid->cells * grid->width_ns;

    if (doing->to_ns < grid->start_ns || doing->from_ns >= end_ns)
        return;
    if (doing->to_ns <= doing->from_ns) {
        size_t cell = (size_t)((doing->to_ns - grid->start_ns) / grid->width_ns);
        if (cell < grid->cells)
            cells[cell] += doing->amount / (width * 1e-9);
        return;
    }
    uint64_t from_ns = doing->from_ns > grid->start_ns ? doing->from_ns : grid->start_ns;
    uint64_t to_ns = doing->to_ns < end_ns ? doing->to_ns : end_ns;
    double density = doing->amount / (double)(doing->to_ns - doing->from_ns);
    for (size_t cell = (size_t)((from_ns - grid->start_ns) / grid->width_ns);
         cell < grid->cells && from_ns < to_ns; cell++) {
        uint64_t until_ns = grid->start_ns + (cell + 1) * grid->width_ns;
        until_ns = until_ns < to_ns ? until_ns : to_ns;
        cells[cell] += density * (double)(until_ns - from_ns) / (width * 1e-9);
        from_ns = until_ns;
    }
}

static void take_cells(struct filling *filling, const struct doing *doing)
{
    const struct activities *activities = filling->activities;
    const struct profile *profile = activities->profile;

    filling->doings++;
    for (uint32_t stack = doing->stack; stack != STACK_NONE;
         stack = profile->stacks[stack].parent) {
        uint32_t label = activities->labels->of_frame[profile->stacks[stack].frame];
        uint32_t slot = activities->slots[doing->kind * activities->labels->count + label];
        if (slot == NOT_KEPT || filling->seen[label] == filling->doings)
            continue;
        filling->seen[label] = filling->doings;
        spread(filling->grid, doing, activities->items[slot].cells);
    }
}

static void judge_all(struct activities *activities, size_t cells)
{
    for (size_t i = 0; i < activities->count; i++) {
        struct activity *activity = &activities->items[i];
        size_t some = 0;
        judged_series_init(&activity->judged, activity->cells, cells);
        for (size_t cell = 0; cell < cells; cell++)
            some += activity->cells[cell] > 0;
        if (some < ACTIVITIES_SAMPLES_LEAST && activity->judged.insufficient == NULL)
            activity->judged.insufficient = "it was seen too seldom";
    }
}

/* How much of each item lies below each other one of its kind, by stacks. */
static void nest(struct filling *filling, enum relation_activity kind)
{
    struct activities *activities = filling->activities;
    const struct profile *profile = activities->profile;
    const uint32_t *slots = &activities->slots[kind * activities->labels->count];
    size_t first = activities->first[kind], count = activities->first[kind + 1] - first;

    activities->inside[kind] = memory_alloc((count * count + 1) * sizeof(double));
    for (size_t i = 1; i < profile->stack_count; i++) {
        const struct stack_node *node = &profile->stacks[i];
        double amount = filling->by_stack[kind][i];
        uint32_t inner = slots[activities->labels->of_frame[node->frame]];
        if (amount <= 0 || inner == NOT_KEPT ||
            is_above(activities, node->parent, activities->items[inner].label))
            continue;
        filling->doings++;
        for (uint32_t stack = (uint32_t)i; stack != STACK_NONE;
             stack = profile->stacks[stack].parent) {
            uint32_t label = activities->labels->of_frame[profile->stacks[stack].frame];
            if (slots[label] == NOT_KEPT || filling->seen[label] == filling->doings)
                continue;
            filling->seen[label] = filling->doings;
            activities->inside[kind][(inner - first) * count + slots[label] - first] += amount;
        }
    }
}

void activities_init(struct activities *activities, const struct profile *profile,
                     const struct labels *labels, const struct relations_grid *grid,
                     uint32_t process)
{
    size_t slots = ACTIVITIES * (labels->count + 1);
    struct filling filling = {.activities = activities,
                              .grid = grid,
                              .of_frame = memory_alloc(profile->frame_count + 1),
                              .seen = memory_alloc((labels->count + 1) * sizeof(size_t))};

    *activities = (struct activities){.profile = profile,
                                      .labels = labels,
                                      .process = process,
                                      .slots = memory_alloc(slots * sizeof(uint32_t))};
    memset(activities->slots, 0xff, slots * sizeof(uint32_t));
    for (size_t i = 0; i < profile->frame_count; i++)
        filling.of_frame[i] = (uint8_t)(profile->frames[i].kind == FRAME_MARK
                                            ? activity_of_mark(profile->frames[i].function)
                                            : ACTIVITIES);
    for (int kind = 0; kind < ACTIVITIES; kind++)
        filling.by_stack[kind] = memory_alloc((profile->stack_count + 1) * sizeof(double));
    each_doing(&filling, take_stack);
    for (int kind = 0; kind < ACTIVITIES; kind++) {
        choose(&filling, (enum relation_activity)kind);
        activities->first[kind + 1] = activities->count;
        nest(&filling, (enum relation_activity)kind);
        free(filling.by_stack[kind]);
    }
    each_doing(&filling, take_cells);
    judge_all(activities, grid->cells);
    free(filling.of_frame);
    free(filling.seen);
}

void activities_release(struct activities *activities)
{
    for (size_t i = 0; i < activities->count; i++) {
        judged_series_release(&activities->items[i].judged);
        free(activities->items[i].cells);
    }
    for (int kind = 0; kind < ACTIVITIES; kind++)
        free(activities->inside[kind]);
    free(activities->slots);
    free(activities->items);
}

double activities_inside(const struct activities *activities, const struct activity *inner,
                         const struct activity *outer)
{
    size_t first = activities->first[inner->kind];
    size_t count = activities->first[inner->kind + 1] - first;
    uint32_t slot = activities->slots[inner->kind * activities->labels->count + outer->label];

    if (slot == NOT_KEPT || inner->total <= 0)
        return 0;
    size_t row = (size_t)(inner - activities->items) - first;
    return activities->inside[inner->kind][row * count + slot - first] / inner->total;
}
