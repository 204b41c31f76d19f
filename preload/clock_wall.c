/*
 * Looking at threads. Its own file because each clock is one: this one decides when
 * to look, and to what a thread's time off the processor is charged.
 */
#include "preload/clock_wall.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/wait_time.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/ring.h"
#include "preload/wait_stack.h"
#include "preload/waiting_thread.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define MERGE_NS 1000000000u     /* of one block in one record: what a SIGKILL loses */
#define NOTICE_NS 50000u         /* off the processor, below which nobody asks where */
#define LOOK_SHARE 200u          /* looks take at most 1 / LOOK_SHARE of a processor, */
#define PERIOD_MAX_NS 200000000u /* unless they would be rarer than this */
#define STILL_FACTOR 4u          /* how much rarer looks get while no thread runs */
#define LONG_WAIT_NS 20000000u   /* of a hook: it is worth a walk while it lasts */
#define RESUME_SLACK_NS 20000000u

/* One thread, by its slot. Stretches not yet in the ring: `blocked_ns` at `stack`,
 * `runnable_ns`, and `stray_ns`, whose place is still to be found out. */
struct watched {
    uint64_t serial; /* of the slot, 0: nobody */
    uint64_t since_ns, since_cpu_ns;
    uint64_t accounted_ns; /* off the processor since then, in a stretch or the ring */
    uint64_t hooked_ns;    /* in waits that hooks tell of, which are theirs to tell */
    uint64_t cpu_ns, delay_ns;
    uint64_t blocked_ns, runnable_ns, stray_ns;
    uint64_t early_ns;          /* ready to run, told before the scheduler counts it */
    uint64_t put_ns;            /* when stretches last went to the ring */
    uint32_t stack, generation; /* of modules, in which it was taken: nodes are not for ever */
    bool blocked;               /* at `stack`, as long as it does not run */
};

