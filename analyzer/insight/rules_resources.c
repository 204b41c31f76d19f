/*
 * Rules about the machine and its limits, by resources. Their own file beside those about what the
 * program itself does.
 */
#include "analyzer/insight/rules.h"

#include "analyzer/insight/families.h"
#include "analyzer/insight/usage.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKED_LEAST 0.10     /* of thread time, for what a disk or a network is said to hold up */
#define RUNNING_LEAST 0.40     /* of thread time, for what a processor is said to hold up */
#define CARD_IDLE_LEAST 5.0    /* per cent: a card that is less busy is not used */
#define RETRANSMITS_LEAST 10.0 /* of a run */
#define PACKETS_LEAST 1000.0
#define SWAPPED_LEAST (16.0 * (1 << 20)) /* bytes of a run */
#define LIMIT_MOST 1e15                  /* bytes: more is how version 1 says none */

static struct unit_text percent(double value)
{
    return units_percent(value, 100);
}

static char *subject(const struct usage *usage)
{
    return memory_printf("%s%s", usage->subject != NULL ? " " : "",
                         usage->subject != NULL ? usage->subject : "");
}

/* --- where in the program ---------------------------------------------------------- */

/* What goes with a series, as was found by correlation; NULL: nothing that is significant. */
static const struct relation_cause *cause_of(const struct evidence *evidence, const char *name)
{
    const struct relations *relations = evidence->relations;

    for (size_t i = 0; relations != NULL && i < relations->series_count; i++) {
        const struct relation_series *series = &relations->series[i];
        if (strcmp(series->name, name) == 0 && series->cause_count > 0 &&
            series->causes[0].relation.significant && series->causes[0].relation.strength > 0)
            return &series->causes[0];
    }
    return NULL;
}

/* "; it goes with I/O waits in load() from main() (r 0.93)", and its stack; nothing where none does. */
static char *goes_with(const struct evidence *evidence, const char *name,
                       struct recommendation *found)
{
    const struct relation_cause *cause = cause_of(evidence, name);

    if (cause == NULL)
        return memory_strdup("");
    found->stack = cause->stack;
    char *where = wait_text_place(evidence->profile, cause->stack);
    char *text =
        memory_printf("; it goes with %s in %s (r %.2f)", relation_activity_name(cause->activity),
                      where, cause->relation.strength);
    free(where);
    return text;
}

/* Waits of a group, of files or of sockets. */
struct blocked {
    const struct evidence *evidence;
    bool of_sockets;
};

static bool is_blocked(const struct profile_wait *wait, const void *context)
{
    const struct blocked *blocked = context;
    const struct profile *profile = blocked->evidence->profile;
    bool is_socket = wait->object != WAIT_OBJECT_NONE &&
                     profile->objects[wait->object].kind == TRACE_OBJECT_SOCKET;

    return wait_kind_group(wait->kind) == WAIT_GROUP_IO && is_socket == blocked->of_sockets &&
           wait->kind != TRACE_WAIT_ACCEPT && !blocked->evidence->shares.is_idle[wait->thread];
}

/* Nanoseconds, and where most of them were. */
static double blocked_time(const struct evidence *evidence, bool of_sockets, uint32_t *stack)
{
    const struct blocked blocked = {evidence, of_sockets};
    struct wait_rows rows;
    double sum = 0;

    wait_rows_init(&rows, evidence->profile, WAIT_BY_STACK, is_blocked, &blocked);
    for (size_t i = 0; i < rows.count; i++)
        sum += (double)rows.rows[i].sums.blocked_ns;
    *stack = rows.count > 0 ? rows.rows[0].one->stack : STACK_NONE;
    wait_rows_release(&rows);
    return sum;
}

/* "blocked for 56 % of thread time, most in write_through() from main()" */
static char *blocked_text(const struct evidence *evidence, double blocked, uint32_t stack)
{
    char *where = wait_text_place(evidence->profile, stack);
    char *text = memory_printf("%s of thread time is blocked for it, most in %s",
                               units_percent(blocked, evidence->shares.wall).text, where);

    free(where);
    return text;
}

