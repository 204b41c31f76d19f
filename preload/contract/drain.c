/*
 * Draining a ring file. Its own file, in the contract, because the thread in the
 * target and a process outside it drain alike.
 *
 * Every number in the trace is given out anew in each epoch, and a definition is
 * written when it is first used in the epoch: chunks stay small, and a reader
 * can begin at any epoch.
 */
#include "preload/contract/drain.h"

#include "preload/contract/drain_batch.h"
#include "preload/contract/drain_chunk.h"
#include "preload/contract/drain_encode.h"
#include "preload/contract/drain_end.h"
#include "preload/contract/drain_handler.h"
#include "preload/contract/drain_limit.h"
#include "preload/contract/drain_memory.h"
#include "preload/contract/drain_program.h"
#include "preload/contract/drain_segments.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/thread_time.h"
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#define EPOCH_CHUNKS 32 /* a reader that lost its way waits this long at most */
#define PAYLOAD_MAX TRACE_CHUNK_MAX
#define PART_MAX (16u << 20)

/* In one reservation: a process that lives for a moment pays for each. */
static int reserve_memory(struct drain *drain)
{
    const size_t numbers =
        ring_page_round(drain->ring->node_capacity * sizeof *drain->node_numbers);
    const size_t slots = ring_page_round(drain->ring->slot_capacity * sizeof *drain->slots);
    const size_t order = ring_page_round(drain->ring->pool.capacity * sizeof *drain->order);
    uint8_t *memory = buffer_reserve(numbers + slots + order + PAYLOAD_MAX + 3 * (size_t)PART_MAX +
                                     ring_page_round(stack_encoder_size()));
    if (!memory)
        return -ENOMEM;
    drain->node_numbers = (uint32_t *)memory;
    drain->slots = (struct drain_slot *)(memory + numbers);
    drain->order = (struct drain_order *)(memory + numbers + slots);
    memory += numbers + slots + order;
    buffer_init_in(&drain->payload, memory, PAYLOAD_MAX);
    memory += PAYLOAD_MAX;
    buffer_init_in(&drain->properties, memory, PART_MAX);
    buffer_init_in(&drain->nodes, memory + PART_MAX, PART_MAX);
    buffer_init_in(&drain->columns, memory + 2 * (size_t)PART_MAX, PART_MAX);
    memory += 3 * (size_t)PART_MAX;
    stack_encoder_init(&drain->stacks, memory, &drain->payload, &drain->nodes);
    return 0;
}

int drain_init(struct drain *drain, struct ring_file *ring, int pid)
{
    memset(drain, 0, sizeof *drain);
    drain->ring = ring;
    drain->pid = pid;
    drain->bytes_written = trace_place_bytes(ring->trace_written);
    drain->part = trace_place_part(ring->trace_written);
    drain->directory = AT_FDCWD;
    drain->time_shift =
        sample_time_shift(ring->step_ns > ring->period_ns ? ring->step_ns : ring->period_ns);
    if (reserve_memory(drain) == 0 && trace_packer_init(&drain->packer) == 0 &&
        module_map_init(&drain->modules) == 0) {
        drain->packer.sequence = ring->trace_chunks;
        drain->epoch = ring->trace_chunks; /* no fewer than there were */
        return 0;
    }
    drain_release(drain);
    return -ENOMEM;
}

void drain_release(struct drain *drain)
{
    own_memory_forget(drain->node_numbers);
    if (drain->node_numbers)
        munmap(drain->node_numbers, drain->ring->node_capacity * sizeof *drain->node_numbers);
    if (drain->slots)
        munmap(drain->slots, drain->ring->slot_capacity * sizeof *drain->slots);
    if (drain->order && drain->ring->pool.capacity)
        munmap(drain->order, drain->ring->pool.capacity * sizeof *drain->order);
    if (drain->stacks.record)
        munmap(drain->stacks.record, ring_page_round(stack_encoder_size()));
    trace_packer_release(&drain->packer);
    module_map_release(&drain->modules);
    buffer_release(&drain->payload);
    buffer_release(&drain->properties);
    buffer_release(&drain->nodes);
    buffer_release(&drain->columns);
    memset(drain, 0, sizeof *drain);
}