static struct {
    struct ring_file *ring;
    struct watched *watched;
    uint64_t asked_period_ns, period_ns, next_ns, cost_ns;
    uint64_t resumed_ns, met_ns; /* sampling went on, and that was seen */
    uint64_t looked_ns;          /* the last look, or when looking began */
    uint32_t max_depth;
    uint64_t random;
    bool enabled, can_see, stirred; /* a thread ran since the look before */
} wall;

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int clock_wall_init(struct ring_file *ring, const struct clock_wall_options *options)
{
    uint32_t hz = options->frequency < CLOCK_WALL_HZ ? options->frequency : CLOCK_WALL_HZ;
    clock_wall_release();
    void *memory = mmap(NULL, ring->slot_capacity * sizeof *wall.watched, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (own_memory_note(memory, ring->slot_capacity * sizeof *wall.watched, true) == MAP_FAILED)
        return -ENOMEM;
    wall.ring = ring;
    wall.watched = memory;
    wall.asked_period_ns = wall.period_ns = 1000000000u / hz;
    wall.max_depth = options->max_depth;
    int status = waiting_thread_init(wall.max_depth);
    wall.can_see = status == 0;
    return status;
}

bool clock_wall_is_on(void)
{
    return wall.watched;
}

void clock_wall_reopen(void)
{
    wall.can_see = wall.watched && waiting_thread_init(wall.max_depth) == 0;
}

void clock_wall_release(void)
{
    own_memory_forget(wall.watched);
    if (wall.watched)
        munmap(wall.watched, wall.ring->slot_capacity * sizeof *wall.watched);
    waiting_thread_release();
    memset(&wall, 0, sizeof wall);
}

/* One stretch into the thread's ring; leaves *length alone when that is full. */
static void put(struct ring_slot *slot, uint32_t stack, uint64_t *length, enum trace_offcpu state,
                uint64_t end_ns)
{
    struct ring_offcpu *record = *length ? ring_reserve_sigsafe(slot, sizeof *record) : NULL;
    if (!record)
        return;
    record->stack = stack;
    record->time_ns = end_ns;
    record->length_ns = *length;
    record->state = state;
    record->padding = 0;
    ring_commit_sigsafe(record, sizeof *record, RING_OFFCPU);
    *length = 0;
}

static void put_known(struct watched *w, struct ring_slot *slot, uint64_t now)
{
    put(slot, w->stack, &w->blocked_ns, TRACE_OFFCPU_BLOCKED, now);
    put(slot, TRACE_STACK_COMPLETE, &w->runnable_ns, TRACE_OFFCPU_RUNNABLE, now);
    w->put_ns = now;
}

static void put_stray(struct watched *w, struct ring_slot *slot, uint64_t now)
{
    put(slot, TRACE_STACK_COMPLETE, &w->stray_ns, TRACE_OFFCPU_BLOCKED, now);
}

/* Time in waits that hooks tell of, new since the look before; and whether it is in one. */
static uint64_t take_hooked(struct watched *w, const struct ring_slot *slot, uint64_t now,
                            bool *waits)
{
    uint64_t hooked = wait_time_hooked_sigsafe(wall.ring, slot, now, waits);
    uint64_t added = hooked > w->hooked_ns ? hooked - w->hooked_ns : 0;
    w->hooked_ns += added;
    return added;
}

/* Begins with a thread: with its start, however late it is seen, or with the moment it was
 * seen that sampling went on; what it had run when that was is not known any more. */
static void meet(struct watched *w, const struct ring_slot *slot, uint64_t now)
{
    memset(w, 0, sizeof *w);
    w->serial = slot->serial;
    w->since_ns = slot->start_ns;
    w->since_cpu_ns = w->cpu_ns = slot->cpu_start_ns;
    w->put_ns = now;
    if (wall.resumed_ns > slot->start_ns + RESUME_SLACK_NS) {
        w->since_ns = wall.met_ns;
        w->since_cpu_ns = w->cpu_ns = libc_clock_read_sigsafe(platform_thread_clock(slot->tid));
        take_hooked(w, slot, w->since_ns, &(bool){false});
    }
    /* One that was there before has waited for processors before. */
    if (slot->start_ns <= wall.resumed_ns || slot->flags & TRACE_THREAD_FOREIGN)
        w->delay_ns = waiting_thread_delay_ns(slot->tid);
}

/* Time off the processor that is new since the look before. Sums, not differences of
 * looks: what one look has too much the next one has less. */
static uint64_t account(struct watched *w, uint64_t now, uint64_t cpu_ns)
{
    uint64_t all = now - w->since_ns, on = cpu_ns - w->since_cpu_ns;
    uint64_t off = all > on ? all - on : 0;
    uint64_t added = off > w->accounted_ns ? off - w->accounted_ns : 0;
    w->accounted_ns += added;
    return added;
}

/* The thread ran: ends its block, and tells the time it was ready to run from the time
 * it waited. */
static void end_block(struct watched *w, struct ring_slot *slot, uint64_t now)
{
    uint64_t delay = waiting_thread_delay_ns(slot->tid);
    uint64_t ready = delay > w->delay_ns ? delay - w->delay_ns : 0;
    uint64_t early = lesser(ready, w->early_ns);
    w->early_ns = 0;
    w->delay_ns = delay > w->delay_ns ? delay : w->delay_ns;
    ready -= early;
    uint64_t of_stray = lesser(ready, w->stray_ns);
    uint64_t of_block = lesser(ready - of_stray, w->blocked_ns);
    w->stray_ns -= of_stray;
    w->blocked_ns -= of_block;
    w->runnable_ns += of_stray + of_block;
    put(slot, w->stack, &w->blocked_ns, TRACE_OFFCPU_BLOCKED, now);
    w->stray_ns += w->blocked_ns; /* the ring was full */
    w->blocked_ns = 0;
    w->blocked = false;
}

/* Finds out where the thread is, for the time that waits for a place. */
static void find_block(struct watched *w, struct ring_slot *slot, bool ran)
{
    w->generation = modules_generation_sigsafe();
    switch (wall.can_see ? waiting_thread_look(wall.ring, slot->tid, w->cpu_ns, &w->stack)
                         : WAITING_UNKNOWN) {
    case WAITING_BLOCKED:
        w->blocked = true;
        w->blocked_ns = w->stray_ns;
        w->stray_ns = 0;
        break;
    case WAITING_READY:
        if (ran)
            break;
        w->runnable_ns += w->stray_ns; /* it did not run, and it does not wait */
        w->early_ns += w->stray_ns;
        w->stray_ns = 0;
        break;
    case WAITING_UNKNOWN:
        break;
    }
}

/* Where the wait of a hook was made that is not over, once. */
static void find_stack(struct ring_slot *slot, uint64_t cpu_ns)
{
    struct ring_waiting *waiting = &slot->waiting;
    uint64_t ticks = __atomic_load_n(&waiting->ticks, __ATOMIC_ACQUIRE);
    uint32_t leaf;
    if (!wall.can_see || waiting->stack_ticks == ticks ||
        waiting_thread_look(wall.ring, slot->tid, cpu_ns, &leaf) != WAITING_BLOCKED)
        return;
    uint32_t caller = wait_stack_caller_sigsafe(wall.ring, leaf);
    waiting->stack = caller ? caller : leaf;
    __atomic_store_n(&waiting->stack_ticks, ticks, __ATOMIC_RELEASE);
}

static bool is_long(const struct ring_slot *slot, uint64_t now)
{
    uint64_t begin_ns = wait_time_begin_sigsafe(wall.ring, slot);
    return begin_ns && now - begin_ns >= LONG_WAIT_NS;
}

static void look_at(struct watched *w, struct ring_slot *slot)
{
    uint64_t now = libc_clock_now_sigsafe();
    if (w->serial != slot->serial)
        meet(w, slot, now);
    uint64_t cpu_ns = libc_clock_read_sigsafe(platform_thread_clock(slot->tid));
    if (cpu_ns < w->cpu_ns) /* it is gone, and says so soon */
        return;
    bool ran = cpu_ns != w->cpu_ns;
    wall.stirred |= ran;
    uint64_t off = account(w, now, cpu_ns);
    bool hooked;
    off -= lesser(off, take_hooked(w, slot, now, &hooked));
    w->cpu_ns = cpu_ns;
    if (hooked && is_long(slot, now))
        find_stack(slot, cpu_ns);
    bool keeps = w->generation == modules_generation_sigsafe();
    if (w->blocked && !ran && keeps) {
        w->blocked_ns += off;
    } else if (w->blocked && !ran) {
        w->stray_ns += off + w->blocked_ns;
        w->blocked_ns = 0;
        w->blocked = false;
        find_block(w, slot, ran);
    } else {
        w->stray_ns += off;
        if (w->blocked || w->stray_ns >= NOTICE_NS) {
            if (ran || hooked)
                end_block(w, slot, now);
            if (!hooked)
                find_block(w, slot, ran);
        }
    }
    if (now - w->put_ns < MERGE_NS)
        return;
    put_known(w, slot, now);
    if (w->stray_ns >= MERGE_NS)
        put_stray(w, slot, now);
}

static void look_at_all(void)
{
    wall.stirred = false;
    uint32_t count = __atomic_load_n(&wall.ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(wall.ring, i);
        if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) == RING_SLOT_LIVE)
            look_at(&wall.watched[i], slot);
    }
}