static double running_share(const struct evidence *evidence)
{
    return evidence->shares.wall > 0 ? evidence->shares.on / evidence->shares.wall : 0;
}

/* --- processors -------------------------------------------------------------------- */

bool rule_cpu_limit(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage held = usage_busiest(evidence->profile, "cgroup.throttled");
    struct usage times = usage_busiest(evidence->profile, "cgroup.throttles");
    struct usage limit = usage_busiest(evidence->profile, "cgroup.cpu-limit");
    double wanted = evidence->shares.on + evidence->shares.runnable;
    double lost = fmin(held.whole_ns, evidence->shares.runnable);

    if (evidence->is_part || !held.known || wanted <= 0 || lost < least * wanted)
        return false;
    found->share = lost / wanted;
    found->finding = memory_printf(
        "the control group may use %.3g processors and was held back for %s in %s of its periods: "
        "%s of the %s threads ran or wanted to",
        limit.mean, units_duration(held.whole_ns).text, units_count(times.total).text,
        units_percent(lost, wanted).text, units_duration(wanted).text);
    return true;
}

/* The kernel's own programs and other containers' too. */
static double of_others(const struct evidence *evidence)
{
    struct usage busy = usage_busiest(evidence->profile, "cpu.busy");
    struct usage own = usage_sum(evidence->profile, "process.cpu");
    double cpus = (double)evidence->demand.cpus;

    return busy.known && own.known ? busy.mean / 100 * cpus - own.mean / 100 : NAN;
}

bool rule_busy_machine(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct demand *demand = &evidence->demand;
    struct usage held = usage_busiest(evidence->profile, "cgroup.throttled");
    double wanted = demand->cpu + demand->runnable, others = of_others(evidence);

    if (evidence->is_part || demand->is_oversubscribed || !demand->is_short ||
        demand->runnable < least * wanted || demand->cpus == 0 || isnan(others) || others <= 0 ||
        (held.known && held.whole_ns >= demand->runnable / 2))
        return false;
    found->share = demand->runnable / demand->wall;
    found->finding = memory_printf(
        "other programs use %.2g of %zu processors on average; this one's threads waited for one "
        "for %s of the %s they ran or wanted to",
        others, demand->cpus, units_percent(demand->runnable, wanted).text,
        units_duration(wanted).text);
    return true;
}

bool rule_stolen(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage steal = usage_busiest(evidence->profile, "cpu.steal");

    if (!steal.known || steal.mean < 100 * least || running_share(evidence) < RUNNING_LEAST)
        return false;
    found->share = fmin(1, steal.mean / 100);
    found->finding = memory_printf("the host of this virtual machine took %s of its processors' "
                                   "time, up to %s",
                                   percent(steal.mean).text, percent(steal.most).text);
    return true;
}

/* Highest of sensors, for the finding. */
static char *temperature(const struct evidence *evidence)
{
    struct usage hot = usage_busiest(evidence->profile, "cpu.temperature");

    return hot.known ? memory_printf(" at up to %.0f degC", hot.most) : memory_strdup("");
}

bool rule_hot(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage slowed = usage_mean(evidence->profile, "cpu.throttled");
    struct usage times = usage_sum(evidence->profile, "cpu.throttles");

    if (!slowed.known || slowed.mean < 100 * least || running_share(evidence) <= 0)
        return false;
    char *degrees = temperature(evidence);
    char *with = goes_with(evidence, "cpu.throttled", found);
    found->share = fmin(1, slowed.mean / 100);
    found->finding =
        memory_printf("processors were slowed down for their temperature %s times, %s of the "
                      "time%s; %s of thread time is spent running%s",
                      units_count(times.total).text, percent(slowed.mean).text, degrees,
                      percent(100 * running_share(evidence)).text, with);
    free(with);
    free(degrees);
    return true;
}

