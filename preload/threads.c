/*
 * The table of threads. Its own file because the handler, the hooks and the
 * servant all meet here.
 */
#include "preload/threads.h"

#include "preload/bell.h"
#include "preload/chores.h"
#include "preload/clock.h"
#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/scheduling.h"
#include "preload/heap_exact.h"
#include "preload/nap.h"
#include "preload/pages.h"
#include "preload/ring.h"
#include "preload/signals.h"
#include "preload/strangers.h"
#include "preload/tasks.h"
#include "preload/thread_clock.h"
#include "preload/tid_table.h"
#include "preload/waits.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SCAN_INTERVAL_NS 100000000u /* a thread takes less to get from clone to us */

PLATFORM_TLS struct thread *current;
__thread struct ring_memory *threads_memory_pointer
    __attribute__((tls_model("initial-exec"), visibility("hidden")));
struct ring_memory threads_memory_unread;

static struct ring_file *ring;
static const struct clock *clock_wanted;
static uint64_t period_ns;
static bool armed;        /* threads get a timer when they come; guarded by the lock */
static int process_timer; /* of a process-wide clock */
static bool leave_slowly;
static bool first_ended; /* the first thread stays in /proc as a zombie */
static struct thread *table;
static size_t table_size;
static uint32_t foreign_count; /* of them; guarded by the lock, as is the table by tid */
static uint32_t strict_count;  /* the last scan found, in strict mode */
static uint64_t first_cpu_ns;  /* the first thread's clock at the last scan */
static PLATFORM_FORK_DATA pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static PLATFORM_FORK_DATA uint64_t signals_before; /* guarded by it */

int threads_init(struct ring_file *file, const struct clock *clock, uint64_t period)
{
    /* In a fork child where it was: a clock may tick for its first entry. */
    size_t size = file->slot_capacity * sizeof *table;
    table = own_memory_renew(table, table_size, size);
    table_size = size;
    ring = file;
    clock_wanted = clock;
    period_ns = period;
    armed = first_ended = leave_slowly = false;
    tid_table_clear();
    foreign_count = strict_count = 0;
    process_timer = -1;
    ring->period_ns = period;
    /* One that is longer than a tick begins at a random place of its period, and is fair. */
    ring->step_ns = !clock->process_wide && clock_tick_ns() > period ? clock_tick_ns() : 0;
    thread_clock_init(file, clock, period);
    current = NULL;
    threads_memory_pointer = NULL;
    waits_forget();
    strangers_clear();
    return table ? 0 : -ENOMEM;
}

void threads_pause_counts(void)
{
    threads_memory_pointer = &threads_memory_unread;
}

void threads_resume_counts(void)
{
    if (current)
        threads_memory_pointer = &current->slot->memory;
    else if (nap_is_deep_sigsafe())
        threads_memory_pointer = NULL;
}

__attribute__((noinline, cold)) struct ring_memory *threads_memory_slow(void)
{
    if (nap_is_deep_sigsafe())
        nap_stir();
    else if (current)
        nap_wake();
    threads_resume_counts();
    chores_at_hook();
    return threads_memory_pointer ? threads_memory_pointer : &threads_memory_unread;
}

bool threads_tick_ahead(int tid, bool counts)
{
    current = NULL;
    threads_memory_pointer = counts ? NULL : &threads_memory_unread;
    waits_nap(tid);
    return table && thread_clock_start_ahead(table, tid);
}

void threads_forget(void)
{
    current = NULL;
    threads_pause_counts();
    waits_forget();
}

/* A handler of the program's may end the thread or leave by longjmp(), and nobody would have it
 * any more. */
void threads_lock(void)
{
    uint64_t before = signals_block_all_sigsafe();
    pthread_mutex_lock(&lock);
    signals_before = before;
}

void threads_unlock(void)
{
    uint64_t before = signals_before;
    pthread_mutex_unlock(&lock);
    signals_restore_sigsafe(before);
}