void drain_property(struct drain *drain, const char *name, const char *value, size_t size)
{
    drain->property_count += encode_property(&drain->properties, name, value, size);
}

void drain_name_trace(struct drain *drain, int directory, const char *trace)
{
    drain->directory = directory;
    drain->trace = trace;
}

void drain_property_number(struct drain *drain, const char *name, uint64_t value)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    drain_property(drain, name, text, (size_t)size);
}

int drain_scan_modules(struct drain *drain, uint32_t generation)
{
    return module_map_scan(&drain->modules, drain->pid, generation, libc_clock_now_sigsafe());
}

static void start_epoch(struct drain *drain)
{
    drain->epoch++;
    drain->epoch_chunks = 0;
    drain->modules_written = 0;
    drain->threads_defined = 0;
    drain->regions_written = drain->counters_written = 0;
    drain->next_node = TRACE_STACK_FIRST;
    madvise(drain->node_numbers, drain->ring->node_capacity * sizeof *drain->node_numbers,
            MADV_DONTNEED);
    buffer_bytes(&drain->payload, drain->properties.bytes, drain->properties.size);
    drain->records += drain->property_count;
    drain->records += encode_before(&drain->payload, &drain->columns, drain->ring);
}

/* Modules new since the last chunk, and those that went. */
static void put_modules(struct drain *drain)
{
    struct module_map *map = &drain->modules;
    for (uint32_t i = 0; i < map->count; i++) {
        struct module *module = &map->modules[i];
        if (i >= drain->modules_written)
            drain->records += encode_module(&drain->payload, &drain->columns, i + 1, module);
        if (module->gone_written < drain->epoch && module->unloaded_ns) {
            drain->records += encode_module_gone(&drain->payload, &drain->columns, i + 1, module);
            module->gone_written = drain->epoch;
        }
    }
    drain->modules_written = map->count;
}

