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
#include "preload/contract/drain_resources.h"
#include "preload/contract/drain_segments.h"
#include "preload/contract/drain_slots.h"
#include "preload/contract/drain_waits.h"
#include "preload/contract/libc_clock.h"
#include "preload/contract/node_room.h"
#include "preload/contract/own_memory.h"
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EPOCH_CHUNKS 32        /* a reader that lost its way waits this long at most */
#define EPOCH_NODES (2u << 20) /* readers take twice as many, and a chunk has a million at most */
#define PAYLOAD_MAX TRACE_CHUNK_MAX
#define PART_MAX (16u << 20)

/* In one reservation: a process that lives for a moment pays for each. */
static int reserve_memory(struct drain *drain)
{
    const size_t known = ring_page_round(drain->ring->node_capacity * sizeof *drain->nodes_known);
    const size_t slots = ring_page_round(drain->ring->slot_capacity * sizeof *drain->slots);
    const size_t order = ring_page_round(drain->ring->pool.capacity * sizeof *drain->order);
    uint8_t *memory = buffer_reserve(known + slots + order + PAYLOAD_MAX + 3 * (size_t)PART_MAX +
                                     ring_page_round(stack_encoder_size()));
    if (!memory)
        return -ENOMEM;
    drain->nodes_known = (struct drain_node *)memory;
    drain->slots = (struct drain_slot *)(memory + known);
    drain->order = (struct drain_order *)(memory + known + slots);
    memory += known + slots + order;
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
    drain->looks_put = ring->looks_taken;
    drain->time_shift =
        sample_time_shift(ring->step_ns > ring->period_ns ? ring->step_ns : ring->period_ns);
    if (reserve_memory(drain) == 0 && trace_packer_init(&drain->packer) == 0 &&
        module_map_init(&drain->modules) == 0) {
        drain->packer.sequence = ring->trace_chunks;
        drain->epoch = ring->trace_chunks; /* no fewer than there were */
        drain->era_start = drain->nodes_covered = ring->node_floor;
        code_names_init(drain);
        return 0;
    }
    drain_release(drain);
    return -ENOMEM;
}

