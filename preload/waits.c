/*
 * Recording of waits. Its own file because the hooks must stay short, and this is where they go
 * when somebody waited.
 */
#include "preload/waits.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/io_counts.h"
#include "preload/nap.h"
#include "preload/own_code.h"
#include "preload/ring.h"
#include "preload/sampler.h"
#include "preload/signals.h"
#include "preload/threads.h"
#include "preload/tid_table.h"
#include "preload/wait_objects.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>

/* As long ones go to the ring at once, while at least half of it is free. */
#define AT_ONCE_NS 10000000u
#define AT_ONCE_FILL (RING_DATA_SIZE / 2)
#define KEPT_NS 1000000000u /* in an entry, when there is a record to be made */
#define KEPT_FILL (RING_DATA_SIZE / 4 * 3)

#define STACK_NEEDED (8u << 10) /* to find out what a descriptor is */

/* Until the rate of the processor's ticks is known they are taken for as long as those of one of
 * 1 GHz: waits are looked at in vain, and none is missed. */
#define LONGEST_TICK_NS 32u
#define RATE_KNOWN_NS 1000000u

#define STIRS_NS 10000000u /* what sleeps deep */

__thread struct ring_waiting *waits_place;
struct waits_options waits_options;

static struct ring_file *ring;
static double ns_per_tick;       /* 0: not known yet */
static struct ring_slot napping; /* no ring has it: `tid` and `waiting` are used */

void waits_init(uint64_t threshold_ns)
{
    waits_options.threshold_ns = threshold_ns;
    waits_options.threshold_ticks = threshold_ns / LONGEST_TICK_NS;
    waits_options.clock = ticks_choose();
}

void waits_use_ring(struct ring_file *file)
{
    ring = file;
    waits_place = NULL;
    if (!waits_options.clock)
        return;
    wait_objects_use_ring(file);
    io_counts_use_ring(file);
    ring->wait_ticks = waits_now();
    ring->wait_ns = libc_clock_now_sigsafe();
    ring->wait_threshold_ns = waits_options.threshold_ns;
    __atomic_store_n(&ring->wait_clock, waits_options.clock, __ATOMIC_RELEASE);
}

void waits_attach(struct ring_slot *slot)
{
    waits_place = waits_options.clock ? &slot->waiting : NULL;
}

void waits_nap(int tid)
{
    napping.tid = tid;
    io_counts_place = NULL; /* what its parent counted is its parent's */
    napping.waiting.kind = 0;
    waits_place = waits_options.clock ? &napping.waiting : NULL;
}

/* --- waits within waits --------------------------------------------------------- */

/* Where handlers, or coroutines, have stacks of their own, nothing is known from addresses. */
static bool is_on_stack_sigsafe(const struct thread *thread, uint64_t sp)
{
    return thread && sp >= thread->bounds.low && sp < thread->bounds.high;
}

/* A frame further down the stack may have been written over the one of a wait that was left. */
static bool was_left_sigsafe(const struct thread *thread, const struct ring_waiting *waiting,
                             uint64_t sp)
{
    const struct wait *wait = (const struct wait *)waiting->sp;
    if (!is_on_stack_sigsafe(thread, sp) || !is_on_stack_sigsafe(thread, waiting->sp) ||
        waiting->sp % sizeof(uint64_t) != 0)
        return false;
    return waiting->sp <= sp || wait->place != waiting || wait->ticks != waiting->ticks;
}

void waits_begin_within(struct wait *wait, struct ring_waiting *place)
{
    if (!was_left_sigsafe(threads_current_sigsafe(), place, (uint64_t)wait))
        wait->outer = *place;
}

void waits_met_sigsafe(const struct thread *thread, uint64_t sp)
{
    struct ring_waiting *waiting = &thread->slot->waiting;
    if (PLATFORM_UNLIKELY(waiting->kind) && was_left_sigsafe(thread, waiting, sp))
        __atomic_store_n(&waiting->kind, 0, __ATOMIC_RELAXED);
}

/* What was told of meanwhile stays so. */
void waits_end_within(struct wait *wait)
{
    struct ring_waiting *place = wait->place;
    place->peer = wait->outer.peer;
    place->object = wait->outer.object;
    place->sp = wait->outer.sp;
    place->ticks = wait->outer.ticks;
    __atomic_store_n(&place->kind, wait->outer.kind, __ATOMIC_RELEASE);
}

/* --- entries and records ---------------------------------------------------------- */

