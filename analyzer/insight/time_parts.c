/*
 * Thread time divided. Its own file because verdict and scores weigh the same parts, and what belongs
 * where is to be read in one place.
 */
#include "analyzer/insight/time_parts.h"

#include "analyzer/insight/families.h"
#include "analyzer/model/demand.h"
#include "analyzer/model/labels.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_PERCENT_SECOND 1e7 /* a rate of per cent adds up to seconds * 100 */
#define IO_LEAST (1 << 20)        /* bytes of disks: less is what programs read as they start */

static double least_of(double a, double b)
{
    return fmax(0, fmin(a, b));
}

/* --- by what hooks saw ------------------------------------------------------------- */

static bool is_local(const struct profile_object *object)
{
    return object->name != NULL && strncmp(object->name, "unix ", 5) == 0;
}

/* Input and output: a disk's, the network's, or somebody else's who is to read or write first. */
static double *io_part(struct time_parts *parts, const struct profile *profile,
                       const struct profile_wait *wait)
{
    const struct profile_object *object =
        wait->object != WAIT_OBJECT_NONE ? &profile->objects[wait->object] : NULL;
    bool is_call_of_sockets = wait->kind == TRACE_WAIT_RECEIVE || wait->kind == TRACE_WAIT_SEND ||
                              wait->kind == TRACE_WAIT_CONNECT;

    if (wait->kind == TRACE_WAIT_ACCEPT)
        return &parts->rest[REST_WORK];
    if (object == NULL)
        return &parts->of[is_call_of_sockets ? BOTTLENECK_NETWORK : BOTTLENECK_IO];
    if (object->kind == TRACE_OBJECT_SOCKET)
        return &parts->of[is_local(object) ? BOTTLENECK_IO : BOTTLENECK_NETWORK];
    if (object->kind == TRACE_OBJECT_TERMINAL ||
        (object->kind == TRACE_OBJECT_PIPE && wait->peer_thread == WAIT_THREAD_NONE))
        return &parts->rest[REST_OTHERS];
    return &parts->of[BOTTLENECK_IO];
}

/* NULL: nobody knows. */
static double *wait_part(struct time_parts *parts, const struct profile *profile,
                         const struct profile_wait *wait)
{
    switch (wait_kind_group(wait->kind)) {
    case WAIT_GROUP_LOCK:
    case WAIT_GROUP_FILE_LOCK:
        return &parts->of[BOTTLENECK_CONTENTION];
    case WAIT_GROUP_SYNC:
        return wait->kind == TRACE_WAIT_CHILD ? &parts->rest[REST_OTHERS]
                                              : &parts->of[BOTTLENECK_CONTENTION];
    case WAIT_GROUP_IO:
        return io_part(parts, profile, wait);
    case WAIT_GROUP_NAME_LOOKUP:
        return &parts->of[BOTTLENECK_NETWORK];
    case WAIT_GROUP_SLEEP:
        return &parts->rest[REST_SLEEP];
    case WAIT_GROUP_POLL:
        return &parts->rest[REST_WORK];
    default:
        return NULL;
    }
}

static void divide_waits(struct time_parts *parts, const struct profile *profile)
{
    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        double *part = wait_part(parts, profile, wait);
        if (part == NULL || parts->shares.is_idle[wait->thread])
            continue;
        *part += (double)wait->sums.blocked_ns;
        if (wait_kind_group(wait->kind) == WAIT_GROUP_LOCK)
            parts->locked += (double)wait->sums.blocked_ns;
    }
    parts->rest[REST_UNSEEN] = fmax(0, parts->shares.group[WAIT_GROUP_OTHER]);
}

/* --- on a processor, by samples ---------------------------------------------------- */

