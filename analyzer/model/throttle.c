/*
 * Throttled time. Its own file because it brings together what no trace knows: which processor a
 * thread was on, and how fast that was then.
 */
#include "analyzer/model/throttle.h"

#include "analyzer/model/processor_groups.h"
#include "analyzer/util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PROCESSORS_MOST 65536
#define LOOKS_MOST 64           /* into one part */
#define LOOKS_APART 20000000ull /* nanoseconds */

/* Or of a package: what it counts. */
struct processor {
    const struct resource_series *mhz, *nominal, *throttled, *throttles;
    const struct resource_series *package_throttled, *package_throttles;
};

struct processors {
    struct processor *items; /* by number */
    size_t count;
};

/* Of one recording. */
struct machine {
    const char *recording; /* NULL: of all */
    struct processors processors, packages;
};

struct throttle {
    const struct profile *profile;
    struct machine *machines;
    size_t count, capacity;
    const struct resource_series **runs_on; /* by thread; NULL: not known */
};

/* --- what there is -------------------------------------------------------------------- */

static struct machine *machine_of(struct throttle *throttle, const char *recording)
{
    for (size_t i = 0; i < throttle->count; i++)
        if (throttle->machines[i].recording == recording)
            return &throttle->machines[i];
    throttle->machines = memory_grow(throttle->machines, throttle->count, &throttle->capacity,
                                     sizeof(*throttle->machines));
    throttle->machines[throttle->count] = (struct machine){.recording = recording};
    return &throttle->machines[throttle->count++];
}

/* The number behind a word: "cpu3", or "3"; false: it is none of that. */
static bool number_of(const char *subject, const char *word, size_t *number)
{
    size_t length = strlen(word);
    const char *digits = subject == NULL                       ? ""
                         : strncmp(subject, word, length) == 0 ? subject + length
                                                               : subject;
    char *end = NULL;

    *number = *digits >= '0' && *digits <= '9' ? strtoul(digits, &end, 10) : PROCESSORS_MOST;
    return *number < PROCESSORS_MOST && end != NULL && *end == '\0';
}

static struct processor *processor_of(struct processors *processors, size_t number)
{
    if (number >= processors->count) {
        processors->items =
            memory_resize(processors->items, (number + 1) * sizeof(*processors->items));
        memset(processors->items + processors->count, 0,
               (number + 1 - processors->count) * sizeof(*processors->items));
        processors->count = number + 1;
    }
    return &processors->items[number];
}

static void add_series(struct throttle *throttle, const struct resource_series *series)
{
    static const struct {
        const char *name;
        size_t offset;
    } known[] = {{"cpu.mhz", offsetof(struct processor, mhz)},
                 {"cpu.mhz-nominal", offsetof(struct processor, nominal)},
                 {"cpu.throttled", offsetof(struct processor, throttled)},
                 {"cpu.throttles", offsetof(struct processor, throttles)}};
    size_t i = 0, number;

    while (i < 4 && strcmp(known[i].name, series->name) != 0)
        i++;
    if (i == 4)
        return;
    struct machine *machine = machine_of(throttle, series->recording);
    struct processor *to = NULL;
    if (number_of(series->subject, "cpu", &number))
        to = processor_of(&machine->processors, number);
    else if (number_of(series->subject, "package ", &number))
        to = processor_of(&machine->packages, number);
    if (to != NULL)
        memcpy((char *)to + known[i].offset, &series, sizeof(series));
}

static bool is_of(const struct profile_process *process, const struct machine *machine)
{
    return machine->recording == NULL ||
           (process->recording != NULL && strcmp(process->recording, machine->recording) == 0);
}

static const char *property(const struct profile_process *process, const char *name)
{
    const char *value = profile_property(process, name);

    return value != NULL ? value : "";
}

static bool tells(const struct processor *processor)
{
    return (processor->mhz != NULL && processor->nominal != NULL) || processor->throttled != NULL ||
           processor->throttles != NULL || processor->package_throttled != NULL ||
           processor->package_throttles != NULL;
}

/* What slows a package down slows down all of it. */
static void add_to_package(void *context, size_t package, size_t number)
{
    struct machine *machine = context;
    const struct processor *from =
        package < machine->packages.count ? &machine->packages.items[package] : NULL;

    if (from == NULL || (from->throttled == NULL && from->throttles == NULL))
        return;
    struct processor *to = processor_of(&machine->processors, number);
    to->package_throttled = from->throttled;
    to->package_throttles = from->throttles;
}

