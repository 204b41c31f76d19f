/*
 * Threads' slots, from a ring file to chunks. Its own file beside drain.c because what a pass reads
 * of them comes in as many chunks as it needs, and is given back by what was written.
 */
#include "preload/contract/drain_slots.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/drain_memory.h"
#include "preload/contract/drain_program.h"
#include "preload/contract/drain_segments.h"
#include "preload/contract/drain_waits.h"
#include "preload/contract/kernel_text.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/node_room.h"
#include "preload/contract/thread_time.h"
#include "preload/contract/trace_parts.h"

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The thread's current name: by itself once it ended, else from /proc. */
static void refresh_name(const struct drain *drain, struct ring_slot *slot)
{
    char path[64], name[sizeof slot->name + 1];
    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != RING_SLOT_LIVE)
        return;
    if (!drain->pid && slot->tid == gettid()) {
        prctl(PR_GET_NAME, slot->name);
        return;
    }
    if (drain->pid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/comm", drain->pid, slot->tid);
    else
        snprintf(path, sizeof path, "/proc/self/task/%d/comm", slot->tid);
    if (!kernel_text_read(path, name, sizeof name) || name[0] == '\n')
        return;
    size_t length = strcspn(name, "\n");
    memset(name + length, 0, sizeof name - length); /* it may be read meanwhile */
    memcpy(slot->name, name, sizeof slot->name);
}

static void meet_thread(const struct ring_slot *slot, struct drain_slot *seen)
{
    if (seen->serial == slot->serial)
        return;
    memset(seen, 0, sizeof *seen);
    seen->serial = slot->serial;
    seen->position = slot->consumed;
    memcpy(seen->counts_read, slot->counts_written, sizeof seen->counts_read);
}

/* Defines the thread in this epoch, or tells its new name. */
static void put_thread(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    meet_thread(slot, seen);
    refresh_name(drain, slot);
    if (seen->chunk == drain->chunks_begun &&
        strncmp(seen->name, slot->name, sizeof seen->name) == 0)
        return;
    if (seen->epoch != drain->epoch)
        seen->number = ++drain->threads_defined;
    if (seen->epoch != drain->epoch)
        seen->wait_told = 0;
    seen->epoch = drain->epoch;
    seen->chunk = drain->chunks_begun;
    memcpy(seen->name, slot->name, sizeof seen->name);
    drain_note_time(drain, slot->start_ns);
    drain->records += encode_thread(&drain->payload, &drain->columns, seen->number, slot);
}

void drain_define_thread(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    meet_thread(slot, seen);
    if (seen->chunk != drain->chunks_begun)
        put_thread(drain, slot, seen);
}

static void put_rest(struct drain *drain, const struct ring_slot *slot,
                     const struct drain_slot *seen)
{
    struct thread_time time = thread_time_of(slot);
    uint64_t length_ns = thread_time_rest_ns(drain->ring, slot, &time);
    if (!length_ns)
        return;
    uint32_t leaf = thread_time_rest_stack(drain->ring, slot, length_ns);
    if (!node_room_has(drain->ring, leaf)) /* its last sample was long ago */
        leaf = TRACE_STACK_COMPLETE;
    uint32_t stack = drain_define_node(drain, leaf);
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records += encode_rest(&drain->payload, &drain->columns, seen->number, stack, length_ns);
}

static void put_totals(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    struct thread_time time = thread_time_of(slot);
    drain->records += encode_totals(&drain->payload, &drain->columns, seen->number, slot,
                                    time.cpu_ns, time.paused_ns);
}

/* True when the slot holds something the trace should have now. */
static bool slot_has_news(const struct ring_slot *slot, const struct drain_slot *seen, bool final)
{
    return final || __atomic_load_n(&slot->state, __ATOMIC_RELAXED) == RING_SLOT_ENDED ||
           seen->serial != slot->serial || drain_has_open_wait(slot, seen) ||
           long_looks_has_news(slot, false) ||
           __atomic_load_n(&slot->reserved, __ATOMIC_ACQUIRE) != seen->position;
}