bool threads_are_free(void)
{
    bool are_free = pthread_mutex_trylock(&lock) == 0;
    if (are_free)
        pthread_mutex_unlock(&lock);
    return are_free;
}

struct thread *threads_current_sigsafe(void)
{
    return current;
}

static bool is_entry(const void *value)
{
    return (const char *)value >= (const char *)table &&
           (const char *)value < (const char *)table + table_size;
}

bool threads_sent_sigsafe(const struct clock_tick *tick)
{
    return tick->clock != &clock_cpu || is_entry(tick->value);
}

/* A thread made by clone() without thread-local storage of its own shares its maker's,
 * and with it `current`: the stack tells them apart. */
static struct thread *current_at(uint64_t sp)
{
    struct thread *thread = current;
    bool known = thread && thread->bounds.high;
    return known && (sp < thread->bounds.low || sp >= thread->bounds.high) ? NULL : thread;
}

/* A signal of the process to a thread that is not in our books: the only way to know
 * who it is is to ask. Such threads are few, and this clock is only used where
 * there is none per thread. */
static struct thread *foreign_by_tid_sigsafe(void)
{
    int tid = (int)platform_syscall4_sigsafe(SYS_gettid, 0, 0, 0, 0);
    for (uint32_t i = 0; i < ring->slot_count; i++)
        if (table[i].slot && table[i].foreign && table[i].tid == tid)
            return &table[i];
    return NULL;
}

struct thread *threads_addressee_sigsafe(struct clock_tick *tick, uint64_t sp)
{
    struct thread *thread = tick->value, *here = current_at(sp);
    if (tick->clock->process_wide)
        return here ? here : foreign_by_tid_sigsafe();
    if (!thread || !thread->slot || (thread->foreign ? here != NULL : thread != current))
        return NULL;
    return thread_clock_ticks_sigsafe(thread, tick) ? thread : NULL;
}

bool threads_stack_has(uint64_t room)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    const struct thread *thread = current;
    return thread && here < thread->bounds.high && here >= thread->bounds.low &&
           here - thread->bounds.low >= room;
}

struct stack_bounds threads_bounds_of(int tid)
{
    threads_lock();
    const struct thread *thread = tid_table_find(tid);
    struct stack_bounds bounds = thread ? thread->bounds : (struct stack_bounds){0, 0};
    threads_unlock();
    return bounds;
}

uint32_t threads_stacks(struct stack_bounds *stacks, uint32_t most)
{
    uint32_t count = 0;
    threads_lock();
    for (uint32_t i = 0; i < ring->slot_count && count < most; i++)
        if (table[i].slot && table[i].tid != ring->pid)
            stacks[count++] = table[i].bounds;
    threads_unlock();
    return count;
}

/* What a handler touches in any case has its memory before; an entry used again has it
 * already. */
static void give_pages(struct thread *thread)
{
    if (thread->has_pages)
        return;
    pages_populate(thread, 1);
    pages_populate(&thread->walk.memory.owner, 1);
    thread->has_pages = true;
}

/* A table entry with a slot for `tid`; NULL, counted, when there is none. */
static struct thread *add_thread(int tid, const struct stack_bounds *bounds, bool foreign)
{
    struct ring_slot *slot = ring_claim_slot(ring);
    if (!slot) {
        __atomic_add_fetch(&ring->lost_threads, 1, __ATOMIC_RELAXED);
        return NULL;
    }
    slot->tid = tid;
    slot->start_ns = libc_clock_now_sigsafe();
    slot->cpu_start_ns = libc_clock_read_sigsafe(platform_thread_clock(tid));
    slot->flags = foreign ? TRACE_THREAD_FOREIGN : 0;
    scheduling_begin(ring, slot);
    if (!armed)
        thread_clock_begin_pause(slot, slot->cpu_start_ns);
    struct thread *thread = &table[ring_slot_index(ring, slot)];
    give_pages(thread);
    thread->tid = tid;
    thread->timer = thread->early_timer = -1;
    thread->waiting = false;
    thread->foreign = foreign;
    thread->bounds = *bounds;
    memset(&thread->seen, 0, sizeof thread->seen);
    memset(thread->counted, 0, sizeof thread->counted);
    thread->region = thread->region_depth = 0;
    thread->slot = slot;
    tid_table_add(thread);
    foreign_count += foreign;
    __atomic_store_n(&slot->state, RING_SLOT_LIVE, __ATOMIC_RELEASE);
    return thread;
}

