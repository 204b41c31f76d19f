/*
 * Writes a trace as of `record --heap exact` whose truth it prints, without a process that
 * was recorded: so that reading 10^8 events can be tested apart from recording them.
 *     heap_trace FILE EVENTS [THREADS [PLACES [LIVE]]]
 *
 * Threads allocate in PLACES functions, free at once, free each other's blocks, which are
 * given out again last in, first out, and resize some. The heap grows to LIVE blocks, its
 * peak, and stays below from then on; there, clocks of threads differ as far as they do.
 * Records are as long as segments, and often only parts of them.
 *
 * One line per function: NAME allocations bytes live-blocks live-bytes peak-bytes temporary
 */
#include "tests/unit/trace_maker.h"

#include <stdbool.h>

#define SEGMENT 65536u
#define CHUNK (1u << 20)
#define THREADS_MAX 1000u
#define DEPTH 20u
#define TICKS_EACH 20u  /* from one event to the next */
#define TICKS_APART 12u /* clocks of two threads, at most twice */
#define NS_PER_TICK 10u
#define SHIFT 4u
#define SIZE_MAX_MADE 1000u
#define STEP_BYTES (2 * SIZE_MAX_MADE) /* by which a step can raise the heap */
#define FIRST_PC 0x100000u

enum kind { FREE, RESIZED, ALLOC, RESIZE };

struct block {
    uint64_t allocation; /* number of its thread's */
    uint32_t size, thread, place;
    uint32_t at; /* in `live` */
};

struct thread {
    uint8_t events[SEGMENT + 64];
    uint32_t used, serial, written; /* written: of this segment, in earlier records */
    uint64_t ticks, address;        /* of the event before */
    uint64_t first_ticks, first_address;
    uint64_t allocations;
    uint32_t *index; /* [place]: in `used_places`, if its stamp is this segment's */
    uint32_t *used_places, place_count;
};

struct truth {
    uint64_t count, bytes, live_count, live_bytes, peak, temporary;
};

static struct {
    FILE *out;
    struct bytes payload;
    uint32_t chunks;
    uint64_t events, wanted, pending;
    unsigned threads, places;
    struct thread *thread;
    struct truth *truth;
    struct block *blocks; /* by address */
    uint32_t *live, *unused;
    uint32_t live_count, unused_count, capacity;
    uint64_t live_bytes, peak_bytes, ticks, random;
    bool raised; /* the last allocation raised the peak */
    bool apart;  /* clocks differ */
} made;

static uint64_t next_random(void)
{
    made.random ^= made.random << 13;
    made.random ^= made.random >> 7;
    made.random ^= made.random << 17;
    return made.random;
}

static uint32_t below(uint32_t limit)
{
    return (uint32_t)((next_random() >> 32) * limit >> 32);
}

/* --- writing ------------------------------------------------------------------ */

static void write_chunk(uint32_t flags)
{
    struct bytes file = {0};

    make_chunk(&file, &made.payload, (struct made_chunk){MADE_VERSION, flags, made.chunks++});
    if (fwrite(file.at, 1, file.size, made.out) != file.size)
        abort();
    bytes_free(&file);
}

static void make_clock(void)
{
    struct bytes body = {0};

    put_varint(&body, made.ticks);
    put_varint(&body, made.ticks * NS_PER_TICK);
    put_record(&made.payload, 23, &body);
}

/* What the thread wrote since its last record. */
static void write_record(unsigned number)
{
    struct thread *thread = &made.thread[number];
    struct bytes body = {0};

    if (thread->used == thread->written)
        return;
    put_varint(&body, number + 1);
    put_varint(&body, 0);
    put_varint(&body, thread->serial);
    put_varint(&body, SHIFT);
    put_varint(&body, thread->first_ticks);
    put_varint(&body, thread->first_address);
    put_varint(&body, thread->place_count);
    for (uint32_t i = 0; i < thread->place_count; i++) {
        put_varint(&body, 8 + DEPTH + thread->used_places[i]);
        put_varint(&body, 0);
    }
    put(&body, thread->events + thread->written, thread->used - thread->written);
    put_record(&made.payload, 22, &body);
    thread->written = thread->used;
    thread->first_ticks = thread->ticks;
    thread->first_address = thread->address;
}