/* Returns false when the chunk has no room for all that the slot holds. */
static bool put_slot(struct drain *drain, uint32_t index, bool final)
{
    struct ring_slot *slot = ring_slot_at(drain->ring, index);
    struct drain_slot *seen = &drain->slots[index];
    uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
    if (!ring_slot_in_use(slot) || !slot_has_news(slot, seen, final || drain->dead))
        return true;
    put_thread(drain, slot, seen);
    uint64_t limit = __atomic_load_n(&slot->reserved, __ATOMIC_ACQUIRE);
    bool all = drain_put_records(drain, slot, seen, limit);
    if (all) {
        drain->dropped.ended |= state == RING_SLOT_ENDED;
        /* What a thread that is gone left uncommitted will stay so: it was cancelled
         * in its handler. The slot's next thread starts behind it. */
        if (state == RING_SLOT_ENDED)
            seen->position = limit;
        bool last = final || drain->dead || state == RING_SLOT_ENDED;
        if (last)
            drain_put_rest(drain, slot, seen);
        drain_put_held_waits(drain, slot, seen, state == RING_SLOT_ENDED, last);
        drain_put_look(drain, slot, seen, last);
        drain_put_scheduling(drain, slot, seen, state == RING_SLOT_ENDED, last);
        if (final || state == RING_SLOT_ENDED)
            put_rest(drain, slot, seen);
        put_totals(drain, slot, seen);
        seen->ended = state == RING_SLOT_ENDED;
    }
    slot->taken = seen->position;
    __atomic_store_n(&slot->taken_at, trace_place(drain->part, drain->bytes_written) + 1,
                     __ATOMIC_RELEASE);
    return all;
}

bool drain_slots_put(struct drain *drain, bool final)
{
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    for (; drain->slot_next < count; drain->slot_next++)
        if (!drain_limit_has_room(drain, 0) || !put_slot(drain, drain->slot_next, final))
            return true;
    return false;
}

static void give_slot_back(struct drain *drain, uint32_t index, struct drain_slot *seen)
{
    drain_memory_ended(drain, ring_slot_at(drain->ring, index));
    memset(seen, 0, sizeof *seen);
    ring_free_slot(drain->ring, index);
}

static void give_room_back(struct ring_slot *slot, const struct drain_slot *seen)
{
    uint64_t from = slot->consumed % RING_DATA_SIZE, size = seen->position - slot->consumed;
    size = size < RING_DATA_SIZE ? size : RING_DATA_SIZE; /* more only where it is damaged */
    uint64_t first = size < RING_DATA_SIZE - from ? size : RING_DATA_SIZE - from;
    memset(slot->data + from, 0, first);
    memset(slot->data, 0, size - first);
    __atomic_store_n(&slot->consumed, seen->position, __ATOMIC_RELEASE);
    __atomic_store_n(&slot->taken_at, 0, __ATOMIC_RELEASE);
}

/* Slots of this chunk, the last of which may go on in the next. */
static uint32_t slots_end(const struct drain *drain)
{
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    return drain->slot_next < count ? drain->slot_next + 1 : count;
}

void drain_slots_written(struct drain *drain)
{
    uint32_t end = slots_end(drain);
    for (uint32_t i = drain->slot_first; i < end; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        struct drain_slot *seen = &drain->slots[i];
        /* The serial is read second: a slot being claimed is still written to. */
        if (!ring_slot_in_use(slot) || seen->serial != slot->serial)
            continue;
        drain->stuck = seen->position == slot->consumed ? drain->stuck : 0;
        give_room_back(slot, seen);
        drain_program_written(drain, slot, seen);
        drain_look_written(slot, seen);
        if (seen->ended && drain_segments_all_written(drain, slot))
            give_slot_back(drain, i, seen);
    }
    drain->stuck = drain->slot_next > drain->slot_first ? 0 : drain->stuck;
    drain->slot_first = drain->slot_next;
    drain_limit_settled(drain);
}

void drain_slots_abandoned(struct drain *drain)
{
    uint32_t end = slots_end(drain);
    for (uint32_t i = drain->slot_first; i < end; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        slot->taken_at = 0;
        drain->slots[i].position = slot->consumed;
        drain->slots[i].ended = false;
        drain->slots[i].wait_told = drain->slots[i].look_told = 0;
        drain_program_abandoned(drain, slot, &drain->slots[i]);
    }
    drain->slot_next = drain->slot_first;
}

void drain_settle(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        bool written = slot->taken_at && slot->taken_at <= ring->trace_written;
        slot->taken_at = 0; /* what is in no chunk yet is taken anew */
        if (!written || slot->taken - slot->consumed > slot->reserved - slot->consumed)
            continue;
        slot->consumed = slot->taken;
        if (slot->state == RING_SLOT_ENDED && slot->segments == slot->segments_written)
            give_slot_back(drain, i, &drain->slots[i]);
    }
}
