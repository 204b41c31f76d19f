/*
 * Payloads of chunks, straight to the decoder. The input is a list of them: a byte of flags
 * and two of length before each. The visitor looks at all it is handed, events of the exact
 * heap one by one.
 */
#include "analyzer/trace/heap_events.h"
#include "analyzer/trace/record_decoder.h"
#include "tests/fuzz/fuzz.h"

#define EPOCH 1u
#define LOST_BEFORE 2u
#define EPOCH_LOST_BEFORE 4u

static uint64_t threads, stacks; /* highest numbers known */

/* What the decoder promises its visitors. */
static void check(bool promise)
{
    if (!promise)
        abort();
}

static void on_epoch(void *context)
{
    (void)context;
    threads = 0;
    stacks = TRACE_STACK_FIRST - 1;
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    fuzz_touch(name, strlen(name) + 1);
    fuzz_touch(value, size + 1);
}

static void on_module(void *context, const struct trace_module *module)
{
    (void)context;
    check(module->start < module->end);
    fuzz_touch(module->path, strlen(module->path));
    fuzz_touch(module->build_id, module->build_id_size);
}

static void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time_ns)
{
    (void)context;
    fuzz_sum += id + generation + time_ns;
}

static void on_thread(void *context, const struct trace_thread *thread)
{
    (void)context;
    check(thread->number > 0 && thread->tid >= 0);
    threads = thread->number > threads ? thread->number : threads;
    fuzz_touch(thread->name, strlen(thread->name));
}

static void on_totals(void *context, const struct trace_totals *totals)
{
    (void)context;
    check(totals->thread > 0 && totals->thread <= threads);
}

static void on_stack(void *context, const struct trace_stack_node *node)
{
    (void)context;
    check(node->number == stacks + 1 && node->parent < node->number);
    stacks = node->number;
}

static void on_stacks_lost(void *context, uint64_t first, uint64_t end)
{
    (void)context;
    check(first == stacks + 1 && end > first);
    stacks = end - 1;
}

static void check_place(uint64_t thread, uint64_t stack, uint64_t region)
{
    check(thread > 0 && thread <= threads && stack <= stacks && region <= DECODER_REGION_MAX);
}

static void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    check_place(sample->thread, sample->stack, sample->region);
}

static void on_handler(void *context, const struct trace_handler *handler)
{
    (void)context;
    fuzz_touch(handler, sizeof(*handler));
}

static void on_unwinding(void *context, const uint64_t *counts)
{
    (void)context;
    fuzz_touch(counts, TRACE_UNWINDING_COUNT * sizeof(*counts));
}

static void on_offcpu(void *context, const struct trace_stretch *stretch)
{
    (void)context;
    check_place(stretch->thread, stretch->stack, 0);
}

static void on_rest(void *context, const struct trace_rest *rest)
{
    (void)context;
    check_place(rest->thread, rest->stack, 0);
}

static void on_region(void *context, const struct trace_region *region)
{
    (void)context;
    check(region->id > 0 && region->parent < region->id && region->id <= DECODER_REGION_MAX);
    fuzz_touch(region->name, strlen(region->name));
}

static void on_counter(void *context, uint64_t id, uint64_t kind, const char *name)
{
    (void)context;
    (void)kind;
    check(id <= DECODER_COUNTER_MAX);
    fuzz_touch(name, strlen(name));
}

static void on_count(void *context, const struct trace_count *count)
{
    (void)context;
    check_place(count->thread, count->stack, count->region);
    check(count->counter <= DECODER_COUNTER_MAX);
}

static void on_heap(void *context, const struct trace_heap *event)
{
    (void)context;
    check_place(event->thread, event->stack, event->region);
    check(event->address != 0 && event->size <= HEAP_SIZE_BELIEVED);
}

static void on_word(void *context, const struct trace_word *word)
{
    (void)context;
    check(word->address >= word->start && word->address < word->end);
}

static void on_scan(void *context, const struct trace_scan *scan)
{
    (void)context;
    check(scan->limit <= TRACE_SCAN_SIZE);
}

