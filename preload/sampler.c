/*
 * The signal handler. Its own file because what runs here runs at any moment in
 * somebody else's code: it reads the machine, walks, interns, and commits one
 * record, without a lock, a system call or an allocation.
 */
#include "preload/sampler.h"

#include "preload/chores.h"
#include "preload/clock.h"
#include "preload/clock_perf.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/trace_format.h"
#include "preload/counters.h"
#include "preload/handler_cost.h"
#include "preload/modules.h"
#include "preload/nap.h"
#include "preload/platform.h"
#include "preload/retry.h"
#include "preload/ring.h"
#include "preload/signals.h"
#include "preload/stack_table.h"
#include "preload/threads.h"
#include "preload/unwind_rules.h"
#include "preload/wait_stack.h"
#include "preload/waits.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

/* The handler goes 1.2 KiB deep at most, where a rule is made or libunwind's states are
 * followed (build/programs/handler_stack). Two signal frames of 2.9 KiB on an alternate
 * stack of 8 KiB leave 2.4. */
#define STACK_NEEDED 1536u

static struct sampler_options options;
static struct ring_file *ring;
PLATFORM_FORK_DATA bool sampler_is_enabled;
static PLATFORM_FORK_DATA bool was_off;
static PLATFORM_FORK_DATA uint64_t enabled_ns;

void sampler_enable(bool on)
{
    was_off |= !on;
    if (on && !sampler_is_enabled)
        __atomic_store_n(&enabled_ns, libc_clock_now_sigsafe(), __ATOMIC_RELAXED);
    __atomic_store_n(&sampler_is_enabled, on, __ATOMIC_RELEASE);
}

uint64_t sampler_enabled_since_ns(void)
{
    return sampler_enabled_sigsafe() ? __atomic_load_n(&enabled_ns, __ATOMIC_RELAXED) : 0;
}

bool sampler_was_off(void)
{
    return was_off;
}

void sampler_use_ring(struct ring_file *file)
{
    ring = file;
}

/* The node number of the walked stack, root first. False when nodes ran out. */
static bool intern_sigsafe(struct walk *walk, uint32_t *stack)
{
    struct remembered_walk *memory = &walk->memory;
    uint32_t generation = memory->generation, above = walk->reused;
    uint32_t node = above ? memory->frames[above - 1].node : walk->root;
    for (uint32_t i = walk->depth; i-- > 0; above++) {
        node = stack_table_intern_sigsafe(ring, node, walk->codes[i], generation);
        if (!node) {
            memory->count = 0;
            return false;
        }
        if (above < memory->count)
            memory->frames[above].node = node;
    }
    *stack = node;
    return true;
}

/* The frames of the kernel below `stack`; those there is room for. */
static uint32_t add_kernel_sigsafe(struct thread *thread, int handle, uint32_t stack)
{
    uint32_t generation = thread->walk.memory.generation;
    for (uint32_t i = clock_perf_kernel_sigsafe(handle, thread->kernel); i-- > 0;) {
        uint64_t code = thread->kernel[i] << TRACE_NODE_BITS | (i == 0 ? TRACE_NODE_EXACT : 0u);
        uint32_t node = stack_table_intern_sigsafe(ring, stack, code, generation);
        if (!node)
            return stack;
        stack = node;
    }
    return stack;
}

/* Fills in what the thread allocated and freed since its sample before. */
static void take_memory_sigsafe(struct thread *thread, struct ring_sample *sample)
{
    const struct ring_memory now = thread->slot->memory;
    sample->alloc_count = (uint32_t)(now.alloc_count - thread->seen.alloc_count);
    sample->free_count = (uint32_t)(now.free_count - thread->seen.free_count);
    sample->alloc_bytes = now.alloc_bytes - thread->seen.alloc_bytes;
    sample->free_bytes = now.free_bytes - thread->seen.free_bytes;
    thread->seen = now;
}

/* What is left below the handler on the stack it runs on: the alternate one when the
 * frame lies there, which the kernel tells in the context, else the thread's own. */
static bool has_room_sigsafe(const struct thread *thread, const ucontext_t *context)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    uint64_t alternate = (uint64_t)context->uc_stack.ss_sp;
    if (alternate && here - alternate < context->uc_stack.ss_size)
        return here - alternate >= STACK_NEEDED;
    return here < thread->bounds.low || here - thread->bounds.low >= STACK_NEEDED;
}

/* The program has had the processor's cache to itself: what is needed of the thread in
 * any case comes at the same time, not one after the other. */
static inline void prefetch_sigsafe(struct thread *thread, uint64_t pc)
{
    struct ring_slot *slot = thread->slot;
    __builtin_prefetch(unwind_rule_set(pc >> UNWIND_BLOCK_BITS));
    __builtin_prefetch(&thread->walk.memory.owner);
    __builtin_prefetch(remembered_walk_fresh(&thread->walk.memory, 0), 1);
    __builtin_prefetch(thread->walk.codes, 1);
    __builtin_prefetch(&slot->serial);
    __builtin_prefetch(&slot->memory);
    __builtin_prefetch(&slot->reserved, 1);
    __builtin_prefetch(&slot->consumed);
    __builtin_prefetch(&ring->node_next);
}

