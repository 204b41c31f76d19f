/* Taking it. Its own file because it is neither a sample nor a hook's record. */
#include "preload/wait_stack.h"

#include "preload/clock_wall.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/long_looks.h"
#include "preload/contract/long_waits.h"
#include "preload/contract/node_room.h"
#include "preload/own_code.h"
#include "preload/sampler.h"
#include "preload/wait_objects.h"

#include <sched.h>
#include <unistd.h>

#define COLLECT_NS 10000000u
#define OWN_DEPTH 64u /* frames of the C library's below ours, and ours, at most */

uint32_t wait_stack_caller_sigsafe(struct ring_file *ring, uint32_t leaf)
{
    uint32_t caller = 0, node = leaf;
    for (unsigned i = 0; i < OWN_DEPTH && node_room_has(ring, node); i++) {
        const struct ring_node *frame = ring_node_at(ring, node);
        if (own_code_has_sigsafe(frame->code >> TRACE_NODE_BITS))
            caller = frame->parent;
        node = frame->parent;
    }
    return caller;
}

void wait_stack_take_sigsafe(struct ring_file *ring, struct thread *thread,
                             const ucontext_t *context)
{
    struct ring_waiting *waiting = thread ? &thread->slot->waiting : NULL;
    uint32_t leaf;
    bool is_open = waiting && waiting->kind && waiting->stack_ticks != waiting->ticks;
    bool is_seen = waiting && !waiting->kind && long_looks_asks_sigsafe(thread->slot);
    if ((!is_open && !is_seen) || sampler_take_stack_sigsafe(thread, context, &leaf) != 0)
        return;
    if (is_seen) {
        long_looks_answer_sigsafe(thread->slot, leaf);
        return;
    }
    uint32_t caller = wait_stack_caller_sigsafe(ring, leaf);
    if (!caller) /* it was left */
        return;
    waiting->stack = caller;
    if (waiting->object & RING_WAIT_DESCRIPTOR && !confinement_any_sigsafe())
        waiting->object =
            wait_objects_of_fd_sigsafe((int)(waiting->object & ~RING_WAIT_DESCRIPTOR));
    __atomic_store_n(&waiting->stack_ticks, waiting->ticks, __ATOMIC_RELEASE);
}

void wait_stacks_collect(struct ring_file *ring)
{
    uint64_t deadline = libc_clock_now_sigsafe() + COLLECT_NS;
    if (confinement_any_sigsafe() || clock_wall_is_on() ||
        !long_waits_ask(ring, getpid(), COLLECT_NS))
        return;
    while (long_waits_unanswered(ring) && libc_clock_now_sigsafe() < deadline)
        sched_yield();
}