/* With the padding that heap_events.h asks for, and not a byte more. */
static void on_segment(void *context, const struct trace_heap_segment *segment)
{
    uint8_t *copy = calloc(1, segment->size + HEAP_EVENTS_PADDING);
    struct heap_event_cursor cursor = {
        copy, copy + segment->size, segment->ticks, segment->address, segment->shift, false};
    struct heap_wire_event event;

    (void)context;
    check(segment->thread <= threads && segment->shift < 64);
    for (size_t i = 0; i < segment->place_count; i++)
        check(segment->places[i].stack <= stacks &&
              segment->places[i].region <= DECODER_REGION_MAX);
    memcpy(copy, segment->events, segment->size);
    while (heap_events_next(&cursor, &event))
        fuzz_sum += cursor.address + (uint64_t)event.kind;
    free(copy);
}

static void on_mapping(void *context, const struct trace_mapping_event *event)
{
    (void)context;
    check_place(event->thread, event->stack, event->region);
    check(event->length > 0 && event->address + event->length > event->address);
}

static void on_resident(void *context, const struct trace_resident *look)
{
    (void)context;
    fuzz_touch(look->file, look->file_size);
}

static uint64_t last_point_ns;

static void on_resource(void *context, const struct trace_series *series)
{
    (void)context;
    check(series->id > 0 && series->tid >= 0 && series->digits <= 18 && *series->name != '\0');
    fuzz_touch(series->unit, strlen(series->unit));
    fuzz_touch(series->subject, strlen(series->subject));
    fuzz_touch(series->reason, strlen(series->reason));
}

static void on_resource_point(void *context, const struct trace_series_point *point)
{
    (void)context;
    check(point->id > 0 && point->before_ns <= point->time_ns);
    check(!point->unchanged || point->before_ns > 0 || point->time_ns == 0);
    last_point_ns = point->time_ns > last_point_ns ? point->time_ns : last_point_ns;
}

static void on_resource_until(void *context, uint64_t until_ns)
{
    (void)context;
    check(last_point_ns <= until_ns);
    last_point_ns = 0;
}

static const struct trace_visitor visitor = {.epoch = on_epoch,
                                             .property = on_property,
                                             .module = on_module,
                                             .module_gone = on_module_gone,
                                             .thread = on_thread,
                                             .totals = on_totals,
                                             .stack = on_stack,
                                             .stacks_lost = on_stacks_lost,
                                             .sample = on_sample,
                                             .handler = on_handler,
                                             .unwinding = on_unwinding,
                                             .offcpu = on_offcpu,
                                             .rest = on_rest,
                                             .resource = on_resource,
                                             .resource_point = on_resource_point,
                                             .resource_until = on_resource_until,
                                             .region = on_region,
                                             .counter = on_counter,
                                             .count = on_count,
                                             .heap = on_heap,
                                             .word = on_word,
                                             .scan = on_scan,
                                             .heap_segment = on_segment,
                                             .mapping = on_mapping,
                                             .resident = on_resident};

static void decode(struct record_decoder *decoder, unsigned flags, const uint8_t *bytes,
                   size_t size)
{
    uint8_t *payload = malloc(size + 1); /* of its own: what lies behind is not to be read */

    if (flags & LOST_BEFORE)
        record_decoder_lost(decoder, LOSS_DEFINITIONS);
    if (flags & EPOCH_LOST_BEFORE)
        record_decoder_lost(decoder, LOSS_EPOCH);
    if (flags & EPOCH)
        record_decoder_epoch(decoder);
    memcpy(payload, bytes, size);
    record_decoder_payload(decoder, payload, size);
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct trace_summary summary = {0};
    struct record_decoder decoder;

    record_decoder_init(&decoder, &visitor, &summary);
    on_epoch(NULL);
    while (size >= 3) {
        unsigned flags = data[0];
        size_t length = data[1] | (size_t)data[2] << 8;
        data += 3, size -= 3;
        length = length < size ? length : size;
        decode(&decoder, flags, data, length);
        data += length, size -= length;
    }
    record_decoder_release(&decoder);
    return 0;
}
