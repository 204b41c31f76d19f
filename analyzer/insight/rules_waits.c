/*
 * Rules about waits, input and output. Their own file beside those about processors.
 */
#include "analyzer/insight/rules.h"

#include "analyzer/model/convoys.h"
#include "analyzer/model/wait_coverage.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOSTLY 0.5
#define SMALL_CALLS_LEAST 5000 /* of a run: fewer cost some milliseconds at most */
#define CALL_NS 500.0          /* that each takes at least, in the kernel and on the way there */
#define SMALL_MOST 512         /* bytes: what TRACE_OBJECT calls small */

static bool is_of_object(const struct profile_wait *wait, const void *context)
{
    return wait->object == *(const uint32_t *)context;
}

/* Where most time was blocked in waits that are `chosen`. */
static uint32_t waiting_stack(const struct profile *profile,
                              bool (*chosen)(const struct profile_wait *, const void *),
                              const void *context)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_STACK, chosen, context);
    uint32_t stack = rows.count > 0 ? rows.rows[0].one->stack : STACK_NONE;
    wait_rows_release(&rows);
    return stack;
}

static char *behind(const struct profile *profile, uint32_t object)
{
    double share;
    const char *holder = wait_text_holder(profile, object, WAIT_THREAD_NONE, &share);

    if (holder == NULL || share < MOSTLY)
        return memory_strdup("");
    char *call = wait_text_call(holder);
    char *text = memory_printf(", mostly while its holder was in %s", call);
    free(call);
    return text;
}

bool rule_convoy(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct convoys convoys;
    bool is_one = false;

    convoys_init(&convoys, evidence->profile);
    if (convoys.count > 0 && evidence->shares.wall > 0 &&
        (double)convoys.items[0].blocked_ns >= least * evidence->shares.wall) {
        const struct convoy *convoy = &convoys.items[0];
        char *name = wait_text_object(evidence->profile, convoy->object);
        char *most = convoy->most > 0 ? memory_printf("up to %zu at a time", convoy->most)
                                      : memory_printf("%.2g at a time on average", convoy->mean);
        char *holder = behind(evidence->profile, convoy->object);
        is_one = true;
        found->stack = waiting_stack(evidence->profile, is_of_object, &convoy->object);
        found->share = (double)convoy->blocked_ns / evidence->shares.wall;
        char *where = wait_text_place(evidence->profile, found->stack);
        found->finding = memory_printf(
            "%zu threads queue at %s, %s: %s blocked there, %s of thread time, most in %s%s",
            convoy->threads, name, most, units_duration((int64_t)convoy->blocked_ns).text,
            units_percent((double)convoy->blocked_ns, evidence->shares.wall).text, where, holder);
        free(where);
        free(holder);
        free(most);
        free(name);
    }
    convoys_release(&convoys);
    return is_one;
}

/* Reads or writes, whichever of an object are more. */
static const struct object_io *most_small(const struct profile_object *object)
{
    return object->reads.small > object->writes.small ? &object->reads : &object->writes;
}

/* Many files of few calls each as one object: most small calls are their ends, which no buffer saves. */
static bool is_of_many(const struct profile_object *object)
{
    return object->kind == TRACE_OBJECT_OTHER && object->name != NULL &&
           strcmp(object->name, "others") == 0;
}

/* The object with most small calls, of sockets or of all else. */
static uint32_t worst_of(const struct profile *profile, bool sockets)
{
    uint32_t worst = WAIT_OBJECT_NONE;

    for (size_t i = 0; i < profile->object_count; i++) {
        const struct profile_object *object = &profile->objects[i];
        if ((object->kind == TRACE_OBJECT_SOCKET) != sockets || is_of_many(object))
            continue;
        if (worst == WAIT_OBJECT_NONE ||
            most_small(object)->small > most_small(&profile->objects[worst])->small)
            worst = (uint32_t)i;
    }
    return worst;
}

/* Reads of an object, or writes to it. */
struct direction {
    uint32_t object;
    bool reads;
};

static bool is_of_direction(const struct profile_wait *wait, const void *context)
{
    const struct direction *direction = context;
    bool reads = wait->kind == TRACE_WAIT_READ || wait->kind == TRACE_WAIT_RECEIVE;
    bool writes = wait->kind == TRACE_WAIT_WRITE || wait->kind == TRACE_WAIT_SEND;

    return wait->object == direction->object && (direction->reads ? reads : writes);
}

static char *longest_wait(const struct profile *profile, uint32_t *stack,
                          struct direction direction)
{
    *stack = waiting_stack(profile, is_of_direction, &direction);
    if (*stack == STACK_NONE)
        return memory_strdup("");
    char *where = wait_text_place(profile, *stack);
    char *text = memory_printf("; the longest wait is in %s", where);
    free(where);
    return text;
}

static bool find_small(const struct evidence *evidence, double least, struct recommendation *found,
                       bool sockets)
{
    const struct profile *profile = evidence->profile;
    uint32_t worst = worst_of(profile, sockets);

    if (evidence->is_part || worst == WAIT_OBJECT_NONE || evidence->wall_ns <= 0)
        return false;
    const struct profile_object *object = &profile->objects[worst];
    const struct object_io *io = most_small(object);
    double rate = (double)io->small * 1e9 / evidence->wall_ns;
    double mean = (double)io->bytes / (double)(io->calls > 0 ? io->calls : 1);
    if (io->small < SMALL_CALLS_LEAST || rate < least ||
        (double)io->small < MOSTLY * (double)io->calls)
        return false;
    char *name = wait_text_object(profile, worst);
    char *where =
        longest_wait(profile, &found->stack, (struct direction){worst, io == &object->reads});
    found->share = fmin(1, (double)io->small * CALL_NS / evidence->wall_ns);
    found->finding = memory_printf(
        "%s %s %s, %s a second, %s %s each on average; %s of them below %d bytes%s",
        units_count((double)io->calls).text, io == &object->reads ? "reads from" : "writes to",
        name, units_count(rate).text, units_count(mean).text, mean == 1 ? "byte" : "bytes",
        units_percent((double)io->small, (double)io->calls).text, SMALL_MOST, where);
    free(where);
    free(name);
    return true;
}

bool rule_small_calls(const struct evidence *evidence, double least, struct recommendation *found)
{
    return find_small(evidence, least, found, false);
}

bool rule_small_messages(const struct evidence *evidence, double least,
                         struct recommendation *found)
{
    return find_small(evidence, least, found, true);
}

bool rule_unseen_waits(const struct evidence *evidence, double least, struct recommendation *found)
{
    struct wait_coverage seen = wait_coverage_of(evidence->profile);
    double unplaced = (double)seen.unplaced;

    if (evidence->is_part || seen.blocked == 0 || seen.looked > 0 || evidence->shares.wall <= 0 ||
        evidence->shares.group[WAIT_GROUP_OTHER] < least * evidence->shares.wall ||
        unplaced < least * (double)seen.blocked)
        return false;
    found->share = evidence->shares.group[WAIT_GROUP_OTHER] / evidence->shares.wall;
    found->finding = memory_printf("threads were blocked for %s where no hook sees it: %s of all "
                                   "time blocked (the C library's own calls, page faults, "
                                   "direct system calls)",
                                   units_duration((int64_t)seen.unplaced).text,
                                   units_percent(unplaced, (double)seen.blocked).text);
    return true;
}