static void end_segment(unsigned number)
{
    struct thread *thread = &made.thread[number];

    write_record(number);
    thread->used = thread->written = thread->place_count = 0;
    thread->serial++;
}

static void end_chunk(void)
{
    for (unsigned i = 0; i < made.threads; i++)
        write_record(i);
    make_clock();
    write_chunk(0);
    made.pending = 0;
}

static void add_varint(struct thread *thread, uint64_t value)
{
    for (; value >= 128; value /= 128)
        thread->events[thread->used++] = (uint8_t)(value % 128 + 128);
    thread->events[thread->used++] = (uint8_t)value;
}

static uint32_t index_of(struct thread *thread, uint32_t place)
{
    uint32_t at = thread->index[place];

    if (at < thread->place_count && thread->used_places[at] == place)
        return at;
    thread->used_places[thread->place_count] = place;
    return thread->index[place] = thread->place_count++;
}

static void add_event(unsigned number, enum kind kind, uint32_t slot)
{
    struct thread *thread = &made.thread[number];
    uint64_t address = 0x7f0000001000u + 48u * (uint64_t)slot;
    int64_t delta = (int64_t)(address - thread->address) / (1 << SHIFT);
    uint64_t zigzag = delta >= 0 ? 2 * (uint64_t)delta : 2 * (uint64_t)(-(delta + 1)) + 1;
    uint32_t before = thread->used;

    made.ticks += TICKS_EACH;
    uint64_t ticks = made.ticks;
    if (made.apart)
        ticks += below(2 * TICKS_APART + 1) - (uint64_t)TICKS_APART;
    if (ticks < thread->ticks)
        ticks = thread->ticks;
    add_varint(thread, zigzag << 2 | kind);
    add_varint(thread, ticks - thread->ticks);
    if (kind >= ALLOC) {
        add_varint(thread, made.blocks[slot].size);
        add_varint(thread, index_of(thread, made.blocks[slot].place));
    }
    thread->ticks = ticks;
    thread->address = address;
    made.events++;
    made.pending += thread->used - before;
    if (thread->used >= SEGMENT)
        end_segment(number);
    if (made.pending >= CHUNK)
        end_chunk();
}

/* --- the heap ----------------------------------------------------------------- */

static void allocate(unsigned number, enum kind kind)
{
    uint32_t slot = made.unused[--made.unused_count];
    struct block *block = &made.blocks[slot];
    struct truth *truth;

    *block = (struct block){.allocation = ++made.thread[number].allocations,
                            .size = 1 + below(below(8) == 0 ? SIZE_MAX_MADE : 200),
                            .thread = number,
                            .place = below(made.places),
                            .at = made.live_count};
    truth = &made.truth[block->place];
    made.live[made.live_count++] = slot;
    truth->count++;
    truth->live_count++;
    truth->bytes += block->size;
    truth->live_bytes += block->size;
    made.live_bytes += block->size;
    made.raised = made.live_bytes > made.peak_bytes;
    if (made.raised)
        made.peak_bytes = made.live_bytes;
    add_event(number, kind, slot);
}

static void release(unsigned number, enum kind kind, uint32_t slot)
{
    const struct block *block = &made.blocks[slot];
    struct truth *truth = &made.truth[block->place];

    add_event(number, kind, slot);
    truth->live_count--;
    truth->live_bytes -= block->size;
    truth->temporary += kind == FREE && block->thread == number &&
                        made.thread[number].allocations == block->allocation;
    made.live_bytes -= block->size;
    made.live[block->at] = made.live[--made.live_count];
    made.blocks[made.live[block->at]].at = block->at;
    made.unused[made.unused_count++] = slot;
}

static uint32_t any_block(void)
{
    return made.live[below(made.live_count)];
}

/* A few events around a number of live blocks. */
static void step(uint32_t wanted)
{
    unsigned number = below(made.threads);
    unsigned choice = below(16);

    if (choice < 4) {
        allocate(number, ALLOC);
        release(number, FREE, made.live[made.live_count - 1]);
    } else if (choice == 4 && made.live_count > 0) {
        release(number, RESIZED, any_block());
        allocate(number, RESIZE);
    } else if (made.live_count < wanted) {
        allocate(number, ALLOC);
    } else {
        release(number, FREE, any_block());
        if (choice < 11)
            allocate(below(made.threads), ALLOC); /* the same address, often another thread */
    }
}