/* Takes memory from entries of slots that were given back. */
static void trim(void)
{
    uint32_t before = ring->slot_count;
    ring_trim_slots(ring);
    pages_drop(&table[ring->slot_count], (before - ring->slot_count) * sizeof *table);
}

/* Hands the slot to the drain, with the thread's last figures. */
static void end_thread(struct thread *thread)
{
    struct ring_slot *slot = thread->slot;
    thread_clock_stop(thread);
    tid_table_remove(thread);
    foreign_count -= thread->foreign;
    first_ended |= thread->tid == getpid();
    slot->cpu_end_ns = libc_clock_read_sigsafe(platform_thread_clock(thread->tid));
    thread_clock_end_pause(slot, slot->cpu_end_ns);
    slot->end_ns = libc_clock_now_sigsafe();
    scheduling_end(ring, slot);
    strangers_note_end(thread->tid, slot->cpu_end_ns);
    thread->slot = NULL;
    thread->foreign = false;
    __atomic_store_n(&slot->state, leave_slowly ? RING_SLOT_LEAVING : RING_SLOT_ENDED,
                     __ATOMIC_RELEASE);
    if (__atomic_add_fetch(&ring->slots_ended, 1, __ATOMIC_RELAXED) % RING_ENDED_BATCH == 0)
        bell_ring_sigsafe();
}

/* A scan was faster and took the calling thread for a foreign one: it stays where it
 * is. Of a hundred threads that wait for a processor every third is met so. */
static void make_own(struct thread *thread, const struct stack_bounds *bounds)
{
    foreign_count--;
    thread->bounds = *bounds;
    thread->slot->flags = 0;
    current = thread; /* first: a tick finds one or the other */
    thread->foreign = false;
}

void threads_attach_self(const struct stack_bounds *bounds)
{
    int tid = (int)syscall(SYS_gettid);
    if (!table || current)
        return;
    threads_lock();
    struct thread *thread = tid_table_find(tid);
    if (thread && thread->foreign)
        make_own(thread, bounds);
    else
        thread = add_thread(tid, bounds, false);
    if (thread) {
        prctl(PR_GET_NAME, thread->slot->name);
        threads_memory_pointer = &thread->slot->memory;
        current = thread;
        waits_attach(thread->slot);
        if (waits_are_watched())
            io_counts_attach(&thread->io);
        if (armed && thread->timer < 0 && !thread->waiting)
            thread_clock_start(thread);
    }
    threads_unlock();
}

void threads_detach_self(void)
{
    struct thread *thread = current;
    if (!thread)
        return;
    if (!confinement_any_sigsafe())
        thread_clock_stop(thread); /* else under the lock */
    prctl(PR_GET_NAME, thread->slot->name);
    uint64_t signals = signals_block_all_sigsafe(); /* what handlers allocate is before, or after */
    heap_exact_detach(thread);
    waits_detach(thread);
    threads_memory_pointer = &threads_memory_unread;
    current = NULL;
    signals_restore_sigsafe(signals);
    threads_lock();
    end_thread(thread);
    threads_unlock();
}

void threads_let_go(int tid)
{
    threads_lock();
    struct thread *thread = tid_table_find(tid);
    if (thread)
        end_thread(thread);
    threads_unlock();
}

static void adopt(int tid)
{
    struct thread *thread = add_thread(tid, &(struct stack_bounds){0, 0}, true);
    if (thread && armed)
        thread_clock_start(thread);
}

/* What one look at /proc/self/task has found so far. */
struct scan {
    int skip_tid;
    uint32_t strict;
    bool at_once;
};

