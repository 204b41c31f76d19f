/*
 * The table of classes. Its own file so that what each is, and by which evidence, can be read in one
 * place.
 */
#include "analyzer/insight/bottleneck.h"

#include "analyzer/model/lock_order.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <stdlib.h>

#define READY_LEAST 0.1  /* of thread time: less is not worth a word, */
#define NAMED_LEAST 0.01 /* nor less of a class beside the first */

/* A class fills strength and evidence, or says why it is not known. */
struct weighing {
    const struct profile *profile;
    const struct time_parts *parts;
};

typedef void weigh(const struct weighing *weighing, struct judged_class *judged);

static struct unit_text share(const struct weighing *weighing, double part)
{
    return units_percent(part, weighing->parts->shares.wall);
}

/* Appends, and frees what is appended. */
static void add(char **text, char *more)
{
    char *longer =
        memory_printf("%s%s%s", *text, **text != '\0' && *more != '\0' ? "; " : "", more);

    free(more);
    free(*text);
    *text = longer;
}

static void needs_waits(const struct weighing *weighing, struct judged_class *judged)
{
    if (weighing->parts->has_waits)
        return;
    free(judged->evidence);
    judged->known = false;
    judged->strength = 0;
    judged->evidence = memory_strdup("recorded without --waits on");
}

static void weigh_cpu(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;

    judged->evidence = memory_printf(
        "%s of thread time on a processor, %s ready to run without one",
        share(weighing, parts->shares.on).text, share(weighing, parts->shares.runnable).text);
}

static void weigh_memory(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;
    char *text = memory_printf("%s of thread time in functions that move or clear memory",
                               share(weighing, parts->moving).text);

    if (parts->faults.known)
        add(&text,
            memory_printf("%s page faults, estimated at %s", units_count(parts->faults.total).text,
                          share(weighing, parts->faulting).text));
    else
        add(&text, memory_printf("page faults unavailable (%s)",
                                 parts->faults.reason != NULL ? parts->faults.reason
                                                              : "they are of whole processes"));
    if (parts->major_faults.known && parts->major_faults.total > 0)
        add(&text, memory_printf("%s major fault%s, which read from a disk",
                                 units_count(parts->major_faults.total).text,
                                 round(parts->major_faults.total) == 1 ? "" : "s"));
    if (parts->pressure_memory.known && parts->pressure_memory.mean > 0)
        add(&text, memory_printf("on this machine somebody waited for memory %s of the time",
                                 units_percent(parts->pressure_memory.mean, 100).text));
    if (parts->stalled > 0)
        add(&text, memory_printf("blocked by it for %s", share(weighing, parts->stalled).text));
    judged->evidence = text;
}

/* The larger part comes first: a sentence begins with it. */
static char *blocked_text(const struct weighing *weighing, double seen, double unseen)
{
    struct unit_text files = share(weighing, seen), elsewhere = share(weighing, unseen);
    struct unit_text pressed = units_percent(weighing->parts->pressure_io.mean, 100);

    if (unseen <= 0)
        return memory_printf("%s of thread time blocked for files and pipes", files.text);
    if (unseen > seen)
        return memory_printf("%s of thread time blocked where no hook sees it while somebody "
                             "waited for a disk (%s of the time); %s of thread time blocked for "
                             "files and pipes",
                             elsewhere.text, pressed.text, files.text);
    return memory_printf("%s of thread time blocked for files and pipes; %s blocked where no hook "
                         "sees it while somebody waited for a disk (%s of the time)",
                         files.text, elsewhere.text, pressed.text);
}

static void weigh_io(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;
    double seen = parts->of[BOTTLENECK_IO] - parts->unseen_files;

    judged->evidence = blocked_text(weighing, seen, parts->unseen_files);
    struct usage busy = usage_busiest(weighing->profile, "disk.busy");
    if (busy.known && busy.mean > 0)
        add(&judged->evidence,
            memory_printf("disk %s busy %s of the time", busy.subject != NULL ? busy.subject : "",
                          units_percent(busy.mean, 100).text));
    needs_waits(weighing, judged);
}

static void weigh_network(const struct weighing *weighing, struct judged_class *judged)
{
    struct usage in = usage_sum(weighing->profile, "net.received");
    struct usage out = usage_sum(weighing->profile, "net.sent");

    judged->evidence = memory_printf("%s of thread time blocked for sockets and names of hosts",
                                     share(weighing, weighing->parts->of[BOTTLENECK_NETWORK]).text);
    if (in.known && out.known)
        add(&judged->evidence,
            memory_printf("network cards received %s/s and sent %s/s (not what stays here)",
                          units_bytes(in.mean).text, units_bytes(out.mean).text));
    needs_waits(weighing, judged);
}

