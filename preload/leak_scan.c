/*
 * Scanning for pointers. Its own file because it is the one thing the library does that
 * takes as long as the process is large.
 */
#include "preload/leak_scan.h"

#include "preload/contract/drain.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/encode_memory.h"
#include "preload/contract/libc_clock.h"
#include "preload/control.h"
#include "preload/hard_states.h"
#include "preload/leak_targets.h"
#include "preload/memory_parts.h"
#include "preload/next_allocator.h"
#include "preload/platform.h"
#include "preload/stopped_threads.h"
#include "preload/threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GRACE_MS 2000u /* until all is written */
#define PAGE 4096u
#define WORD 8u
#define RED_ZONE 128u /* below the stack pointer, in use all the same */
#define THREADS_MAX 4096u
#define BLOCK (256u << 10) /* copied at a time: stays in the processor's cache */
#define BLOCK_PAGES (BLOCK / PAGE)
#define RECORD_BYTES (1u << 20)         /* of a record, before the next one is begun */
#define CHUNK_BYTES (4u << 20)          /* of a chunk, before it is written */
#define PRESENT_OR_SWAPPED (3ull << 62) /* in /proc/self/pagemap */

static struct {
    bool begun, sampled;
    struct memory_parts parts;
    struct leak_targets targets;
    struct stopped_thread *registers; /* of the caller, then of the others */
    uint32_t threads;
    struct memory_stack *stacks; /* of those whose registers are known */
    uint32_t stack_count;
    uint64_t *words; /* BLOCK bytes */
    struct own_range servant_stack;
    int pagemap;
    uint64_t deadline_ns, written;
    struct memory_scan scan;
    struct drain *drain;
    int fd;
    struct memory_encoder encoder;
} leaks;

void leak_scan_servant_stack(uint64_t low, uint64_t high)
{
    leaks.servant_stack = (struct own_range){low, high};
}

static bool reserve(void)
{
    size_t registers = THREADS_MAX * sizeof *leaks.registers;
    size_t stacks = THREADS_MAX * sizeof *leaks.stacks;
    uint8_t *memory = leaks.registers ? NULL : buffer_reserve(BLOCK + registers + stacks);
    if (memory) {
        leaks.words = (uint64_t *)memory;
        leaks.registers = (struct stopped_thread *)(memory + BLOCK);
        leaks.stacks = (struct memory_stack *)(memory + BLOCK + registers);
    }
    return leaks.registers != NULL;
}

/* --- threads ------------------------------------------------------------------- */

static void note_stack(const struct stopped_thread *thread)
{
    leaks.stacks[leaks.stack_count++] = (struct memory_stack){
        .tid = thread->tid, .sp = thread->sp - RED_ZONE, .bounds = threads_bounds_of(thread->tid)};
}

__attribute__((noinline)) void leak_scan_begin(const struct leak_scan_options *options)
{
    ucontext_t context;
    platform_capture_sigsafe(&context);
    leak_scan_end();
    if (!reserve())
        return;
    leaks.sampled = options->sampled;
    struct stopped_thread *caller = &leaks.registers[0];
    *caller = (struct stopped_thread){.tid = (int)syscall(SYS_gettid), .known = true};
    caller->sp = options->sp + RED_ZONE;
    for (unsigned i = 0; i < PLATFORM_DWARF_REGISTERS; i++)
        caller->words[caller->count++] = platform_dwarf_register_sigsafe(&context, i);
    /* Those the servant may want. */
    control_lock();
    hard_states_lock();
    threads_lock();
    leaks.threads =
        1 + stopped_threads_begin(&leaks.registers[1], THREADS_MAX - 1, options->servant,
                                  (LEAK_SCAN_MS + GRACE_MS) * 1000000ull);
    threads_unlock();
    hard_states_unlock();
    control_unlock();
    leaks.scan = (struct memory_scan){.whole = options->whole};
    leaks.stack_count = 0;
    for (uint32_t i = 0; i < leaks.threads; i++) {
        leaks.scan.threads += leaks.registers[i].known;
        leaks.scan.left_threads += !leaks.registers[i].known;
        if (leaks.registers[i].known)
            note_stack(&leaks.registers[i]);
    }
    leaks.begun = true;
}

void leak_scan_end(void)
{
    leaks.begun = false;
    stopped_threads_end();
}

/* --- records --------------------------------------------------------------------- */

static int write_chunk(size_t least)
{
    if (leaks.drain->payload.size < least || !leaks.drain->records)
        return 0;
    leaks.written += leaks.drain->payload.size;
    if (leaks.written >= LEAK_SCAN_BYTES)
        leaks.scan.limit = TRACE_SCAN_SIZE;
    return drain_write_records(leaks.drain, leaks.fd);
}

static void begin_record(const struct memory_area *area, uint64_t start)
{
    struct memory_part part = {.kind = (enum trace_memory)area->kind,
                               .thread = area->thread,
                               .mapping = area->start,
                               .start = start,
                               .end = area->end,
                               .name = area->name};
    memory_encoder_begin(&leaks.encoder, &leaks.drain->columns, &part);
}

static int finish_record(void)
{
    leaks.drain->records += memory_encoder_finish(&leaks.encoder, &leaks.drain->payload);
    return write_chunk(drain_limit_of_chunk(leaks.drain, CHUNK_BYTES));
}

/* --- words ----------------------------------------------------------------------- */

static void look_at_words(uint64_t address, size_t count)
{
    struct leak_targets *targets = &leaks.targets;
    uint64_t least = targets->ranges[0].start, most = targets->ranges[targets->count - 1].end;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = leaks.words[i];
        if (value - least < most - least && leak_targets_have(targets, value))
            memory_encoder_word(&leaks.encoder, address + i * WORD, value);
    }
}