/* Shares of the time that was sampled become shares of the time that clocks counted. */
static void divide_samples(struct time_parts *parts, const struct profile *profile)
{
    struct labels labels;
    double all = 0, allocating = 0, moving = 0, driving = 0;

    labels_init(&labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    for (size_t i = 0; i < profile->entries.count; i++) {
        const struct profile_place *place = &profile->entries.places[i];
        double cpu = (double)entries_value(&profile->entries, i, METRIC_CPU);
        if (place->stack == STACK_NONE || cpu <= 0 || parts->shares.is_idle[place->thread])
            continue;
        const struct label *leaf =
            &labels.items[labels.of_frame[profile->stacks[place->stack].frame]];
        all += cpu;
        allocating += family_allocates(leaf->name) ? cpu : 0;
        moving += family_moves(leaf->name) ? cpu : 0;
        driving += family_drives_cards(leaf->module) ? cpu : 0;
    }
    labels_release(&labels);
    parts->has_samples = all > 0;
    double scale = all > 0 ? parts->shares.on / all : 0;
    parts->allocating = allocating * scale;
    parts->moving = moving * scale;
    parts->driving = driving * scale;
}

/* --- by resources ------------------------------------------------------------------ */

static void look_at_resources(struct time_parts *parts, const struct profile *profile)
{
    parts->slowness = slowness_of(profile, parts->shares.is_idle);
    parts->gpu = usage_busiest(profile, "gpu.busy");
    parts->pressure_memory = usage_busiest(profile, "pressure.memory");
    parts->pressure_io = usage_busiest(profile, "pressure.io");
    if (profile->is_narrowed)
        return;
    parts->held_back = usage_busiest(profile, "cgroup.throttled");
    parts->faults = usage_sum(profile, "process.faults");
    parts->major_faults = usage_sum(profile, "process.major-faults");
}

static void divide_running(struct time_parts *parts, const struct profile *profile)
{
    struct usage system = usage_sum(profile, "process.system");
    double slow = parts->slowness.share, quick = 1 - slow;

    parts->slowed = slow * parts->shares.on;
    if (parts->faults.known) /* the kernel works for them in system time; that of calls is more */
        parts->faulting = least_of(parts->faults.total * FAULT_NS +
                                       parts->major_faults.total * MAJOR_FAULT_CPU_NS,
                                   system.known ? system.total * NS_PER_PERCENT_SECOND : INFINITY);
    parts->allocating *= quick;
    parts->moving *= quick;
    parts->driving *= quick * (parts->gpu.known ? least_of(parts->gpu.mean / 100, 1) : 0);
    double left = parts->shares.on - parts->slowed - parts->allocating - parts->driving;
    parts->faulting = least_of(parts->faulting, left);
    double memory = fmax(parts->moving, parts->faulting);
    parts->of[BOTTLENECK_THROTTLED] = parts->slowed;
    parts->of[BOTTLENECK_ALLOCATOR] = parts->allocating;
    parts->of[BOTTLENECK_GPU] = parts->driving;
    parts->of[BOTTLENECK_MEMORY] = memory;
    parts->of[BOTTLENECK_CPU] = fmax(0, left - memory);
}

/* Who was ready to run would have gone on with what it ran. */
static void share_ready(struct time_parts *parts, double ready)
{
    static const enum bottleneck running[] = {BOTTLENECK_THROTTLED, BOTTLENECK_ALLOCATOR,
                                              BOTTLENECK_GPU, BOTTLENECK_MEMORY, BOTTLENECK_CPU};
    double on = 0;

    for (size_t i = 0; i < sizeof(running) / sizeof(*running); i++)
        on += parts->of[running[i]];
    for (size_t i = 0; on > 0 && i < sizeof(running) / sizeof(*running); i++)
        parts->of[running[i]] += ready * parts->of[running[i]] / on;
    if (on <= 0)
        parts->of[BOTTLENECK_CPU] += ready;
}

/* A limit of the group holds threads back that are ready to run. Where the kernel takes them from
 * the queue meanwhile (Linux 6.18) it counts them as blocked. */
static void divide_ready(struct time_parts *parts, const struct profile *profile)
{
    double ready = parts->shares.runnable, unseen = parts->rest[REST_UNSEEN];
    double throttled = parts->held_back.known ? parts->held_back.whole_ns : 0;
    double of_ready = least_of(throttled, ready);
    double of_unseen = least_of(throttled - of_ready, unseen);

    parts->held = of_ready + of_unseen;
    parts->rest[REST_UNSEEN] -= of_unseen;
    bool is_own = demand_of(profile, SIZE_MAX).is_oversubscribed;
    if (is_own)
        share_ready(parts, ready - of_ready);
    else if (ready - of_ready >= READY_MOST * parts->shares.wall)
        parts->of[BOTTLENECK_CPU] += ready - of_ready;
    else
        parts->crowded = ready - of_ready;
    parts->of[BOTTLENECK_THROTTLED] += parts->held;
}

static double threads_awake(const struct time_parts *parts)
{
    size_t awake = parts->shares.threads - parts->shares.idle_threads;

    return awake > 0 ? (double)awake : 1;
}

/* Somebody on the machine waited for what the pressure is of, for so much of the time. Each of the
 * threads may have. */
static double pressed(const struct time_parts *parts, const struct usage *pressure)
{
    return pressure->known ? pressure->total * threads_awake(parts) * NS_PER_PERCENT_SECOND : 0;
}

/* The kernel's count of pressure leaves out what it takes to wake up: of many short waits a half. */
static bool is_for_disk(const struct time_parts *parts, double waited)
{
    return !parts->pressure_io.known || pressed(parts, &parts->pressure_io) >= waited / 4;
}

/* Blocked by page faults, or where the kernel takes pages back. */
static double stalled_for_memory(const struct time_parts *parts)
{
    double unseen = parts->rest[REST_UNSEEN], by_faults = 0;

    if (parts->major_faults.known)
        by_faults = least_of(parts->major_faults.total * MAJOR_FAULT_NS, unseen);
    if (!is_for_disk(parts, by_faults))
        by_faults = pressed(parts, &parts->pressure_io);
    return least_of(fmax(by_faults, pressed(parts, &parts->pressure_memory)), unseen);
}

/* The C library reads and writes files where no hook sees it. */
static double unseen_files(const struct time_parts *parts, const struct profile *profile)
{
    struct usage read = usage_sum(profile, "process.read");
    struct usage written = usage_sum(profile, "process.written");
    double unseen = parts->rest[REST_UNSEEN], pressure = pressed(parts, &parts->pressure_io);

    if (profile->is_narrowed || !parts->pressure_io.known || read.total + written.total < IO_LEAST)
        return 0;
    return is_for_disk(parts, unseen) ? unseen : least_of(pressure, unseen);
}

static void divide_unseen(struct time_parts *parts, const struct profile *profile)
{
    parts->stalled = stalled_for_memory(parts);
    parts->rest[REST_UNSEEN] -= parts->stalled;
    parts->of[BOTTLENECK_MEMORY] += parts->stalled;
    parts->unseen_files = unseen_files(parts, profile);
    parts->rest[REST_UNSEEN] -= parts->unseen_files;
    parts->of[BOTTLENECK_IO] += parts->unseen_files;
}

/* Who waits for a card sleeps, polls, or waits for a thread that does. */
static void divide_by_card(struct time_parts *parts)
{
    double busy = parts->gpu.known ? least_of(parts->gpu.mean / 100, 1) : 0;
    double for_others = busy * (parts->of[BOTTLENECK_CONTENTION] - parts->locked);

    parts->of[BOTTLENECK_CONTENTION] -= for_others;
    parts->of[BOTTLENECK_GPU] += for_others;
    for (size_t i = 0; i < RESTS; i++) {
        if (i == REST_OTHERS)
            continue;
        parts->of[BOTTLENECK_GPU] += busy * parts->rest[i];
        parts->rest[i] -= busy * parts->rest[i];
    }
}

void time_parts_init(struct time_parts *parts, const struct profile *profile)
{
    memset(parts, 0, sizeof(*parts));
    time_shares_init(&parts->shares, profile);
    parts->has_waits = profile_has_metric(profile, METRIC_LOCK_WAIT);
    look_at_resources(parts, profile);
    divide_waits(parts, profile);
    divide_samples(parts, profile);
    divide_running(parts, profile);
    divide_ready(parts, profile);
    divide_unseen(parts, profile);
    divide_by_card(parts);
}

void time_parts_release(struct time_parts *parts)
{
    time_shares_release(&parts->shares);
}