/* Likewise a core, whose counts are those of its lowest processor. */
static void add_to_core(void *context, size_t distance, size_t number)
{
    struct machine *machine = context;
    struct processors *all = &machine->processors;

    if (number >= all->count || number + distance >= PROCESSORS_MOST ||
        (all->items[number].throttled == NULL && all->items[number].throttles == NULL))
        return;
    struct processor *to = processor_of(all, number + distance);
    to->throttled = all->items[number].throttled;
    to->throttles = all->items[number].throttles;
}

/* Of several packages only who followed the machine knows which processors are in which. */
static void spread(const struct profile *profile, struct machine *machine)
{
    for (size_t i = 0; i < machine->processors.count && machine->packages.count == 1; i++)
        add_to_package(machine, 0, i);
    for (size_t i = 0; i < profile->process_count; i++) {
        const struct profile_process *process = &profile->processes[i];
        if (!is_of(process, machine))
            continue;
        processor_groups_each(property(process, "machine.packages"), add_to_package, machine);
        processor_groups_each(property(process, "machine.threads"), add_to_core, machine);
    }
}

static bool any_tells(const struct throttle *throttle)
{
    for (size_t m = 0; m < throttle->count; m++)
        for (size_t i = 0; i < throttle->machines[m].processors.count; i++)
            if (tells(&throttle->machines[m].processors.items[i]))
                return true;
    return false;
}

struct throttle *throttle_new(const struct profile *profile)
{
    struct throttle *throttle = memory_alloc(sizeof(*throttle));

    throttle->profile = profile;
    throttle->runs_on = memory_alloc((profile->thread_count + 1) * sizeof(*throttle->runs_on));
    for (size_t i = 0; i < profile->resources.count; i++) {
        const struct resource_series *series = &profile->resources.series[i];
        if (series->count == 0)
            continue;
        if (series->scope == RESOURCE_OF_MACHINE)
            add_series(throttle, series);
        else if (series->thread != RESOURCE_NOBODY && strcmp(series->name, "thread.processor") == 0)
            throttle->runs_on[series->thread] = series;
    }
    for (size_t i = 0; i < throttle->count; i++)
        spread(profile, &throttle->machines[i]);
    if (any_tells(throttle))
        return throttle;
    throttle_free(throttle);
    return NULL;
}

void throttle_free(struct throttle *throttle)
{
    if (throttle == NULL)
        return;
    for (size_t i = 0; i < throttle->count; i++) {
        free(throttle->machines[i].processors.items);
        free(throttle->machines[i].packages.items);
    }
    free(throttle->machines);
    free(throttle->runs_on);
    free(throttle);
}

/* --- what it was at a moment ------------------------------------------------------------- */

