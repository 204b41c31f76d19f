/* The others. Its own file because it is a thread that does not run, and is shared. */
#include "preload/heap_others.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/ring.h"
#include "preload/signals.h"
#include "preload/turn.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define TURN_NS 10000000000u

static struct ring_file *ring;
static uint32_t turn;
static struct thread *others; /* its slot is NULL until it is needed */

void heap_others_init(struct ring_file *file)
{
    ring = file;
    turn = 0;
    if (others)
        others->slot = NULL;
}

static bool make(void)
{
    if (others && others->slot)
        return true;
    if (!others) {
        void *memory = mmap(NULL, sizeof *others, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        own_memory_note(memory, sizeof *others, true);
        others = memory == MAP_FAILED ? NULL : memory;
    }
    struct ring_slot *slot = others ? ring_claim_slot(ring) : NULL;
    if (!slot)
        return false;
    slot->start_ns = slot->end_ns = libc_clock_now_sigsafe(); /* it has no clock to be read */
    slot->flags = TRACE_THREAD_FOREIGN;
    strcpy(slot->name, "(others)");
    others->slot = slot;
    __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
    return true;
}

struct thread *heap_others_take(uint64_t *signals)
{
    int saved_errno = errno;
    *signals = signals_block_all_sigsafe();
    bool taken = turn_take(&turn, TURN_NS), made = taken && make();
    if (taken && !made)
        turn_leave(&turn);
    if (made)
        others->walk.memory.count = 0; /* of somebody else's stack */
    else
        signals_restore_sigsafe(*signals);
    errno = saved_errno;
    return made ? others : NULL;
}

void heap_others_leave(uint64_t signals)
{
    int saved_errno = errno;
    turn_leave(&turn);
    signals_restore_sigsafe(signals);
    errno = saved_errno;
}