static bool is_same(const struct ring_wait *a, const struct ring_wait *b)
{
    return a->stack == b->stack && a->object == b->object && a->kind == b->kind &&
           a->peer == b->peer && a->region == b->region;
}

/* The drain takes an entry only when it found the same even number before and behind it. */
static uint32_t begin_write(struct ring_wait *entry, uint32_t number)
{
    __atomic_store_n(&entry->commit, number | 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return (number | 1) + 1 ? (number | 1) + 1 : 2;
}

static void end_write(struct ring_wait *entry, uint32_t number)
{
    __atomic_store_n(&entry->commit, number, __ATOMIC_RELEASE);
}

/* Into an empty entry. Its numbers begin where those of the one that was there do not. */
static void fill(struct ring_wait *entry, const struct ring_wait *wait)
{
    uint32_t number = begin_write(entry, (uint32_t)wait->end_ns);
    memcpy((char *)entry + sizeof entry->commit, (const char *)wait + sizeof wait->commit,
           sizeof *wait - sizeof wait->commit);
    end_write(entry, number);
}

static void merge(struct ring_wait *entry, const struct ring_wait *wait)
{
    uint32_t number = begin_write(entry, entry->commit);
    entry->count += wait->count;
    entry->total_ns += wait->total_ns;
    entry->bytes += wait->bytes;
    if (wait->longest_ns > entry->longest_ns)
        entry->longest_ns = wait->longest_ns;
    if (wait->begin_ns < entry->begin_ns)
        entry->begin_ns = wait->begin_ns;
    if (wait->end_ns > entry->end_ns)
        entry->end_ns = wait->end_ns;
    end_write(entry, number);
}

/* As a record; false when more than `fill` bytes of the ring are in use. */
static bool put(struct ring_slot *slot, const struct ring_wait *wait, uint64_t most)
{
    struct ring_wait *record = ring_reserve_wait_sigsafe(slot, most);
    if (!record)
        return false;
    memcpy((char *)record + sizeof record->commit, (const char *)wait + sizeof wait->commit,
           sizeof *wait - sizeof wait->commit);
    ring_commit_sigsafe(record, sizeof *record, RING_WAIT);
    return true;
}

static bool write_out(struct ring_slot *slot, struct ring_wait *entry, uint64_t most)
{
    uint32_t number = entry->commit;
    begin_write(entry, number);
    bool written = put(slot, entry, most);
    end_write(entry, written ? 0 : number);
    return written;
}

/* The one to add to, or an empty one; NULL when there is none. Old ones leave. */
static struct ring_wait *find_entry(struct ring_slot *slot, const struct ring_wait *wait)
{
    struct ring_wait *same = NULL, *empty = NULL, *oldest = slot->waits;
    for (struct ring_wait *entry = slot->waits; entry < slot->waits + RING_WAITS; entry++) {
        if (entry->commit && (int64_t)(wait->end_ns - entry->begin_ns) >= KEPT_NS)
            write_out(slot, entry, KEPT_FILL);
        if (!entry->commit)
            empty = entry;
        else if (is_same(entry, wait))
            same = entry;
        else if (entry->end_ns < oldest->end_ns)
            oldest = entry;
    }
    if (same || empty)
        return same ? same : empty;
    return write_out(slot, oldest, RING_DATA_SIZE) ? oldest : NULL;
}

void waits_add(struct ring_slot *slot, const struct ring_wait *wait)
{
    if (wait->total_ns >= AT_ONCE_NS && put(slot, wait, AT_ONCE_FILL))
        return;
    struct ring_wait *entry = find_entry(slot, wait);
    if (!entry)
        __atomic_add_fetch(&ring->waits_lost, 1, __ATOMIC_RELAXED);
    else if (entry->commit)
        merge(entry, wait);
    else
        fill(entry, wait);
}

/* --- from a hook ------------------------------------------------------------------ */

/* A thread made by clone() without thread-local storage of its own is in its maker's place: it
 * runs on another stack, as do handlers and coroutines of the maker's own. */
static bool is_stranger(const struct thread *thread)
{
    return !is_on_stack_sigsafe(thread, (uint64_t)__builtin_frame_address(0)) &&
           !confinement_any_sigsafe() &&
           platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0) != thread->tid;
}

/* Where the hook was called from, for a walk. */
static uint32_t take_stack(struct thread *thread)
{
    ucontext_t context;
    uint32_t stack;
    platform_capture_sigsafe(&context);
    return sampler_take_stack_sigsafe(thread, &context, &stack) == 0 ? stack : TRACE_STACK_COMPLETE;
}