static void note_time(void)
{
    if (libc_clock_now_sigsafe() >= leaks.deadline_ns)
        leaks.scan.limit = TRACE_SCAN_TIME;
}

/* Pages that were never touched are neither looked at nor made. */
static uint32_t find_pages(const struct memory_area *area, uint64_t start, uint32_t pages,
                           uint64_t *entries)
{
    size_t size = pages * sizeof *entries;
    if (leaks.pagemap >= 0 && !area->shared &&
        pread(leaks.pagemap, entries, size, (off_t)(start / PAGE * sizeof *entries)) ==
            (ssize_t)size)
        return pages;
    memset(entries, 0xff, size);
    return pages;
}

/* A run of pages that are there: what cannot be copied after all has gone meanwhile. */
static void scan_run(uint64_t start, uint64_t end)
{
    ssize_t size = memory_parts_copy(leaks.words, start, end - start);
    if (size <= 0)
        return;
    leaks.scan.bytes += (uint64_t)size;
    look_at_words(start, (size_t)size / WORD);
}

/* At most BLOCK bytes; both ends aligned to words. */
static void scan_block(const struct memory_area *area, uint64_t start, uint64_t end)
{
    uint64_t entries[BLOCK_PAGES + 1];
    uint64_t first = start & ~(uint64_t)(PAGE - 1);
    uint32_t pages = (uint32_t)((end - first + PAGE - 1) / PAGE);
    find_pages(area, first, pages, entries);
    for (uint32_t i = 0, next; i < pages; i = next) {
        next = i + 1;
        if (!(entries[i] & PRESENT_OR_SWAPPED))
            continue;
        while (next < pages && (entries[next] & PRESENT_OR_SWAPPED))
            next++;
        uint64_t from = first + (uint64_t)i * PAGE, to = first + (uint64_t)next * PAGE;
        scan_run(from > start ? from : start, to < end ? to : end);
    }
}

/* A piece of an area, none of which is to be left out. */
static int scan_piece(const struct memory_area *area, uint64_t start, uint64_t end)
{
    int status = 0;
    begin_record(area, start);
    for (uint64_t at = start, next; at < end && status == 0; at = next) {
        next = (at & ~(uint64_t)(PAGE - 1)) + BLOCK;
        next = next < end ? next : end;
        if (leaks.scan.limit != TRACE_SCAN_COMPLETE) {
            leaks.scan.left_bytes += end - at;
            break;
        }
        scan_block(area, at, next);
        note_time();
        if (leaks.drain->columns.size < drain_limit_of_chunk(leaks.drain, RECORD_BYTES))
            continue;
        status = finish_record();
        begin_record(area, next);
    }
    return status == 0 ? finish_record() : status;
}

static int scan_area(const struct memory_area *area)
{
    uint64_t start = area->start;
    int status = 0;
    while (start < area->end && status == 0) {
        uint64_t end = memory_parts_piece(&leaks.parts, &start, area->end);
        uint64_t aligned = (start + WORD - 1) & ~(uint64_t)(WORD - 1);
        if (aligned < end)
            status = scan_piece(area, aligned, end);
        start = end;
    }
    return status;
}

static int scan_registers(const struct stopped_thread *thread)
{
    struct memory_area area = {
        .kind = TRACE_MEMORY_REGISTERS, .thread = thread->tid, .end = thread->count * WORD};
    memcpy(leaks.words, thread->words, thread->count * WORD);
    begin_record(&area, 0);
    look_at_words(0, thread->count);
    return finish_record();
}

static int scan_all(void)
{
    int status = 0;
    bool any = leaks.targets.count > 0; /* none: nothing that was sampled lives */
    for (uint32_t i = 0; any && i < leaks.threads && status == 0; i++)
        if (leaks.registers[i].known)
            status = scan_registers(&leaks.registers[i]);
    for (uint32_t i = 0; any && i < leaks.parts.count && status == 0; i++)
        status = scan_area(&leaks.parts.areas[i]);
    leaks.scan.length_ns = libc_clock_now_sigsafe() - leaks.scan.begin_ns;
    leaks.drain->records += encode_scan(&leaks.drain->payload, &leaks.drain->columns, &leaks.scan);
    return status == 0 ? write_chunk(0) : status;
}

/* The trace's first chunk begins the epoch that the records belong to. */
static int prepare(uint32_t generation)
{
    int status = leaks.drain->chunks_written ? 0 : drain_pass(leaks.drain, leaks.fd, generation);
    if (status != 0 || !leaks.drain->chunks_written)
        return status;
    status = memory_parts_read(&leaks.parts, leaks.stacks, leaks.stack_count, &leaks.servant_stack);
    if (status == 0 && leaks.parts.target_count)
        leak_targets_init(&leaks.targets, &leaks.parts,
                          leaks.sampled && leaks.scan.left_threads == 0 && next_allocator_is_libc);
    return 0; /* without the parts the trace is whole, and says that there was no scan */
}

int leak_scan_write(struct drain *drain, int fd, uint32_t generation)
{
    if (!leaks.begun)
        return 0;
    leaks.drain = drain;
    leaks.fd = fd;
    leaks.written = 0;
    leaks.targets.ranges = NULL;
    leaks.scan.begin_ns = libc_clock_now_sigsafe();
    leaks.deadline_ns = leaks.scan.begin_ns + LEAK_SCAN_MS * 1000000ull;
    int status = prepare(generation);
    if (status == 0 && leaks.targets.ranges) {
        leaks.pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
        drain_begin_records(drain);
        status = scan_all();
        if (leaks.pagemap >= 0)
            close(leaks.pagemap);
    }
    leak_scan_end();
    return status;
}