/* The fastest processor, of a program that runs: idle ones are slow. */
bool rule_slow_clock(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage mhz = usage_busiest(evidence->profile, "cpu.mhz");
    struct usage nominal = usage_busiest(evidence->profile, "cpu.mhz-nominal");
    struct usage slowed = usage_mean(evidence->profile, "cpu.throttled");

    if (!mhz.known || !nominal.known || nominal.mean <= 0 ||
        running_share(evidence) < RUNNING_LEAST || mhz.mean > (1 - least) * nominal.mean ||
        (slowed.known && slowed.mean > 0))
        return false;
    found->share = fmin(1, 1 - mhz.mean / nominal.mean);
    found->finding =
        memory_printf("the fastest processor ran at %.0f MHz on average, %s of its %.0f MHz, while "
                      "%s of thread time was spent running",
                      mhz.mean, units_percent(mhz.mean, nominal.mean).text, nominal.mean,
                      percent(100 * running_share(evidence)).text);
    return true;
}

/* --- memory ------------------------------------------------------------------------ */

bool rule_memory_limit(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage used = usage_busiest(evidence->profile, "cgroup.memory");
    struct usage limit = usage_busiest(evidence->profile, "cgroup.memory-limit");
    struct usage faults = usage_sum(evidence->profile, "process.major-faults");

    if (!used.known || !limit.known || limit.last <= 0 || limit.last > LIMIT_MOST ||
        used.most < least * limit.last)
        return false;
    char *with = goes_with(evidence, "process.rss", found);
    found->share = fmin(1, used.most / limit.last);
    found->finding = memory_printf(
        "the control group used up to %s of the %s it may (%s), contents of files too; %s page "
        "faults had to read%s",
        units_bytes(used.most).text, units_bytes(limit.last).text,
        units_percent(used.most, limit.last).text, units_count(faults.total).text, with);
    free(with);
    return true;
}

bool rule_killed(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage kills = usage_busiest(evidence->profile, "memory.oom-kills");
    struct usage free_bytes = usage_busiest(evidence->profile, "memory.available");

    if (!kills.known || kills.total < least)
        return false;
    found->share = 1;
    found->finding = memory_printf("%.0f processes on this machine were killed for want of memory; "
                                   "%s were available at the end",
                                   kills.total, units_bytes(free_bytes.last).text);
    return true;
}

bool rule_swapping(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage in = usage_busiest(evidence->profile, "memory.swap-in");
    struct usage out = usage_busiest(evidence->profile, "memory.swap-out");
    struct usage pressure = usage_busiest(evidence->profile, "pressure.memory");
    struct usage available = usage_busiest(evidence->profile, "memory.available");
    double swapped = in.total + out.total;
    bool is_pressed = pressure.known && pressure.mean >= 100 * least;

    if (!is_pressed && swapped < SWAPPED_LEAST)
        return false;
    char *with = goes_with(evidence, "process.rss", found);
    char *waited = pressure.known ? memory_printf("somebody waited for memory %s of the time",
                                                  percent(pressure.mean).text)
                                  : memory_strdup("pressure unavailable");
    found->share = pressure.known ? fmin(1, pressure.mean / 100) : 0;
    found->finding = memory_printf(
        "the machine is short of memory: %s, %s were read from swap space and %s written to it, "
        "%s available at the end%s",
        waited, units_bytes(in.total).text, units_bytes(out.total).text,
        units_bytes(available.last).text, with);
    free(waited);
    free(with);
    return true;
}

/* --- disks and network ------------------------------------------------------------- */

bool rule_busy_disk(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;
    struct usage busy = usage_busiest(profile, "disk.busy");
    struct usage read = usage_sum(profile, "disk.read");
    struct usage written = usage_sum(profile, "disk.written");
    uint32_t stack;
    double blocked = blocked_time(evidence, false, &stack);

    if (!busy.known || busy.mean < 100 * least || evidence->shares.wall <= 0 ||
        blocked < BLOCKED_LEAST * evidence->shares.wall)
        return false;
    char *disk = subject(&busy), *where = blocked_text(evidence, blocked, stack);
    found->stack = stack;
    char *with =
        goes_with(evidence, read.mean > written.mean ? "disk.read" : "disk.written", found);
    found->share = blocked / evidence->shares.wall;
    found->finding = memory_printf(
        "disk%s had something to do %s of the time: %s/s were read and %s/s written; %s%s", disk,
        percent(busy.mean).text, units_bytes(read.mean).text, units_bytes(written.mean).text, where,
        with);
    free(with);
    free(where);
    free(disk);
    return true;
}