/* Number of the first point behind `time_ns`. */
static size_t behind(const struct resource_series *series, uint64_t time_ns)
{
    size_t low = 0, high = series->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->points[middle].time_ns <= time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of the nearest look; NAN: there is none near. */
static double level_at(const struct resource_series *series, uint64_t time_ns)
{
    if (series == NULL)
        return NAN;
    size_t next = behind(series, time_ns);
    const struct resource_point *after = next < series->count ? &series->points[next] : NULL;
    const struct resource_point *before = next > 0 ? &series->points[next - 1] : NULL;
    uint64_t to = after != NULL ? after->time_ns - time_ns : UINT64_MAX;
    uint64_t from = before != NULL ? time_ns - before->time_ns : UINT64_MAX;

    if (before != NULL && after != NULL && before->value == after->value)
        return before->value;
    const struct resource_point *nearest = from <= to ? before : after;
    return nearest != NULL && (from <= to ? from : to) <= THROTTLE_NEAR_NS ? nearest->value : NAN;
}

/* Of the step that the moment is in. */
static double rate_at(const struct resource_series *series, uint64_t time_ns)
{
    if (series == NULL)
        return NAN;
    size_t next = behind(series, time_ns > 0 ? time_ns - 1 : 0);
    return next > 0 && next < series->count ? series->points[next].value : NAN;
}

/* By the kernel's counts; NAN: there are none. Before Linux 5.5 it tells how often, not how long. */
static double counted_share(const struct resource_series *throttled,
                            const struct resource_series *throttles, uint64_t time_ns)
{
    double part = rate_at(throttled, time_ns), times = rate_at(throttles, time_ns);

    if (!isnan(part))
        return fmin(part / 100, 1);
    return isnan(times) ? NAN : times > 0;
}

static struct throttle_state state_of(const struct processor *processor, uint64_t time_ns)
{
    struct throttle_state state = {.mhz = level_at(processor->mhz, time_ns)};
    double nominal = level_at(processor->nominal, time_ns);
    double own = counted_share(processor->throttled, processor->throttles, time_ns);
    double package =
        counted_share(processor->package_throttled, processor->package_throttles, time_ns);
    bool has_speed = !isnan(state.mhz) && nominal > 0;

    state.known = has_speed || !isnan(own) || !isnan(package);
    state.share = fmax(fmax(own, package), 0); /* fmax() passes over NAN */
    if (has_speed && state.mhz < THROTTLE_BELOW * nominal)
        state.share = 1;
    return state;
}

/* Of all of them, alike. */
static struct throttle_state mean_state(const struct machine *machine, uint64_t time_ns)
{
    struct throttle_state sum = {.mhz = 0};
    double known = 0, fast = 0;

    for (size_t i = 0; i < machine->processors.count; i++) {
        const struct throttle_state state = state_of(&machine->processors.items[i], time_ns);
        if (state.known) {
            sum.share += state.share;
            known++;
        }
        if (!isnan(state.mhz)) {
            sum.mhz += state.mhz;
            fast++;
        }
    }
    sum.known = known > 0;
    sum.share = known > 0 ? sum.share / known : 0;
    sum.mhz = fast > 0 ? sum.mhz / fast : NAN;
    return sum;
}

static const struct machine *machine_of_thread(const struct throttle *throttle, uint32_t thread)
{
    const struct profile *profile = throttle->profile;
    const struct profile_process *process = &profile->processes[profile->threads[thread].process];

    for (size_t i = 0; i < throttle->count; i++)
        if (is_of(process, &throttle->machines[i]))
            return &throttle->machines[i];
    return NULL;
}

static struct throttle_state state_at(const struct throttle *throttle,
                                      const struct machine *machine, uint32_t thread,
                                      uint64_t time_ns)
{
    const struct processors *processors = &machine->processors;
    double number = level_at(throttle->runs_on[thread], time_ns);

    if (number >= 0 && number < (double)processors->count &&
        tells(&processors->items[(size_t)number])) {
        struct throttle_state state = state_of(&processors->items[(size_t)number], time_ns);
        state.by_processor = true;
        return state;
    }
    return mean_state(machine, time_ns);
}

struct throttle_state throttle_at(const struct throttle *throttle,
                                  const struct profile_sample *sample)
{
    const struct machine *machine = machine_of_thread(throttle, sample->place.thread);
    uint64_t length_ns = sample->span_ns > sample->length_ns ? sample->span_ns : sample->length_ns;
    uint64_t looks = length_ns / LOOKS_APART + 1;
    struct throttle_state sum = {.by_processor = true, .mhz = 0};
    double known = 0, fast = 0;

    looks = looks < LOOKS_MOST ? looks : LOOKS_MOST;
    for (uint64_t i = 0; i < looks && machine != NULL; i++) {
        uint64_t back_ns = length_ns / looks * i + length_ns / looks / 2;
        struct throttle_state state =
            state_at(throttle, machine, sample->place.thread,
                     sample->time_ns > back_ns ? sample->time_ns - back_ns : 0);
        sum.by_processor &= state.by_processor;
        sum.share += state.known ? state.share : 0;
        sum.mhz += isnan(state.mhz) ? 0 : state.mhz;
        known += state.known;
        fast += !isnan(state.mhz);
    }
    sum.known = known > 0;
    sum.share = known > 0 ? sum.share / (double)looks : 0; /* what is not known counts as not */
    sum.mhz = fast > 0 ? sum.mhz / fast : NAN;
    return sum;
}

uint64_t throttle_sample_ns(const struct throttle *throttle, const struct profile_sample *sample)
{
    return (uint64_t)llround(throttle_at(throttle, sample).share * (double)sample->length_ns);
}

/* --- all of it ----------------------------------------------------------------------------- */

static void add_sample(struct profile *profile, const struct throttle *throttle,
                       const struct profile_sample *sample)
{
    struct profile_entry entry = {.thread = sample->place.thread,
                                  .stack = sample->place.stack,
                                  .region = sample->place.region};

    entry.value[METRIC_THROTTLED_CPU] = (int64_t)throttle_sample_ns(throttle, sample);
    if (entry.value[METRIC_THROTTLED_CPU] > 0)
        entries_add(&profile->entries, &entry);
}

void throttle_charge(struct profile *profile)
{
    struct throttle *throttle = throttle_new(profile);

    profile->has_throttled = throttle != NULL;
    for (size_t i = 0; i < profile->samples.count && throttle != NULL; i++)
        if (!profile->samples.items[i].off)
            add_sample(profile, throttle, &profile->samples.items[i]);
    throttle_free(throttle);
}