/* By the mean rate since the start, which is known to better than one in a thousand after 50 us; a
 * fork child has its parent's at first. */
static double rate_by(uint64_t now_ns, uint64_t now_ticks)
{
    uint64_t ns = now_ns - ring->wait_ns, ticks = now_ticks - ring->wait_ticks;
    double known, rate = ns && ticks ? (double)ns / (double)ticks : 1;
    __atomic_load(&ns_per_tick, &known, __ATOMIC_RELAXED);
    if (ns < RATE_KNOWN_NS)
        return known > 0 ? known : rate;
    __atomic_store(&ns_per_tick, &rate, __ATOMIC_RELAXED);
    __atomic_store_n(&waits_options.threshold_ticks,
                     (uint64_t)((double)waits_options.threshold_ns / rate), __ATOMIC_RELAXED);
    return rate;
}

/* When it was, counted back from now. */
static void fill_times(struct ring_wait *record, uint64_t begin_ticks, uint64_t end_ticks)
{
    uint64_t now_ns = libc_clock_now_sigsafe(), now_ticks = waits_now();
    double rate = rate_by(now_ns, now_ticks);
    record->begin_ns = now_ns - (uint64_t)((double)(now_ticks - begin_ticks) * rate);
    record->end_ns = now_ns - (uint64_t)((double)(now_ticks - end_ticks) * rate);
}

/* Without what was told of waits within it; false when it is too short for the rest. */
static bool fill_length(struct ring_wait *record, uint64_t within_ns)
{
    uint64_t length = record->end_ns - record->begin_ns;
    length -= within_ns < length ? within_ns : length;
    record->total_ns = record->longest_ns = length;
    return length >= waits_options.threshold_ns;
}

static uint64_t object_of(uint64_t object)
{
    if (!(object & RING_WAIT_DESCRIPTOR))
        return object;
    bool may_ask = !confinement_any_sigsafe() && threads_stack_has(STACK_NEEDED);
    return may_ask ? wait_objects_of_fd_sigsafe((int)(object & ~RING_WAIT_DESCRIPTOR)) : 0;
}

static void add_new(struct thread *thread, struct ring_wait *record)
{
    record->count = 1;
    record->region = thread->region;
    waits_add(thread->slot, record);
    thread->slot->waiting.hooked_ns += record->total_ns;
}

/* A child that sleeps deep stirs for a wait that is long. False: it goes on sleeping. What its
 * parent's ring says of the clock is true. */
static bool stir(uint64_t ticks)
{
    if ((double)ticks * rate_by(libc_clock_now_sigsafe(), waits_now()) < STIRS_NS)
        return false;
    nap_stir();
    return true;
}

void waits_record(const struct wait *wait, uint64_t end_ticks, const struct waits_facts *facts)
{
    struct ring_wait record = {.kind = facts->kind, .peer = facts->peer, .bytes = facts->bytes};
    bool naps = wait->place == &napping.waiting;
    if (own_code_has_sigsafe((uint64_t)facts->caller) || (naps && !stir(end_ticks - wait->ticks)))
        return;
    struct thread *thread = threads_current_sigsafe();
    if (!thread || (!naps && &thread->slot->waiting != wait->place) || !sampler_enabled_sigsafe() ||
        is_stranger(thread))
        return;
    fill_times(&record, wait->ticks, end_ticks);
    if (!fill_length(&record, wait->place->hooked_ns - wait->hooked_ns))
        return;
    int saved_errno = errno;
    record.object = object_of(facts->object);
    uint64_t signals = signals_block_all_sigsafe();
    record.stack = take_stack(thread);
    add_new(thread, &record);
    signals_restore_sigsafe(signals);
    errno = saved_errno;
}

static void settle_thread(struct thread *thread)
{
    if (!thread->foreign)
        io_counts_settle(&thread->io);
}

void waits_settle(void)
{
    if (!waits_are_watched())
        return;
    threads_lock();
    tid_table_each(settle_thread);
    threads_unlock();
}

void waits_detach(struct thread *thread)
{
    struct ring_waiting *place = waits_place;
    struct ring_wait record = {.stack = TRACE_STACK_COMPLETE};
    waits_place = NULL;
    io_counts_detach();
    if (!place || place != &thread->slot->waiting || !place->kind)
        return;
    record.kind = place->kind;
    record.peer = place->peer;
    place->kind = 0;
    fill_times(&record, place->ticks, waits_now());
    if (!sampler_enabled_sigsafe() || !fill_length(&record, 0))
        return;
    record.object = object_of(place->object);
    add_new(thread, &record);
}