static void weigh_gpu(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;
    const struct usage *gpu = &parts->gpu;

    judged->known = gpu->known;
    if (!gpu->known) {
        judged->evidence = memory_strdup(gpu->reason);
        return;
    }
    judged->evidence = memory_printf(
        "graphics card %s busy %s of the time, by this program or another; meanwhile %s of thread "
        "time waits for no disk, network, lock or process%s%s%s",
        gpu->subject != NULL ? gpu->subject : "", units_percent(gpu->mean, 100).text,
        share(weighing, parts->of[BOTTLENECK_GPU] - parts->driving).text,
        parts->driving > 0 ? ", " : "",
        parts->driving > 0 ? share(weighing, parts->driving).text : "",
        parts->driving > 0 ? " is spent running in its driver" : "");
}

static void weigh_contention(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;

    judged->evidence =
        memory_printf("%s of thread time blocked for locks, %s for other threads to do something",
                      share(weighing, parts->locked).text,
                      share(weighing, parts->of[BOTTLENECK_CONTENTION] - parts->locked).text);
    needs_waits(weighing, judged);
}

static void weigh_allocator(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;

    judged->known = parts->has_samples;
    judged->evidence = judged->known
                           ? memory_printf("%s of thread time in the allocator's functions",
                                           share(weighing, parts->allocating).text)
                           : memory_strdup("no samples");
}

static void weigh_throttled(const struct weighing *weighing, struct judged_class *judged)
{
    const struct time_parts *parts = weighing->parts;
    struct usage limit = usage_busiest(weighing->profile, "cgroup.cpu-limit");
    char *text = memory_strdup("");

    /* A part that is known settles the class only where there is something of it. */
    judged->known = parts->slowness.known || parts->held > 0;
    if (!judged->known)
        add(&text, memory_strdup(parts->slowness.reason));
    if (parts->held_back.known && limit.known)
        add(&text, memory_printf("held back for %s by the limit of its control group, %.3g "
                                 "processors: %s of thread time ready to run",
                                 units_duration(parts->held_back.whole_ns).text, limit.mean,
                                 share(weighing, parts->held).text));
    else if (parts->held_back.known)
        add(&text, memory_printf("held back for %s by the limit of its control group: %s of "
                                 "thread time ready to run",
                                 units_duration(parts->held_back.whole_ns).text,
                                 share(weighing, parts->held).text));
    if (parts->slowness.known)
        add(&text, memory_printf("%s of thread time on a processor that was slowed down, for its "
                                 "temperature or below 90 %% of its nominal frequency",
                                 share(weighing, parts->slowed).text));
    judged->evidence = text;
}

/* Of equal parts the first is the verdict. */
static const struct {
    enum bottleneck class;
    weigh *weigh;
} table[BOTTLENECK_CLASSES] = {
    {BOTTLENECK_THROTTLED, weigh_throttled},   {BOTTLENECK_CPU, weigh_cpu},
    {BOTTLENECK_CONTENTION, weigh_contention}, {BOTTLENECK_IO, weigh_io},
    {BOTTLENECK_NETWORK, weigh_network},       {BOTTLENECK_MEMORY, weigh_memory},
    {BOTTLENECK_ALLOCATOR, weigh_allocator},   {BOTTLENECK_GPU, weigh_gpu},
};

static enum time_rest largest_rest(const struct time_parts *parts)
{
    enum time_rest largest = REST_SLEEP;

    for (int i = REST_SLEEP; i < RESTS; i++)
        if (parts->rest[i] > parts->rest[largest])
            largest = (enum time_rest)i;
    return largest;
}

/* Row of the strongest class but that of `without` (BOTTLENECK_CLASSES: of all); BOTTLENECK_CLASSES
 * when none has any part. */
static size_t strongest(const struct judgement *judgement, size_t without)
{
    size_t row = BOTTLENECK_CLASSES;
    double most = 0;

    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        const struct judged_class *judged = &judgement->classes[table[i].class];
        if (i == without || !judged->known || judged->strength <= most)
            continue;
        most = judged->strength;
        row = i;
    }
    return row;
}

static enum bottleneck class_of(size_t row)
{
    return row < BOTTLENECK_CLASSES ? table[row].class : BOTTLENECK_UNKNOWN;
}

static bool has_deadlock(const struct profile *profile)
{
    struct lock_order order;

    lock_order_init(&order, profile);
    bool has = order.cycle_count > 0 && order.cycles[0].deadlock;
    lock_order_release(&order);
    return has;
}

/* ", 39 % ready to run while other programs had the processors": of no class, and often the most. */
static char *crowded_text(const struct weighing *weighing)
{
    double crowded = weighing->parts->crowded;

    if (crowded < READY_LEAST * weighing->parts->shares.wall)
        return memory_strdup("");
    return memory_printf(", %s ready to run while other programs had the processors",
                         share(weighing, crowded).text);
}

/* "55 % asleep" */
static char *rest_text(const struct weighing *weighing)
{
    static const char *const names[RESTS] = {
        [REST_SLEEP] = "asleep",
        [REST_WORK] = "waiting for something to do",
        [REST_OTHERS] = "waiting for other processes",
        [REST_UNSEEN] = "blocked where no hook sees it",
    };
    enum time_rest rest = largest_rest(weighing->parts);

    return memory_printf("%s %s", share(weighing, weighing->parts->rest[rest]).text, names[rest]);
}