/* Sampling goes on, or stops: nobody's time in between counts. */
static void switch_to(uint64_t enabled_ns)
{
    wall.enabled = enabled_ns != 0;
    if (wall.enabled) {
        wall.resumed_ns = enabled_ns;
        wall.met_ns = wall.next_ns = wall.looked_ns = libc_clock_now_sigsafe();
        return;
    }
    look_at_all();
    clock_wall_settle(true);
    for (uint32_t i = 0; i < wall.ring->slot_count; i++)
        wall.watched[i].serial = 0;
}

static void count_look(uint64_t now)
{
    struct ring_file *ring = wall.ring;
    __atomic_store_n(&ring->looks, ring->looks + 1, __ATOMIC_RELAXED);
    __atomic_store_n(&ring->looking_ns, ring->looking_ns + now - wall.looked_ns, __ATOMIC_RELAXED);
    wall.looked_ns = now;
}

/* Half to one and a half of it: a program with a rhythm of its own must not be met at
 * the same place of it every time. */
static uint64_t around(uint64_t period_ns)
{
    wall.random = wall.random * 6364136223846793005u + 1442695040888963407u;
    return period_ns / 2 + (wall.random >> 33) % period_ns;
}

/* When to look again: as asked, but not so often that it costs too much, and less often
 * while nobody runs, when looks find nothing new. */