/* The thread's current name: by itself once it ended, else from /proc. */
static void refresh_name(const struct drain *drain, struct ring_slot *slot)
{
    char path[64];
    if (__atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != RING_SLOT_LIVE)
        return;
    if (!drain->pid && slot->tid == gettid()) {
        prctl(PR_GET_NAME, slot->name);
        return;
    }
    if (drain->pid)
        snprintf(path, sizeof path, "/proc/%d/task/%d/comm", drain->pid, slot->tid);
    else
        snprintf(path, sizeof path, "/proc/self/task/%d/comm", slot->tid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    char name[sizeof slot->name + 1];
    ssize_t size = read(fd, name, sizeof slot->name);
    close(fd);
    if (size <= 1)
        return;
    name[size - 1] = '\0'; /* the newline */
    memcpy(slot->name, name, sizeof slot->name);
}

static void meet_thread(const struct ring_slot *slot, struct drain_slot *seen)
{
    if (seen->serial == slot->serial)
        return;
    memset(seen, 0, sizeof *seen);
    seen->serial = slot->serial;
    seen->position = slot->consumed;
    memcpy(seen->counts_read, slot->counts_written, sizeof seen->counts_read);
}

/* Defines the thread in this epoch, or tells its new name. */
static void put_thread(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    meet_thread(slot, seen);
    refresh_name(drain, slot);
    if (seen->chunk == drain->chunks_begun &&
        strncmp(seen->name, slot->name, sizeof seen->name) == 0)
        return;
    if (seen->epoch != drain->epoch)
        seen->number = ++drain->threads_defined;
    seen->epoch = drain->epoch;
    seen->chunk = drain->chunks_begun;
    memcpy(seen->name, slot->name, sizeof seen->name);
    drain_note_time(drain, slot->start_ns);
    drain->records += encode_thread(&drain->payload, &drain->columns, seen->number, slot);
}

void drain_define_thread(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    meet_thread(slot, seen);
    if (seen->chunk != drain->chunks_begun)
        put_thread(drain, slot, seen);
}

static void put_rest(struct drain *drain, const struct ring_slot *slot,
                     const struct drain_slot *seen)
{
    struct thread_time time = thread_time_of(slot);
    uint64_t length_ns = thread_time_rest_ns(drain->ring, slot, &time);
    if (!length_ns)
        return;
    uint32_t stack = drain_define_node(drain, thread_time_rest_stack(drain->ring, slot, length_ns));
    drain->records += stack_encoder_finish(&drain->stacks);
    drain->records += encode_rest(&drain->payload, &drain->columns, seen->number, stack, length_ns);
}

static void put_totals(struct drain *drain, struct ring_slot *slot, struct drain_slot *seen)
{
    struct thread_time time = thread_time_of(slot);
    drain->records += encode_totals(&drain->payload, &drain->columns, seen->number, slot,
                                    time.cpu_ns, time.paused_ns);
}

/* True when the slot holds something the trace should have now. */
static bool slot_has_news(const struct ring_slot *slot, const struct drain_slot *seen, bool final)
{
    return final || __atomic_load_n(&slot->state, __ATOMIC_RELAXED) == RING_SLOT_ENDED ||
           seen->serial != slot->serial ||
           __atomic_load_n(&slot->reserved, __ATOMIC_ACQUIRE) != seen->position;
}

static void put_slots(struct drain *drain, bool final)
{
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        struct drain_slot *seen = &drain->slots[i];
        uint32_t state = __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE);
        if (!ring_slot_in_use(slot) || !slot_has_news(slot, seen, final || drain->dead))
            continue;
        put_thread(drain, slot, seen);
        uint64_t limit = __atomic_load_n(&slot->reserved, __ATOMIC_ACQUIRE);
        seen->position = drain_put_records(drain, slot, seen, limit);
        drain->dropped.ended |= state == RING_SLOT_ENDED;
        /* What a thread that is gone left uncommitted will stay so: it was cancelled
         * in its handler. The slot's next thread starts behind it. */
        if (state == RING_SLOT_ENDED)
            seen->position = limit;
        if (final || drain->dead || state == RING_SLOT_ENDED)
            drain_put_rest(drain, slot, seen);
        if (final || state == RING_SLOT_ENDED)
            put_rest(drain, slot, seen);
        put_totals(drain, slot, seen);
        seen->ended = state == RING_SLOT_ENDED;
        slot->taken = seen->position;
        __atomic_store_n(&slot->taken_at, trace_place(drain->part, drain->bytes_written) + 1,
                         __ATOMIC_RELEASE);
    }
}

static void give_slot_back(struct drain *drain, uint32_t index, struct drain_slot *seen)
{
    drain_memory_ended(drain, ring_slot_at(drain->ring, index));
    memset(seen, 0, sizeof *seen);
    ring_free_slot(drain->ring, index);
}

/* The chunk is written: gives the room it came from back. */
static void give_back(struct drain *drain)
{
    uint32_t count = __atomic_load_n(&drain->ring->slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        struct drain_slot *seen = &drain->slots[i];
        /* The serial is read second: a slot being claimed is still written to. */
        if (!ring_slot_in_use(slot) || seen->serial != slot->serial)
            continue;
        uint64_t from = slot->consumed % RING_DATA_SIZE, size = seen->position - slot->consumed;
        size = size < RING_DATA_SIZE ? size : RING_DATA_SIZE; /* more only where it is damaged */
        uint64_t first = size < RING_DATA_SIZE - from ? size : RING_DATA_SIZE - from;
        memset(slot->data + from, 0, first);
        memset(slot->data, 0, size - first);
        __atomic_store_n(&slot->consumed, seen->position, __ATOMIC_RELEASE);
        __atomic_store_n(&slot->taken_at, 0, __ATOMIC_RELEASE);
        drain_program_written(drain, slot, seen);
        if (seen->ended && drain_segments_all_written(drain, slot))
            give_slot_back(drain, i, seen);
    }
    drain_limit_settled(drain);
}