/* "balanced: of thread time 30 % cpu, 25 % i/o, 20 % asleep: no resource limits it" */
static char *balanced_text(const struct weighing *weighing, const struct judgement *judgement)
{
    size_t row = BOTTLENECK_CLASSES;
    char *parts = memory_strdup(""), *rest = rest_text(weighing);
    char *crowded = crowded_text(weighing);

    for (int i = 0; i < 2 && (row = strongest(judgement, row)) < BOTTLENECK_CLASSES; i++) {
        if (i > 0 && judgement->classes[class_of(row)].strength < NAMED_LEAST)
            break;
        char *longer = memory_printf("%s%s %s, ", parts,
                                     share(weighing, weighing->parts->of[class_of(row)]).text,
                                     bottleneck_name(class_of(row)));
        free(parts);
        parts = longer;
    }
    char *text = memory_printf("balanced: of thread time %s%s%s: no resource limits it", parts,
                               rest, crowded);
    free(crowded);
    free(rest);
    free(parts);
    return text;
}

/* Why no verdict can be given; NULL: one can. */
static char *reason_against(const struct weighing *weighing)
{
    const struct time_parts *parts = weighing->parts;

    if (parts->shares.wall <= 0)
        return memory_strdup("insufficient data: nothing is known of threads' time off the "
                             "processor (--waits on records it)");
    if (!profile_has_metric(weighing->profile, METRIC_WALL))
        return memory_strdup("insufficient data: recorded with --waits off, so that nothing is "
                             "known of time off the processor");
    if (parts->shares.wall < TIME_LEAST_NS)
        return memory_printf("insufficient data: %s of thread time, much of it start and end",
                             units_duration(parts->shares.wall).text);
    return NULL;
}

/* What the verdict does not speak of. */
static char *ready_text(const struct weighing *weighing, enum bottleneck class)
{
    double ready = weighing->parts->shares.runnable - weighing->parts->held;

    if (class == BOTTLENECK_CPU || ready < READY_LEAST * weighing->parts->shares.wall)
        return memory_strdup("");
    return memory_printf("; %s ready to run without a processor", share(weighing, ready).text);
}

static void decide(const struct weighing *weighing, struct judgement *judgement)
{
    const struct time_parts *parts = weighing->parts;
    size_t first = strongest(judgement, BOTTLENECK_CLASSES);
    enum time_rest rest = largest_rest(parts);
    double most_rest = parts->rest[rest] / parts->shares.wall;
    double strength = first < BOTTLENECK_CLASSES ? judgement->classes[class_of(first)].strength : 0;
    double counted = 1 - parts->crowded / parts->shares.wall;

    if (strength > 0 && strength >= BOTTLENECK_LEAST * counted && strength >= most_rest) {
        judgement->verdict = class_of(first);
        judgement->runner_up = class_of(strongest(judgement, first));
        char *ready = ready_text(weighing, judgement->verdict);
        bool is_short = judgement->verdict == BOTTLENECK_CPU &&
                        parts->shares.runnable - parts->held > parts->shares.on;
        judgement->text = memory_printf(
            "%s: %s%s", is_short ? "short of processors" : bottleneck_title(judgement->verdict),
            judgement->classes[judgement->verdict].evidence, ready);
        free(ready);
        return;
    }
    judgement->runner_up = class_of(first);
    if (rest == REST_UNSEEN && most_rest >= BOTTLENECK_LEAST * counted) {
        char *text = rest_text(weighing);
        judgement->verdict = BOTTLENECK_UNKNOWN;
        judgement->text = memory_printf("insufficient data: of thread time %s", text);
        free(text);
        return;
    }
    judgement->verdict = BOTTLENECK_BALANCED;
    judgement->text = balanced_text(weighing, judgement);
}

void bottleneck_judge(struct judgement *judgement, const struct profile *profile,
                      const struct time_parts *parts)
{
    const struct weighing weighing = {profile, parts};

    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        struct judged_class *judged = &judgement->classes[table[i].class];
        judged->known = parts->shares.wall > 0;
        if (parts->shares.wall > 0)
            judged->strength = parts->of[table[i].class] / parts->shares.wall;
        table[i].weigh(&weighing, judged);
    }
    judgement->verdict = judgement->runner_up = BOTTLENECK_UNKNOWN;
    judgement->text = reason_against(&weighing);
    if (judgement->text != NULL)
        return;
    decide(&weighing, judgement);
    if (has_deadlock(profile) && judgement->verdict != BOTTLENECK_CONTENTION) {
        judgement->runner_up = judgement->verdict;
        judgement->verdict = BOTTLENECK_CONTENTION;
        free(judgement->text);
        judgement->text = memory_strdup("deadlock: threads wait for each other for ever");
    }
}
