/*
 * How a process ended, from its ring to the trace. Its own file because it comes once, in the
 * last chunk or after all of them.
 */
#include "preload/contract/drain_end.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/libc_clock.h"

#include <string.h>

void drain_end_put_death(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    uint32_t number = 0;
    if (drain->death_put ||
        __atomic_load_n(&ring->death.state, __ATOMIC_ACQUIRE) != RING_DEATH_TOLD)
        return;
    const struct ring_death death = ring->death; /* somebody else's file: read once */
    if (death.signal < 1 || death.signal > 64 || death.sender < 0 || death.tid < 0)
        return;
    struct ring_slot *slot = death.slot < ring->slot_count ? ring_slot_at(ring, death.slot) : NULL;
    if (slot && ring_slot_in_use(slot) && slot->serial == death.slot_serial) {
        drain_define_thread(drain, slot, &drain->slots[death.slot]);
        number = drain->slots[death.slot].number;
    }
    uint32_t stack = drain_define_node(drain, death.stack);
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records += encode_death(&drain->payload, &drain->columns, number, &death, stack);
    drain_note_time(drain, death.time_ns);
    drain->death_put = true;
}

void drain_end_put(struct drain *drain, const struct drain_end *end)
{
    bool killed = end->kind == TRACE_END_KILLED;
    uint64_t when_ns = killed ? end->when_ns : libc_clock_now_sigsafe();
    if (end->oom)
        drain->records += encode_property(&drain->payload, "oom_kill", end->oom, strlen(end->oom));
    if (when_ns)
        drain_note_time(drain, when_ns);
    drain->records +=
        encode_end(&drain->payload, &drain->columns, end, killed ? when_ns : drain->time_last);
}