void drain_settle(struct drain *drain)
{
    struct ring_file *ring = drain->ring;
    for (uint32_t i = 0; i < ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(ring, i);
        if (!slot->taken_at || slot->taken_at > ring->trace_written ||
            slot->taken - slot->consumed > slot->reserved - slot->consumed)
            continue;
        slot->consumed = slot->taken;
        if (slot->state == RING_SLOT_ENDED && slot->segments == slot->segments_written)
            give_slot_back(drain, i, &drain->slots[i]);
    }
}

/* True when the node's code lies in a module that is known. A number is taken before its
 * node is filled in: one without code is remembered, and looked at again by later passes.
 * Some stay so, of threads cancelled in between; they make room for new ones. */
static bool is_covered(struct drain *drain, uint32_t number)
{
    const struct ring_node *node = ring_nodes(drain->ring) + number;
    uint64_t code = __atomic_load_n(&node->code, __ATOMIC_ACQUIRE);
    if (!code)
        drain->nodes_unready[drain->next_unready++ % DRAIN_UNREADY] = number;
    bool kernel = code >> 63;
    return kernel || !(code >> TRACE_NODE_BITS) ||
           module_map_covers(&drain->modules, code >> TRACE_NODE_BITS);
}

/* Rescans the modules when a new node lies outside those known: of the dead none are left, or
 * they are another process's by now. */
static void cover_nodes(struct drain *drain, uint32_t generation)
{
    bool all = true;
    uint32_t unready[DRAIN_UNREADY];
    uint32_t end = __atomic_load_n(&drain->ring->node_next, __ATOMIC_ACQUIRE);
    memcpy(unready, drain->nodes_unready, sizeof unready);
    memset(drain->nodes_unready, 0, sizeof unready);
    for (uint32_t i = 0; i < DRAIN_UNREADY; i++)
        if (unready[i])
            all &= is_covered(drain, unready[i]);
    if (drain->nodes_covered < TRACE_STACK_FIRST)
        drain->nodes_covered = TRACE_STACK_FIRST;
    for (; drain->nodes_covered < end; drain->nodes_covered++)
        all &= is_covered(drain, drain->nodes_covered);
    if (!all && !drain->dead)
        drain_scan_modules(drain, generation);
}

/* Nothing was written: what was defined is defined again, in an epoch of its own. */
static void forget_chunk(struct drain *drain)
{
    drain->epoch_chunks = EPOCH_CHUNKS;
    drain->handler_frames = drain->looks_written = drain->unwinding_sum = 0;
    drain->mappings_lost = drain->children_written = drain->heap_lost = 0;
    drain->servant_written = 0;
    drain->death_put = false;
}

/* And what the pass read is read again. */
static int abandon_pass(struct drain *drain, int status)
{
    for (uint32_t i = 0; i < drain->ring->slot_count; i++) {
        struct ring_slot *slot = ring_slot_at(drain->ring, i);
        slot->taken_at = 0;
        drain->slots[i].position = slot->consumed;
        drain->slots[i].ended = false;
        drain_program_abandoned(drain, slot, &drain->slots[i]);
    }
    drain_segments_abandoned(drain);
    drain_limit_abandoned(drain);
    forget_chunk(drain);
    return status;
}

/* Writes it, unless there is no room but for an end, and it tells of none. */
static int settle_chunk(struct drain *drain, int fd, bool starts_epoch)
{
    bool counts = drain->dropping && !drain->ending;
    bool tells = !counts || drain->dropped.ended;
    int status = drain->payload.size && tells ? drain_chunk_write(drain, fd, starts_epoch) : 0;
    if (!tells || (status == DRAIN_LIMIT && counts)) {
        forget_chunk(drain);
        return 0;
    }
    drain->epoch_chunks += drain->payload.size > 0;
    return status;
}

