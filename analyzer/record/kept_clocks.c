/* Reading threads' run times. Its own file beside kept_ring.c, which drains. */
#include "analyzer/record/kept_clocks.h"

#include "preload/contract/kernel_text.h"

#include <stdio.h>
#include <stdlib.h>

/* Threads' clocks are the process's own to read; this is as old as a tick. */
static void note(struct ring_slot *slot, pid_t pid)
{
    char path[64], text[64];

    snprintf(path, sizeof(path), "/proc/%d/task/%d/schedstat", (int)pid, (int)slot->tid);
    if (!kernel_text_read(path, text, sizeof(text)))
        return;
    uint64_t used = strtoull(text, NULL, 10);
    if (used > slot->cpu_seen_ns)
        slot->cpu_seen_ns = used;
}

void kept_clocks_note(struct ring_file *ring, pid_t pid)
{
    uint32_t count = __atomic_load_n(&ring->slot_count, __ATOMIC_ACQUIRE);

    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE)
            note(slot, pid);
    }
}