static void find_peak(void)
{
    do
        allocate(below(made.threads), ALLOC);
    while (!made.raised);
    for (unsigned i = 0; i < made.places; i++)
        made.truth[i].peak = made.truth[i].live_bytes;
}

static void run(uint32_t live)
{
    uint64_t peak;

    while (made.live_count < live && made.events < made.wanted)
        step(live);
    find_peak();
    while (made.live_count > live - live / 8)
        release(below(made.threads), FREE, any_block());
    made.apart = true;
    peak = made.peak_bytes;
    while (made.events < made.wanted) {
        while (made.live_bytes + STEP_BYTES >= peak)
            release(below(made.threads), FREE, any_block());
        step(live - live / 8);
    }
    if (made.peak_bytes > peak)
        abort(); /* the truth would be another */
    end_chunk();
}

/* --- around it ---------------------------------------------------------------- */

static void define(void)
{
    struct made_node *nodes = calloc(DEPTH + made.places, sizeof(*nodes));

    make_property(&made.payload, "comm", "made");
    make_property(&made.payload, "pid", "100");
    make_property(&made.payload, "heap", "exact");
    make_property(&made.payload, "heap_interval", "0");
    make_property(&made.payload, "weight_unit_ns", "1000000");
    make_module(&made.payload,
                (struct made_module){1, FIRST_PC, 1u << 30, FIRST_PC, 0, "/none/made", ""});
    for (unsigned i = 0; i < made.threads; i++)
        make_thread(&made.payload, i + 1, 100 + i, 1000 + i, "made");
    for (unsigned i = 0; i < DEPTH + made.places; i++)
        nodes[i] = (struct made_node){8 + i, i == 0 ? 0 : 7 + (i < DEPTH ? i : DEPTH),
                                      FIRST_PC + 16 * (i + 1) + 1, 0};
    make_stacks(&made.payload, 0, nodes, DEPTH + made.places);
    make_clock();
    write_chunk(1);
    free(nodes);
}

static void print(void)
{
    for (unsigned i = 0; i < made.places; i++) {
        const struct truth *truth = &made.truth[i];
        printf("[made+0x%x] %llu %llu %llu %llu %llu %llu\n", 16 * (DEPTH + i + 1),
               (unsigned long long)truth->count, (unsigned long long)truth->bytes,
               (unsigned long long)truth->live_count, (unsigned long long)truth->live_bytes,
               (unsigned long long)truth->peak, (unsigned long long)truth->temporary);
    }
}

static void *zeroed(size_t count, size_t size)
{
    void *block = calloc(count, size);

    if (block == NULL)
        abort();
    return block;
}

static uint64_t argument(char **argv, int argc, int at, uint64_t otherwise)
{
    return argc > at ? strtoull(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    uint32_t live = (uint32_t)argument(argv, argc, 5, 10000);

    made.wanted = argument(argv, argc, 2, 0);
    made.threads = (unsigned)argument(argv, argc, 3, 4);
    made.places = (unsigned)argument(argv, argc, 4, 256);
    if (made.wanted == 0 || made.threads - 1 >= THREADS_MAX || made.places == 0 || live < 100)
        return 2;
    made.capacity = 2 * live + 1000;
    made.random = 88172645463325252u;
    made.ticks = 1000;
    made.thread = zeroed(made.threads, sizeof(*made.thread));
    made.truth = zeroed(made.places, sizeof(*made.truth));
    made.blocks = zeroed(made.capacity, sizeof(*made.blocks));
    made.live = zeroed(made.capacity, sizeof(*made.live));
    made.unused = zeroed(made.capacity, sizeof(*made.unused));
    for (uint32_t i = 0; i < made.capacity; i++)
        made.unused[made.unused_count++] = made.capacity - 1 - i;
    for (unsigned i = 0; i < made.threads; i++) {
        made.thread[i].index = zeroed(made.places, sizeof(uint32_t));
        made.thread[i].used_places = zeroed(made.places, sizeof(uint32_t));
    }
    made.out = fopen(argv[1], "wb");
    if (made.out == NULL)
        return 1;
    define();
    run(live);
    if (fclose(made.out) != 0)
        return 1;
    print();
    return 0;
}