void drain_release(struct drain *drain)
{
    code_names_release(drain);
    own_memory_forget(drain->nodes_known);
    if (drain->nodes_known)
        munmap(drain->nodes_known, drain->ring->node_capacity * sizeof *drain->nodes_known);
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

/* Those that this epoch does not have. */
static void put_properties(struct drain *drain)
{
    buffer_bytes(&drain->payload, drain->properties.bytes + drain->property_place,
                 drain->properties.size - drain->property_place);
    drain->records += drain->property_count - drain->property_next;
    drain->property_place = drain->properties.size;
    drain->property_next = drain->property_count;
}

static void start_epoch(struct drain *drain)
{
    drain->epoch++;
    drain->epoch_chunks = 0;
    drain->modules_written = 0;
    drain->threads_defined = 0;
    drain->regions_written = drain->counters_written = drain->objects_written = 0;
    drain->next_node = TRACE_STACK_FIRST;
    madvise(drain->nodes_known, drain->ring->node_capacity * sizeof *drain->nodes_known,
            MADV_DONTNEED);
    drain->property_next = 0;
    drain->property_place = 0;
    put_properties(drain);
    drain->records += encode_before(&drain->payload, &drain->columns, drain->ring);
    if (drain->part && !drain->bytes_written)
        code_names_repeat(drain);
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

/* True when the node's code lies in a module that is known. A number is taken before its
 * node is filled in: one without code is remembered, and looked at again by later passes.
 * Some stay so, of threads cancelled in between; they make room for new ones. */
static bool is_covered(struct drain *drain, uint32_t number)
{
    const struct ring_node *node = ring_node_at(drain->ring, number);
    uint64_t code = __atomic_load_n(&node->code, __ATOMIC_ACQUIRE);
    if (!code)
        drain->nodes_unready[drain->next_unready++ % DRAIN_UNREADY] = number;
    bool kernel = code >> 63;
    return kernel || !(code >> TRACE_NODE_BITS) ||
           module_map_covers(&drain->modules, code >> TRACE_NODE_BITS);
}

/* True when the node's code is in none, though they were looked at since. */
static bool is_outside(const struct drain *drain, uint32_t number)
{
    uint64_t code = __atomic_load_n(&ring_node_at(drain->ring, number)->code, __ATOMIC_RELAXED);
    uint64_t pc = code >> TRACE_NODE_BITS;
    return number >= TRACE_STACK_FIRST && pc && !(code >> 63) &&
           !module_map_covers(&drain->modules, pc);
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
    if (end - drain->nodes_covered > drain->ring->node_capacity) /* damaged */
        drain->nodes_covered = end - drain->ring->node_capacity;
    const uint32_t first = drain->nodes_covered;
    for (; drain->nodes_covered != end; drain->nodes_covered++)
        all &= drain->nodes_covered < TRACE_STACK_FIRST || is_covered(drain, drain->nodes_covered);
    if (!all && !drain->dead)
        drain_scan_modules(drain, generation);
    for (uint32_t i = 0; !all && !drain->code.wanted && i < DRAIN_UNREADY; i++)
        drain->code.wanted = is_outside(drain, unready[i]);
    for (uint32_t number = first; !all && !drain->code.wanted && number != end; number++)
        drain->code.wanted = is_outside(drain, number);
}

/* Nothing was written: what was defined is defined again, in an epoch of its own. */
static void forget_chunk(struct drain *drain)
{
    drain->epoch_chunks = EPOCH_CHUNKS;
    drain->handler_frames = drain->looks_written = drain->unwinding_sum = 0;
    drain->mappings_lost = drain->children_written = drain->heap_lost = drain->waits_lost = 0;
    drain->servant_written = drain->resources_lost = 0;
    drain->death_put = false;
}

/* And what it was to hold is read again. */
static int abandon_chunk(struct drain *drain, int status)
{
    drain_slots_abandoned(drain);
    drain_segments_abandoned(drain);
    drain_limit_abandoned(drain);
    code_names_abandoned(drain);
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

/* What is of no thread, or has to stand behind what threads have. */
static void put_rest_of_chunk(struct drain *drain, const struct drain_end *end)
{
    struct buffer *to = &drain->payload, *body = &drain->columns;
    struct ring_file *ring = drain->ring;
    if (!drain->more)
        drain_end_put_death(drain);
    drain->records += encode_handler(to, body, &ring->handler, &drain->handler_frames);
    if (!drain->more)
        drain_put_memory(drain, drain->dead ? drain->latest_ns + 1 : drain->pass_ns);
    drain->records += encode_looks(to, ring, &drain->looks_written);
    drain->records += encode_servant(to, drain->servant_ns, drain->ending, &drain->servant_written);
    drain->records += encode_children(to, ring, &drain->children_written);
    drain->records += encode_unwinding(to, body, &ring->unwinding, &drain->unwinding_sum);
    drain_put_objects(drain);
    if (!drain->more)
        drain_put_resources(drain);
    drain_put_program(drain); /* after the samples: no region of theirs is missing */
    if (end && !drain->more)
        drain_end_put(drain, end);
}

/* Writes a chunk; drain->more is set when the pass needs another. */
static int put_chunk(struct drain *drain, int fd, uint32_t generation, const struct drain_end *end)
{
    buffer_clear(&drain->payload);
    drain->records = 0;
    drain->time_first = drain->time_last = 0;
    cover_nodes(drain, generation);

    bool epoch = !drain->chunks_written || drain->epoch_chunks == EPOCH_CHUNKS ||
                 drain->next_node >= EPOCH_NODES;
    drain->chunks_begun++;
    if (epoch)
        start_epoch(drain);
    put_properties(drain);
    put_modules(drain);
    drain->definitions = drain->payload.size;
    drain->more = drain_segments_put(drain);
    if (!drain->more && !drain->brief_end)
        drain->more = drain_slots_put(drain, end && end->kind != TRACE_END_KILLED);
    if (!drain->more)
        drain->more = code_names_put(drain);
    put_rest_of_chunk(drain, end);
    int status = drain->payload.full ? -EFBIG : settle_chunk(drain, fd, epoch);
    if (status != 0)
        return abandon_chunk(drain, status);
    if (!drain->more)
        drain->ring->looks_taken = drain->looks_put;
    drain_segments_written(drain);
    code_names_written(drain);
    drain_resources_written(drain);
    if (drain->payload.size)
        drain_slots_written(drain);
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

/* All that was committed before the pass is in the trace: what is to come was begun after the pass
 * before it. */
static void recycle_nodes(struct drain *drain, uint32_t era_start)
{
    struct ring_pool *pool = &drain->ring->pool;
    bool more = node_room_recycle(drain->ring, drain->era_start);
    drain->era_start = era_start;
    if (!more || drain->dead)
        return;
    __atomic_add_fetch(&pool->freed, 1, __ATOMIC_RELEASE); /* pairs with who waits */
    syscall(SYS_futex, &pool->freed, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static int run_pass(struct drain *drain, int fd, uint32_t generation, const struct drain_end *end)
{
    int status;
    drain->dropping = drain->full;
    drain->ending = end != NULL;
    drain->brief_end = drain->single = drain->has_heap = false;
    drain->slot_first = drain->slot_next = drain->stuck = 0;
    drain->pass_ns = libc_clock_now_sigsafe();
    const uint32_t era_start = node_room_era_start_sigsafe(drain->ring);
    do {
        drain_segments_begin(drain);
        do
            status = put_chunk(drain, fd, generation, end);
        while (status == 0 && drain->more);
        bool again = status == DRAIN_LIMIT;
        status = again ? drain_limit_make_room(drain, fd) : status;
        if (status == 0 && !again)
            recycle_nodes(drain, era_start);
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
    drain->died_ns = when_ns;
    return run_pass(drain, fd, 0, &end);
}