static void count_sigsafe(enum trace_unwinding what, uint64_t number)
{
    __atomic_fetch_add(&ring->unwinding.counts[what], number, __ATOMIC_RELAXED);
}

/* What the walk met beyond simple rules. */
static void count_walk_sigsafe(const struct walk *walk)
{
    if (walk->by_states)
        count_sigsafe(TRACE_UNWINDING_STATES, walk->by_states);
    if (walk->by_registers)
        count_sigsafe(TRACE_UNWINDING_REGISTERS, walk->by_registers);
    if (walk->cause)
        count_sigsafe(walk->cause, 1);
}

static void lose_sigsafe(struct ring_slot *slot, enum trace_unwinding why)
{
    slot->lost++;
    count_sigsafe(why, 1);
}

enum trace_unwinding sampler_take_stack_sigsafe(struct thread *thread, const ucontext_t *context,
                                                uint32_t *stack)
{
    struct walk *walk = &thread->walk;
    if (PLATFORM_UNLIKELY(!has_room_sigsafe(thread, context) || walk->under_way))
        return TRACE_UNWINDING_NO_STACK;
    walk->remember = walk->under_way = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    remembered_walk_begin_sigsafe(&walk->memory, thread->slot->serial,
                                  modules_generation_sigsafe());
    unwind_sigsafe(walk, context, &thread->bounds, options.max_depth, options.unwinder);
    bool whole = intern_sigsafe(walk, stack);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    walk->under_way = false;
    return PLATFORM_LIKELY(whole) ? 0 : TRACE_UNWINDING_NO_NODES;
}

static void take_sample_sigsafe(struct thread *thread, const struct clock_tick *tick,
                                const ucontext_t *context, uint64_t start)
{
    struct ring_slot *slot = thread->slot;
    uint32_t stack;
    prefetch_sigsafe(thread, platform_registers_sigsafe(context).pc);
    slot->periods += tick->weight;
    slot->on_time += !tick->clock->rides_on_ticks;
    enum trace_unwinding failed = sampler_take_stack_sigsafe(thread, context, &stack);
    if (PLATFORM_UNLIKELY(failed)) {
        lose_sigsafe(slot, failed);
        return;
    }
    struct ring_sample *sample = ring_reserve_sigsafe(slot, sizeof *sample);
    if (PLATFORM_UNLIKELY(!sample)) {
        lose_sigsafe(slot, TRACE_UNWINDING_NO_RING);
        return;
    }
    if (tick->clock == &clock_perf)
        stack = add_kernel_sigsafe(thread, tick->handle, stack);
    sample->stack = stack;
    sample->time_ns = start;
    sample->weight = tick->weight;
    sample->region = thread->region;
    take_memory_sigsafe(thread, sample);
    slot->samples++;
    count_walk_sigsafe(&thread->walk);
    slot->last_stack = stack;
    ring_commit_sigsafe(sample, sizeof *sample, RING_SAMPLE);
    if (tick->clock == &clock_perf)
        clock_perf_count_sigsafe(tick->handle);
    counters_take_sigsafe(ring, thread, stack, start);
    if (PLATFORM_UNLIKELY(nap_is_on_sigsafe()))
        nap_note_sample_sigsafe(thread);
    chores_after_sample_sigsafe(thread);
    if (PLATFORM_UNLIKELY(options.measure))
        handler_cost_add_sigsafe(&ring->handler, &thread->walk, libc_clock_now_sigsafe() - start);
}

/* A tick of the process's clock, or of one not stopped yet. What a thread sends, by
 * pthread_cancel(), is the C library's. */
static __attribute__((noinline, cold)) void pass_strict_sigsafe(int signal, siginfo_t *info,
                                                                void *context)
{
    if (info->si_code == SI_TKILL)
        signals_pass_on_sigsafe(signal, info, context);
    else
        retry_note_strict_sigsafe(context);
}

static void handle_sigsafe(int signal, siginfo_t *info, void *context)
{
    struct clock_tick tick;
    int saved_errno = errno;
    if (PLATFORM_UNLIKELY(confinement_is_strict_sigsafe())) {
        pass_strict_sigsafe(signal, info, context);
        return;
    }
    uint64_t start = libc_clock_now_sigsafe();
    if (!clock_read_sigsafe(info, &tick) || !threads_sent_sigsafe(&tick)) {
        if (chores_called_sigsafe(info)) {
            wait_stack_take_sigsafe(ring, threads_current_sigsafe(), context);
            retry_note_sigsafe(context);
            errno = saved_errno;
            return;
        }
        signals_pass_on_sigsafe(signal, info, context);
        return;
    }
    uint64_t sp = platform_registers_sigsafe(context).sp;
    nap_stir_sigsafe();
    struct thread *thread = sampler_enabled_sigsafe() ? threads_addressee_sigsafe(&tick, sp) : NULL;
    if (thread) {
        take_sample_sigsafe(thread, &tick, context, start);
        waits_met_sigsafe(thread, sp);
    }
    retry_note_sigsafe(context);
    errno = saved_errno;
}

int sampler_init(const struct sampler_options *wanted)
{
    options = *wanted;
    return signals_take(handle_sigsafe);
}
