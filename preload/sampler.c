/*
 * The signal handler. Its own file because what runs here runs at any moment in
 * somebody else's code: it reads the machine, walks, interns, and commits one
 * record, without a lock, a system call or an allocation.
 */
#include "preload/sampler.h"

#include "preload/clock_cpu.h"
#include "preload/contract/trace_format.h"
#include "preload/counters.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/ring.h"
#include "preload/signal_hooks.h"
#include "preload/stack_table.h"
#include "preload/threads.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

static struct sampler_options options;
static struct ring_file *ring;
static bool enabled;

void sampler_enable(bool on)
{
    __atomic_store_n(&enabled, on, __ATOMIC_RELEASE);
}

bool sampler_enabled_sigsafe(void)
{
    return __atomic_load_n(&enabled, __ATOMIC_ACQUIRE);
}

void sampler_use_ring(struct ring_file *file)
{
    ring = file;
}

/* Monotonic time by the vDSO: no system call on the clock sources of this age. */
static uint64_t now_sigsafe(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* The node number of the walked stack, root first. False when nodes ran out. */
static bool intern_sigsafe(const struct walk *walk, uint32_t *stack)
{
    uint32_t generation = modules_generation_sigsafe();
    uint32_t node = walk->root;
    for (uint32_t i = walk->depth; i-- > 0;) {
        node = stack_table_intern_sigsafe(ring, node, walk->codes[i], generation);
        if (!node)
            return false;
    }
    *stack = node;
    return true;
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

static void take_sample_sigsafe(struct thread *thread, uint32_t weight, const ucontext_t *context)
{
    struct ring_slot *slot = thread->slot;
    uint32_t stack;
    unwind_sigsafe(&thread->walk, context, &thread->bounds, options.max_depth, options.unwinder);
    struct ring_sample *sample =
        intern_sigsafe(&thread->walk, &stack) ? ring_reserve_sigsafe(slot, sizeof *sample) : NULL;
    if (!sample) {
        slot->lost++;
        return;
    }
    sample->stack = stack;
    sample->time_ns = now_sigsafe();
    sample->weight = weight;
    sample->region = thread->region;
    take_memory_sigsafe(thread, sample);
    slot->samples++;
    uint64_t time_ns = sample->time_ns; /* once committed it is the drain's */
    ring_commit_sigsafe(sample, sizeof *sample, RING_SAMPLE);
    counters_take_sigsafe(ring, thread, stack, time_ns);
}

/* Our timers carry the address of a thread's entry; the target's own signals do not. */
static bool is_ours_sigsafe(const siginfo_t *info)
{
    return info->si_code == SI_TIMER && threads_has_entry_sigsafe(info->si_value.sival_ptr);
}

/* The thread a signal is for: the timer carries it, and it must still be ours. */
static struct thread *addressee_sigsafe(const siginfo_t *info)
{
    struct thread *thread = info->si_value.sival_ptr;
    return thread == threads_current_sigsafe() ? thread : threads_foreign_sigsafe(thread);
}

/*
 * The first signal of a thread stands for a whole tick, where ticks are what drives
 * the clock: a thread that lives for less is hit in proportion to its life, and what
 * it used before the hit would count for half of that. What long threads use after
 * their last signal makes up for it.
 */
static uint32_t weight_sigsafe(const struct thread *thread, const siginfo_t *info)
{
    uint32_t weight = clock_cpu_weight_sigsafe(info);
    bool first = thread->slot->samples == 0 && thread->slot->lost == 0;
    return first && options.tick_periods > weight ? options.tick_periods : weight;
}

static void handle_sigsafe(int signal, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    if (!is_ours_sigsafe(info)) {
        signal_hooks_pass_on_sigsafe(signal, info, context);
        return;
    }
    struct thread *thread = sampler_enabled_sigsafe() ? addressee_sigsafe(info) : NULL;
    if (thread)
        take_sample_sigsafe(thread, weight_sigsafe(thread, info), context);
    errno = saved_errno;
}

int sampler_init(const struct sampler_options *wanted)
{
    options = *wanted;
    return signal_hooks_take_sigprof(handle_sigsafe);
}