static uint64_t next_period(uint64_t cost_ns)
{
    /* Half: the first looks make rules and cost ten times as much as later ones. */
    wall.cost_ns = (wall.cost_ns + cost_ns) / (wall.cost_ns ? 2 : 1);
    uint64_t affordable = lesser(wall.cost_ns * LOOK_SHARE, PERIOD_MAX_NS);
    uint64_t least = affordable > wall.asked_period_ns ? affordable : wall.asked_period_ns;
    uint64_t longer = lesser(wall.period_ns * 2, least * STILL_FACTOR);
    return wall.stirred || longer < least ? least : longer;
}

uint64_t clock_wall_look(uint64_t enabled_ns)
{
    if (!wall.watched)
        return UINT64_MAX;
    if ((enabled_ns != 0) != wall.enabled)
        switch_to(enabled_ns);
    uint64_t now = libc_clock_now_sigsafe();
    if (enabled_ns == 0)
        return wall.asked_period_ns;
    if (now >= wall.next_ns) {
        uint64_t before = libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID);
        look_at_all();
        count_look(now);
        wall.period_ns = next_period(libc_clock_read_sigsafe(CLOCK_THREAD_CPUTIME_ID) - before);
        wall.next_ns = now + around(wall.period_ns);
        now = libc_clock_now_sigsafe();
    }
    return wall.next_ns > now ? wall.next_ns - now : 0;
}

/* The last stretch of a thread that is gone; false when its ring is full. */
static bool part(struct watched *w, struct ring_slot *slot)
{
    if (w->serial != slot->serial && wall.enabled)
        meet(w, slot, slot->end_ns);
    if (w->serial == slot->serial) {
        bool hooked;
        uint64_t off = account(w, slot->end_ns, slot->cpu_end_ns);
        off -= lesser(off, take_hooked(w, slot, slot->end_ns, &hooked));
        *(w->blocked ? &w->blocked_ns : &w->stray_ns) += off;
        put_known(w, slot, slot->end_ns);
        put_stray(w, slot, slot->end_ns);
        if (w->blocked_ns || w->runnable_ns || w->stray_ns)
            return false;
    }
    w->serial = 0;
    return true;
}

void clock_wall_settle(bool all)
{
    if (!wall.watched)
        return;
    if (all && wall.enabled)
        look_at_all();
    uint64_t now = libc_clock_now_sigsafe();
    uint32_t count = __atomic_load_n(&wall.ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(wall.ring, i);
        struct watched *w = &wall.watched[i];
        uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
        if (state == RING_SLOT_LEAVING && part(w, slot)) {
            __atomic_store_n(&slot->state, RING_SLOT_ENDED, __ATOMIC_RELEASE);
        } else if (all && state == RING_SLOT_LIVE && w->serial == slot->serial) {
            put_known(w, slot, now);
            put_stray(w, slot, now);
        }
    }
}