static void scan_task(void *context, int tid)
{
    struct scan *scan = context;
    if (tid == scan->skip_tid || (first_ended && tid == getpid()) || tid_table_find(tid))
        return;
    if (confinement_is_strict_task(tid))
        scan->strict++;
    else if (strangers_meet(tid, scan->at_once))
        adopt(tid);
}

/* Lets go of threads that are gone: of foreign ones nobody tells, of `all` where one seems to
 * have ended where no hook is. */
static void sweep(bool all)
{
    uint32_t left = all ? tid_table_count() : foreign_count;
    for (uint32_t i = 0; i < ring->slot_count && left; i++) {
        struct thread *thread = &table[i];
        if (!thread->slot || !(thread->foreign || all))
            continue;
        left--;
        if (syscall(SYS_tgkill, getpid(), thread->tid, 0) != 0 && errno == ESRCH)
            end_thread(thread);
    }
}

/* The first thread stays where it is when it has ended. It is asked for when it stands still. */
static void look_at_first(void)
{
    int status, pid = getpid();
    struct thread *first = tid_table_find(pid);
    uint64_t cpu_ns = first ? libc_clock_read_sigsafe(platform_thread_clock(pid)) : 0;
    if (first && cpu_ns == first_cpu_ns && tasks_has_ended(pid, &status))
        end_thread(first);
    first_cpu_ns = cpu_ns;
}

/* Two links are the directory's own, one is the servant's. */
static uint32_t links_known(int servant)
{
    return tid_table_count() + first_ended + strict_count + 2 + (servant != 0);
}

void threads_scan(int skip_tid, bool at_once)
{
    static uint64_t last_ns;
    struct scan scan = {.skip_tid = skip_tid, .at_once = at_once};
    struct stat tasks;
    uint64_t now_ns = libc_clock_now_sigsafe();
    if (!at_once && now_ns - last_ns < SCAN_INTERVAL_NS)
        return;
    last_ns = now_ns;
    threads_lock();
    look_at_first();
    sweep(false);
    bool found = stat("/proc/self/task", &tasks) == 0;
    if (found && tasks.st_nlink < links_known(skip_tid))
        sweep(true);
    if (found && tasks.st_nlink != links_known(skip_tid)) {
        tasks_list(scan_task, &scan);
        strict_count = scan.strict;
    }
    strangers_scanned();
    trim();
    threads_unlock();
}

void threads_leave_slowly(void)
{
    leave_slowly = true;
}

bool threads_any_live(void)
{
    threads_lock();
    bool any = tid_table_count() > 0;
    threads_unlock();
    return any;
}

void threads_arm_all(void)
{
    threads_lock();
    armed = true;
    if (clock_wanted->process_wide && process_timer < 0)
        clock_wanted->start(0, NULL, period_ns, &process_timer);
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        if (!table[i].slot)
            continue;
        thread_clock_end_pause(table[i].slot,
                               libc_clock_read_sigsafe(platform_thread_clock(table[i].tid)));
        if (table[i].timer < 0 && !table[i].waiting)
            thread_clock_start(&table[i]);
    }
    threads_unlock();
}

void threads_disarm_all(void)
{
    threads_lock();
    armed = false;
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        if (!table[i].slot)
            continue;
        thread_clock_stop(&table[i]);
        thread_clock_begin_pause(table[i].slot,
                                 libc_clock_read_sigsafe(platform_thread_clock(table[i].tid)));
    }
    if (process_timer >= 0)
        clock_wanted->stop(process_timer);
    process_timer = -1;
    threads_unlock();
    if (clock_wanted->by_servant)
        bell_ring_sigsafe();
}

bool threads_are_armed_by_servant(void)
{
    return clock_wanted->by_servant;
}

void threads_serve(void)
{
    if (!clock_wanted->by_servant && !confinement_any_sigsafe())
        return;
    threads_lock();
    thread_clock_serve_process();
    for (uint32_t i = 0; i < ring->slot_count; i++)
        if (table[i].slot)
            thread_clock_serve(&table[i]);
    threads_unlock();
}
