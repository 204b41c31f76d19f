/*
 * Places of waits, single waits and their objects, with the profile's numbers. Its own file because
 * load.c is about stacks.
 */
#include "analyzer/load/merge_waits.h"

#include "analyzer/load/holders.h"
#include "analyzer/model/wait_kind.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

/* No padding: key_table compares bytes. */
struct object_key {
    uint64_t value, is_id;
};

struct merging {
    struct profile *profile;
    const struct loaded_trace *trace;
    const struct merged_trace *merged;
    struct key_table *objects; /* to numbers from first_object on */
    uint32_t first_object;
    struct profile_wait *waits; /* by place of the trace */
};

static struct object_io io_of(const struct trace_io *io)
{
    return (struct object_io){io->calls, io->bytes, io->small, io->onward};
}

static struct profile_object defined_object(const struct merging *merging,
                                            const struct trace_waited_object *object)
{
    return (struct profile_object){.process = merging->merged->process,
                                   .has_address = object->kind == TRACE_OBJECT_LOCK,
                                   .kind = object->kind,
                                   .address = object->identity,
                                   .name = *object->name != '\0' ? object->name : NULL,
                                   .reads = io_of(&object->reads),
                                   .writes = io_of(&object->writes)};
}

static uint32_t add_object(struct merging *merging, const struct object_key *key,
                           const struct profile_object *object)
{
    struct profile *profile = merging->profile;
    uint32_t number = (uint32_t)profile->object_count - merging->first_object;
    uint32_t found = key_table_add(merging->objects, key, number);

    if (found == number)
        profile_add_object(profile, object);
    return merging->first_object + found;
}

/* All that were read from or written to, also without a wait. */
static void add_defined(struct merging *merging)
{
    const struct loaded_waits *waits = &merging->trace->waits;

    for (size_t i = 0; i < waits->object_count; i++) {
        const struct trace_waited_object *object = &waits->objects[i];
        bool is_lock = object->kind == TRACE_OBJECT_LOCK;
        struct object_key key = {is_lock ? object->identity : object->id, !is_lock};
        struct profile_object defined;
        if (object->id == 0)
            continue;
        defined = defined_object(merging, object);
        add_object(merging, &key, &defined);
    }
}

static uint32_t object_of(struct merging *merging, size_t number)
{
    const struct loaded_waits *waits = &merging->trace->waits;
    const struct wait_place *place = &waits->ledger.places[number];
    bool is_id = wait_kind_has_descriptor(place->kind);
    struct object_key key = {place->object, is_id};
    struct profile_object unknown = {.process = merging->merged->process,
                                     .has_address = !is_id,
                                     .kind = is_id ? TRACE_OBJECT_OTHER : TRACE_OBJECT_LOCK,
                                     .address = is_id ? 0 : place->object,
                                     .image = waits->locations[number].image,
                                     .elf_address = waits->locations[number].elf_address};

    return place->object != 0 ? add_object(merging, &key, &unknown) : WAIT_OBJECT_NONE;
}

/* The youngest thread of that number that had begun by then, else the first: numbers are given out
 * again. */
static uint32_t peer_of(const struct merging *merging, uint64_t tid, uint64_t time_ns)
{
    uint32_t found = WAIT_THREAD_NONE;

    for (size_t i = 0; i < merging->trace->thread_count && tid != 0; i++) {
        const struct profile_thread *thread = &merging->trace->threads[i];
        if ((uint64_t)thread->tid == tid &&
            (found == WAIT_THREAD_NONE || thread->start_ns <= time_ns))
            found = merging->merged->first_thread + (uint32_t)i;
    }
    return found;
}

/* The stack of the call that waited, and the mark of the kind below it. */
static uint32_t marked_stack(const struct merging *merging, const struct wait_place *place)
{
    struct profile *profile = merging->profile;
    struct frame mark = {
        .function = strings_intern(profile->strings, wait_kind_mark(place->kind)),
        .kind = FRAME_MARK,
    };

    return profile_add_stack(profile, merging->merged->stacks->stacks[place->stack].below,
                             profile_add_frame(profile, &mark), false);
}

static void add_place(struct merging *merging, size_t number)
{
    const struct wait_place *place = &merging->trace->waits.ledger.places[number];
    const struct merged_trace *merged = merging->merged;
    const struct wait_sums *sums = &merging->trace->waits.ledger.sums[number];
    bool has_peer_thread = place->kind != TRACE_WAIT_CHILD;
    struct profile_wait wait = {
        .thread = merged->first_thread + place->thread,
        .stack = marked_stack(merging, place),
        .region = place->region < merging->trace->region_count ? merged->regions[place->region]
                                                               : REGION_NONE,
        .kind = place->kind,
        .object = object_of(merging, number),
        .peer = place->peer <= INT32_MAX ? (int32_t)place->peer : 0,
        .peer_thread =
            has_peer_thread ? peer_of(merging, place->peer, sums->last_ns) : WAIT_THREAD_NONE,
        .sums = *sums,
    };

    merging->waits[number] = wait;
    if (wait.sums.total_ns > 0)
        profile_add_wait(merging->profile, &wait);
}

static void add_single(struct merging *merging, const struct loaded_single *loaded)
{
    const struct profile_wait *wait = &merging->waits[loaded->place];
    const struct raw_stacks *stacks = merging->merged->stacks;
    struct profile_single single = {.thread = wait->thread,
                                    .stack = wait->stack,
                                    .region = wait->region,
                                    .kind = wait->kind,
                                    .object = wait->object,
                                    .peer_thread = wait->peer_thread,
                                    .peer = wait->peer,
                                    .open = loaded->open,
                                    .begin_ns = loaded->begin_ns,
                                    .end_ns = loaded->end_ns,
                                    .sample_ns = loaded->sample_ns};

    if (loaded->sample_ns != 0)
        single.sample_stack = stacks->stacks[loaded->sample_stack].stack;
    profile_add_single(merging->profile, &single);
}

void merge_waits(struct profile *profile, const struct loaded_trace *trace,
                 const struct merged_trace *merged)
{
    struct merging merging = {
        .profile = profile,
        .trace = trace,
        .merged = merged,
        .objects = key_table_new(sizeof(struct object_key)),
        .first_object = (uint32_t)profile->object_count,
        .waits = memory_alloc((trace->waits.ledger.place_count + 1) * sizeof(struct profile_wait))};

    add_defined(&merging);
    for (size_t i = 0; i < trace->waits.ledger.place_count; i++)
        add_place(&merging, i);
    size_t first_single = profile->single_count;
    for (size_t i = 0; i < trace->waits.single_count; i++)
        add_single(&merging, &trace->waits.singles[i]);
    profile->singles_left += trace->waits.singles_left;
    holders_find(profile, first_single);
    free(merging.waits);
    key_table_free(merging.objects);
}