/* Writes a chunk; drain->more is set when the pass needs another. */
static int put_chunk(struct drain *drain, int fd, uint32_t generation, const struct drain_end *end)
{
    uint64_t begin_ns = libc_clock_now_sigsafe();
    buffer_clear(&drain->payload);
    drain->records = 0;
    drain->time_first = drain->time_last = 0;
    drain->has_heap = false;
    cover_nodes(drain, generation);

    bool epoch = !drain->chunks_written || drain->epoch_chunks == EPOCH_CHUNKS;
    drain->chunks_begun++;
    if (epoch)
        start_epoch(drain);
    put_modules(drain);
    drain->more = drain_segments_put(drain);
    if (!drain->more && !drain->brief_end)
        put_slots(drain, end && end->kind != TRACE_END_KILLED);
    if (!drain->more)
        drain_end_put_death(drain);
    drain->records += encode_handler(&drain->payload, &drain->columns, &drain->ring->handler,
                                     &drain->handler_frames);
    drain_put_memory(drain, drain->dead ? drain->time_last + 1 : begin_ns);
    drain->records += encode_looks(&drain->payload, drain->ring, &drain->looks_written);
    drain->records +=
        encode_servant(&drain->payload, drain->servant_ns, drain->ending, &drain->servant_written);
    drain->records += encode_children(&drain->payload, drain->ring, &drain->children_written);
    drain->records += encode_unwinding(&drain->payload, &drain->columns, &drain->ring->unwinding,
                                       &drain->unwinding_sum);
    drain_put_program(drain); /* after the samples: no region of theirs is missing */
    if (end && !drain->more)
        drain_end_put(drain, end);
    if (drain->payload.full)
        return abandon_pass(drain, -EFBIG);
    int status = settle_chunk(drain, fd, epoch);
    if (status != 0)
        return abandon_pass(drain, status);
    drain->ring->looks_taken = drain->looks_put;
    drain_segments_written(drain);
    if (drain->payload.size && !drain->more)
        give_back(drain);
    return 0;
}

void drain_begin_records(struct drain *drain)
{
    buffer_clear(&drain->payload);
    drain->records = 0;
    if (!drain_limit_rotates(drain))
        return;
    start_epoch(drain); /* it may come to be the first of a part */
    put_modules(drain);
    forget_chunk(drain);
}

int drain_write_records(struct drain *drain, int fd)
{
    bool epoch = drain_limit_rotates(drain);
    int status = drain->payload.full ? -EFBIG : drain_chunk_write(drain, fd, epoch);
    if (status == DRAIN_LIMIT && epoch && drain->bytes_written) {
        status = drain_limit_make_room(drain, fd);
        status = status == 0 ? drain_chunk_write(drain, fd, epoch) : status;
    }
    drain_begin_records(drain);
    return status == DRAIN_LIMIT ? -EFBIG : status;
}

static int run_pass(struct drain *drain, int fd, uint32_t generation, const struct drain_end *end)
{
    int status;
    drain->dropping = drain->full;
    drain->ending = end != NULL;
    drain->brief_end = false;
    do {
        drain_segments_begin(drain);
        do
            status = put_chunk(drain, fd, generation, end);
        while (status == 0 && drain->more);
        bool again = status == DRAIN_LIMIT;
        status = again ? drain_limit_make_room(drain, fd) : status;
        if (!again || status != 0)
            return status;
    } while (true);
}

int drain_pass(struct drain *drain, int fd, uint32_t generation)
{
    return run_pass(drain, fd, generation, NULL);
}

int drain_finish(struct drain *drain, int fd, uint32_t generation, enum trace_end kind, int status,
                 uint64_t cpu_ns)
{
    struct drain_end end = {.kind = kind, .status = status, .cpu_ns = cpu_ns};
    __atomic_fetch_or(&drain->ring->children, RING_CHILDREN_CLOSED, __ATOMIC_ACQ_REL);
    return run_pass(drain, fd, generation, &end);
}

int drain_finish_killed(struct drain *drain, int fd, int status, uint64_t when_ns, const char *oom)
{
    struct drain_end end = {
        .kind = TRACE_END_KILLED, .status = status, .when_ns = when_ns, .oom = oom};
    return run_pass(drain, fd, 0, &end);
}
