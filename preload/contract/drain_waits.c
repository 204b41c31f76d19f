/* Waits that are in no ring. Its own file because they come from the heads of slots and file. */
#include "preload/contract/drain_waits.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_handler.h"
#include "preload/contract/encode_offcpu.h"
#include "preload/contract/encode_waits.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/node_room.h"
#include "preload/contract/scheduling.h"
#include "preload/contract/wait_time.h"

#define TRIES 4 /* at an entry that its thread writes to */

static bool copy_entry(const struct ring_wait *entry, struct ring_wait *copy)
{
    for (int i = 0; i < TRIES; i++) {
        /* Pairs with the stores before and behind what the thread writes. */
        uint32_t before = __atomic_load_n(&entry->commit, __ATOMIC_ACQUIRE);
        for (size_t word = 0; word < sizeof *copy / 8; word++)
            ((uint64_t *)copy)[word] =
                __atomic_load_n((const uint64_t *)entry + word, __ATOMIC_ACQUIRE);
        if (before == __atomic_load_n(&entry->commit, __ATOMIC_RELAXED) && before % 2 == 0)
            return before != 0;
    }
    return false;
}

/* When a thread that will wait no more did so last. */
static uint64_t end_of(const struct drain *drain, const struct ring_slot *slot)
{
    if (slot->end_ns)
        return slot->end_ns;
    uint64_t died_ns = drain->died_ns ? drain->died_ns : drain->latest_ns;
    return drain->dead ? died_ns : libc_clock_now_sigsafe();
}

static bool has_stack(const struct ring_waiting *waiting)
{
    return __atomic_load_n(&waiting->kind, __ATOMIC_ACQUIRE) &&
           __atomic_load_n(&waiting->stack_ticks, __ATOMIC_ACQUIRE) == waiting->ticks;
}

bool drain_has_open_wait(const struct ring_slot *slot, const struct drain_slot *seen)
{
    return has_stack(&slot->waiting) && seen->wait_told != slot->waiting.ticks;
}

/* What a descriptor is only the thread knows, and may not have said yet. */
static uint64_t object_of(const struct ring_waiting *waiting)
{
    uint64_t object = __atomic_load_n(&waiting->object, __ATOMIC_RELAXED);
    return object & RING_WAIT_DESCRIPTOR ? 0 : object;
}

/* The wait that is not over. */
static bool copy_waiting(const struct drain *drain, const struct ring_slot *slot,
                         struct ring_wait *copy)
{
    const struct ring_waiting *waiting = &slot->waiting;
    uint32_t kind = __atomic_load_n(&waiting->kind, __ATOMIC_ACQUIRE);
    if (!kind || !drain->ring->wait_clock)
        return false;
    uint64_t begin_ns = wait_time_begin_sigsafe(drain->ring, slot), end_ns = end_of(drain, slot);
    bool known = has_stack(waiting) && node_room_has(drain->ring, waiting->stack);
    *copy = (struct ring_wait){.stack = known ? waiting->stack : TRACE_STACK_COMPLETE,
                               .kind = kind,
                               .peer = waiting->peer,
                               .object = object_of(waiting),
                               .end_ns = end_ns};
    copy->begin_ns = begin_ns && begin_ns < end_ns ? begin_ns : end_ns;
    copy->total_ns = copy->longest_ns = end_ns - copy->begin_ns;
    return copy->total_ns >= drain->ring->wait_threshold_ns;
}

void drain_put_held_waits(struct drain *drain, const struct ring_slot *slot,
                          struct drain_slot *seen, bool ended, bool last)
{
    struct ring_wait copies[RING_WAITS + 1];
    struct waits_encoder encoder;
    uint32_t count = 0;
    waits_encoder_init(&encoder, ended ? 0 : TRACE_WAITS_HELD);
    for (uint32_t i = 0; last && i < RING_WAITS; i++)
        count += copy_entry(&slot->waits[i], &copies[count]);
    if (last || drain_has_open_wait(slot, seen)) {
        seen->wait_told = slot->waiting.ticks;
        count += copy_waiting(drain, slot, &copies[count]);
    }
    for (uint32_t i = 0; i < count; i++) {
        waits_encoder_add(&encoder, &copies[i], drain_define_node(drain, copies[i].stack));
        drain_note_time(drain, copies[i].end_ns);
    }
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records +=
        waits_encoder_finish(&encoder, &drain->payload, &drain->columns, seen->number);
}

void drain_put_scheduling(struct drain *drain, const struct ring_slot *slot,
                          const struct drain_slot *seen, bool ended, bool last)
{
    struct ring_scheduling now;
    uint64_t when_ns;
    if (!drain->ring->wait_clock || (drain->dead && !ended))
        return;
    if (ended) {
        now = slot->ended;
        when_ns = slot->end_ns;
    } else {
        scheduling_read(drain->pid, slot->tid, last ? SCHEDULING_ALL : SCHEDULING_TIMES, &now);
        when_ns = libc_clock_now_sigsafe();
        now.paused_ns = scheduling_paused_ns(drain->ring, when_ns);
    }
    if (!now.known)
        return;
    drain_note_time(drain, when_ns);
    drain->records += encode_scheduling(&drain->payload, &drain->columns, seen->number, when_ns,
                                        &slot->begun, &now);
}

void drain_put_objects(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    uint32_t count = __atomic_load_n(&ring->has_object, __ATOMIC_ACQUIRE);
    count = count < RING_OBJECTS ? count : RING_OBJECTS;
    for (uint32_t id = 1; id < count; id++) {
        const struct ring_object *object = &ring->objects[id];
        if (!__atomic_load_n(&object->used, __ATOMIC_ACQUIRE)) {
            count = id;
            break;
        }
        uint64_t calls = __atomic_load_n(&object->reads, __ATOMIC_RELAXED) +
                         __atomic_load_n(&object->writes, __ATOMIC_RELAXED);
        if (id < drain->objects_written && calls == drain->object_calls[id])
            continue;
        drain->records += encode_object(&drain->payload, &drain->columns, id, object);
        drain->object_calls[id] = calls;
    }
    drain->objects_written = count;
    drain->records += encode_waits_lost(&drain->payload, ring, &drain->waits_lost);
}

void drain_put_look(struct drain *drain, const struct ring_slot *slot, struct drain_slot *seen,
                    bool last)
{
    struct offcpu_encoder encoder;
    const struct ring_look *look = &slot->look;
    if (!long_looks_has_news(slot, last))
        return;
    bool known = look->asked == RING_LOOK_ANSWERED && node_room_has(drain->ring, look->stack);
    struct ring_offcpu stretch = {.stack = known ? look->stack : TRACE_STACK_COMPLETE,
                                  .time_ns = look->seen_ns,
                                  .length_ns = look->seen_ns - long_looks_from_ns(look),
                                  .state = TRACE_OFFCPU_BLOCKED};
    if (look->kind)
        stretch.state = TRACE_OFFCPU_KINDS + look->kind;
    seen->look_told = look->seen_ns;
    offcpu_encoder_init(&encoder);
    offcpu_encoder_add(&encoder, &stretch, drain_define_node(drain, stretch.stack));
    drain_note_time(drain, stretch.time_ns);
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records +=
        offcpu_encoder_finish(&encoder, &drain->payload, &drain->columns, seen->number);
}

void drain_look_written(struct ring_slot *slot, struct drain_slot *seen)
{
    if (seen->look_told)
        long_looks_told(slot, seen->look_told);
    seen->look_told = 0;
}