bool rule_retransmits(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;
    struct usage again = usage_busiest(profile, "net.retransmits");
    struct usage packets = usage_sum(profile, "net.packets-out");
    uint32_t stack;
    double blocked = blocked_time(evidence, true, &stack);

    if (!again.known || !packets.known || again.total < RETRANSMITS_LEAST ||
        packets.total < PACKETS_LEAST || again.total < least * packets.total || blocked <= 0)
        return false;
    char *where = blocked_text(evidence, blocked, stack);
    found->stack = stack;
    char *with = goes_with(evidence, "net.retransmits", found);
    found->share = fmin(1, again.total / packets.total);
    found->finding = memory_printf("%s of %s packets the machine sent were segments of TCP sent "
                                   "again (%s); %s%s",
                                   units_count(again.total).text, units_count(packets.total).text,
                                   units_percent(again.total, packets.total).text, where, with);
    free(with);
    free(where);
    return true;
}

bool rule_drops(const struct evidence *evidence, double least, struct recommendation *found)
{
    const struct profile *profile = evidence->profile;
    struct usage drops = usage_busiest(profile, "net.drops");
    struct usage in = usage_sum(profile, "net.packets-in"),
                 out = usage_sum(profile, "net.packets-out");
    double packets = in.total + out.total;
    uint32_t stack;
    double blocked = blocked_time(evidence, true, &stack);

    if (!drops.known || packets < PACKETS_LEAST || drops.total < least * packets || blocked <= 0)
        return false;
    char *interface = subject(&drops), *where = blocked_text(evidence, blocked, stack);
    found->stack = stack;
    found->share = fmin(1, drops.total / packets);
    found->finding =
        memory_printf("interface%s dropped or damaged %s of %s packets (%s); %s", interface,
                      units_count(drops.total).text, units_count(packets).text,
                      units_percent(drops.total, packets).text, where);
    free(where);
    free(interface);
    return true;
}

/* --- graphics cards ---------------------------------------------------------------- */

/* The program itself has to do with it: by its stacks, or as it goes with what functions do. */
static bool uses_card(const struct evidence *evidence)
{
    for (size_t i = 0; i < evidence->profile->frame_count; i++)
        if (family_drives_cards(evidence->profile->frames[i].module))
            return true;
    return cause_of(evidence, "gpu.busy") != NULL;
}

bool rule_idle_card(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage busy = usage_busiest(evidence->profile, "gpu.busy");

    if (!busy.known || busy.mean < CARD_IDLE_LEAST || busy.mean > 100 * (1 - least) ||
        running_share(evidence) < RUNNING_LEAST || !uses_card(evidence))
        return false;
    char *card = subject(&busy), *with = goes_with(evidence, "gpu.busy", found);
    found->share = 1 - busy.mean / 100;
    found->finding = memory_printf("graphics card%s has something to do %s of the time only, while "
                                   "%s of thread time is spent running%s",
                                   card, percent(busy.mean).text,
                                   percent(100 * running_share(evidence)).text, with);
    free(with);
    free(card);
    return true;
}

bool rule_busy_card(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct usage busy = usage_busiest(evidence->profile, "gpu.busy");
    struct usage used = usage_busiest(evidence->profile, "gpu.memory");
    struct usage all = usage_busiest(evidence->profile, "gpu.memory-total");

    if (!busy.known || busy.mean < 100 * least || running_share(evidence) > RUNNING_LEAST)
        return false;
    char *card = subject(&busy), *with = goes_with(evidence, "gpu.busy", found);
    char *memory = used.known && all.known
                       ? memory_printf(", with up to %s of its %s of memory in use",
                                       units_bytes(used.most).text, units_bytes(all.last).text)
                       : memory_strdup("");
    found->share = fmin(1, busy.mean / 100);
    found->finding = memory_printf(
        "graphics card%s has something to do %s of the time, by this program or another%s; threads "
        "run for %s of theirs%s",
        card, percent(busy.mean).text, memory, percent(100 * running_share(evidence)).text, with);
    free(memory);
    free(with);
    free(card);
    return true;
}
