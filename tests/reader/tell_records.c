/*
 * Tells what the analyzer's reader hands to its visitors, one line of JSON each, in their
 * order: compare.py holds it against a reader written by somebody who knew the prose only.
 *
 *     tell_records TRACE
 *
 * A line is an array: the name of the callback, then its values. Of strings each byte is a
 * character. The last line is what the reader says of the file as a whole.
 */
#include "analyzer/trace/heap_events.h"
#include "analyzer/trace/trace_reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void tell_bytes(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    fputs(",\"", stdout);
    for (size_t i = 0; i < size; i++)
        if (at[i] < ' ' || at[i] > '~' || at[i] == '"' || at[i] == '\\')
            printf("\\u%04x", at[i]);
        else
            putchar(at[i]);
    putchar('"');
}

static void tell_text(const char *text)
{
    tell_bytes(text, strlen(text));
}

static void tell_numbers(const uint64_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf(",%" PRIu64, numbers[i]);
}

static void begin(const char *name)
{
    printf("[\"%s\"", name);
}

static void end(void)
{
    puts("]");
}

#define NUMBERS(...)                              \
    tell_numbers((const uint64_t[]){__VA_ARGS__}, \
                 sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
#define TELL(name, ...) (begin(name), NUMBERS(__VA_ARGS__), end())

static void on_epoch(void *context)
{
    (void)context;
    begin("epoch");
    end();
}

static void on_property(void *context, const char *name, const char *value, size_t size)
{
    (void)context;
    begin("property");
    tell_text(name);
    tell_bytes(value, size);
    end();
}

static void on_module(void *context, const struct trace_module *module)
{
    (void)context;
    begin("module");
    NUMBERS(module->id, module->start, module->end, module->bias, module->generation,
            module->loaded_ns);
    tell_text(module->path);
    tell_bytes(module->build_id, module->build_id_size);
    end();
}

static void on_module_gone(void *context, uint64_t id, uint64_t generation, uint64_t time_ns)
{
    (void)context;
    TELL("module_gone", id, generation, time_ns);
}

static void on_thread(void *context, const struct trace_thread *thread)
{
    (void)context;
    begin("thread");
    NUMBERS(thread->number, (uint64_t)thread->tid, thread->start_ns);
    tell_text(thread->name);
    end();
}

static void on_totals(void *context, const struct trace_totals *totals)
{
    (void)context;
    TELL("thread_totals", totals->thread, totals->cpu_ns, totals->samples, totals->lost,
         totals->alloc_count, totals->alloc_bytes, totals->free_count, totals->free_bytes,
         totals->flags, totals->end_ns, totals->paused_ns);
}

static void on_stack(void *context, const struct trace_stack_node *node)
{
    (void)context;
    TELL("stacks", node->generation, node->number, node->parent, node->pc, node->flags);
}

static void on_sample(void *context, const struct trace_sample *sample)
{
    (void)context;
    TELL("samples", sample->thread, sample->time_ns, sample->stack, sample->weight,
         sample->alloc_count, sample->alloc_bytes, sample->free_count, sample->free_bytes,
         sample->region);
}

static void on_handler(void *context, const struct trace_handler *handler)
{
    (void)context;
    begin("handler");
    NUMBERS(handler->frames, handler->reused, handler->rules_hit, handler->rules_made,
            handler->longest_ns);
    tell_numbers(handler->duration_ns, TRACE_BUCKETS);
    tell_numbers(handler->depth, TRACE_BUCKETS);
    end();
}

static void on_unwinding(void *context, const uint64_t *counts)
{
    (void)context;
    begin("unwinding");
    tell_numbers(counts, TRACE_UNWINDING_COUNT);
    end();
}

static void on_offcpu(void *context, const struct trace_stretch *stretch)
{
    (void)context;
    TELL("offcpu", stretch->thread, stretch->time_ns, stretch->stack, stretch->length_ns,
         stretch->state);
}

static void on_waits(void *context, const struct trace_waits *waits)
{
    (void)context;
    TELL("waits", waits->thread, waits->held, waits->end_ns, waits->stack, waits->kind,
         waits->object, waits->peer, waits->count, waits->total_ns, waits->longest_ns,
         waits->end_ns - waits->begin_ns, waits->bytes, waits->region);
}

static void on_scheduling(void *context, const struct trace_scheduling *scheduling)
{
    (void)context;
    TELL("scheduling", scheduling->thread, scheduling->when_ns, scheduling->known,
         scheduling->cpu_ns, scheduling->runnable_ns, scheduling->voluntary,
         scheduling->involuntary, scheduling->migrations, scheduling->paused_ns);
}

static void on_object(void *context, const struct trace_waited_object *object)
{
    const struct trace_io *reads = &object->reads, *writes = &object->writes;

    (void)context;
    begin("object");
    NUMBERS(object->id, object->kind, object->identity);
    tell_text(object->name);
    NUMBERS(reads->calls, reads->bytes, reads->small, reads->onward, writes->calls, writes->bytes,
            writes->small, writes->onward);
    end();
}

static void on_rest(void *context, const struct trace_rest *rest)
{
    (void)context;
    TELL("rest", rest->thread, rest->stack, rest->length_ns);
}

static void on_region(void *context, const struct trace_region *region)
{
    (void)context;
    begin("region");
    NUMBERS(region->id, region->parent);
    tell_text(region->name);
    NUMBERS(region->count, region->total_ns, region->longest_ns);
    end();
}

static void on_counter(void *context, uint64_t id, uint64_t kind, const char *name)
{
    (void)context;
    begin("counter");
    NUMBERS(id, kind);
    tell_text(name);
    end();
}

static void on_count(void *context, const struct trace_count *count)
{
    (void)context;
    TELL("counts", count->thread, count->time_ns, count->stack, count->counter,
         (uint64_t)count->delta, count->region);
}

static void on_heap(void *context, const struct trace_heap *event)
{
    (void)context;
    TELL("heap", event->thread, event->time_ns, event->kind, event->address, event->stack,
         event->size, event->region);
}

static void on_heap_until(void *context, uint64_t until_ns, uint64_t lost)
{
    (void)context;
    TELL("heap_until", until_ns, lost);
}

static void on_word(void *context, const struct trace_word *word)
{
    (void)context;
    TELL("memory", word->kind, word->thread, word->start, word->end, word->address, word->value);
}

static void on_scan(void *context, const struct trace_scan *scan)
{
    (void)context;
    TELL("scan", scan->begin_ns, scan->length_ns, scan->bytes, scan->left_bytes, scan->threads,
         scan->left_threads, scan->limit, scan->whole);
}

static void on_segment(void *context, const struct trace_heap_segment *segment)
{
    struct heap_event_cursor cursor = {.at = segment->events,
                                       .end = segment->events + segment->size,
                                       .ticks = segment->ticks,
                                       .address = segment->address,
                                       .shift = segment->shift};
    struct heap_wire_event event;

    (void)context;
    while (heap_events_next(&cursor, &event)) {
        bool made = event.kind >= TRACE_HEAP_EXACT_ALLOC;
        if (made && event.place >= segment->place_count)
            break;
        const struct trace_heap_place place =
            made ? segment->places[event.place] : (struct trace_heap_place){0};
        TELL("heap_events", segment->thread, segment->stream, segment->serial, cursor.ticks,
             event.kind, cursor.address, place.stack, made ? event.size : 0, place.region);
    }
    if (cursor.at != cursor.end)
        TELL("unreadable", segment->thread, segment->stream, segment->serial);
}

static void on_clock(void *context, uint64_t ticks, uint64_t time_ns)
{
    (void)context;
    TELL("heap_clock", ticks, time_ns);
}

static void on_mapping(void *context, const struct trace_mapping_event *event)
{
    (void)context;
    TELL("mappings", event->thread, event->time_ns, event->kind, event->address, event->length,
         event->stack, event->region);
}

static void on_mappings_lost(void *context, uint64_t lost)
{
    (void)context;
    TELL("mappings_lost", lost);
}

static void on_resident(void *context, const struct trace_resident *look)
{
    (void)context;
    begin("resident");
    NUMBERS(look->time_ns, look->known, look->resident, look->shared, look->live, look->held,
            look->held_resident, look->mapped, look->mapped_resident, look->shmem, look->large,
            look->large_resident, look->stacks, look->data, look->own, look->lazy, look->loose,
            look->huge, look->hugetlb, look->file_resident, look->highest);
    tell_bytes(look->file, look->file_size);
    end();
}

static void on_death(void *context, const struct trace_death *death)
{
    (void)context;
    TELL("death", death->thread, (uint64_t)death->tid, death->time_ns, (uint64_t)death->signal,
         (uint64_t)death->code, death->address, (uint64_t)death->sender, death->stack);
}

static void on_resource(void *context, const struct trace_series *series)
{
    (void)context;
    begin("resource");
    NUMBERS(series->id, series->type, series->scope, series->digits, (uint64_t)series->tid);
    tell_text(series->name);
    tell_text(series->unit);
    tell_text(series->subject);
    tell_text(series->reason);
    end();
}

static void on_resource_point(void *context, const struct trace_series_point *point)
{
    (void)context;
    TELL("resources", point->id, point->time_ns, (uint64_t)point->value,
         point->unchanged ? point->before_ns : 0);
}

static void on_end(void *context, enum trace_end kind, int status, uint64_t time_ns,
                   uint64_t cpu_ns)
{
    (void)context;
    TELL("end", kind, (uint64_t)status, time_ns, cpu_ns);
}

int main(int argc, char **argv)
{
    const struct trace_visitor visitor = {.epoch = on_epoch,
                                          .property = on_property,
                                          .module = on_module,
                                          .module_gone = on_module_gone,
                                          .thread = on_thread,
                                          .totals = on_totals,
                                          .stack = on_stack,
                                          .sample = on_sample,
                                          .handler = on_handler,
                                          .unwinding = on_unwinding,
                                          .offcpu = on_offcpu,
                                          .waits = on_waits,
                                          .scheduling = on_scheduling,
                                          .object = on_object,
                                          .rest = on_rest,
                                          .region = on_region,
                                          .counter = on_counter,
                                          .count = on_count,
                                          .heap = on_heap,
                                          .heap_until = on_heap_until,
                                          .word = on_word,
                                          .scan = on_scan,
                                          .heap_segment = on_segment,
                                          .heap_clock = on_clock,
                                          .mapping = on_mapping,
                                          .mappings_lost = on_mappings_lost,
                                          .resident = on_resident,
                                          .resource = on_resource,
                                          .resource_point = on_resource_point,
                                          .death = on_death,
                                          .end = on_end};
    struct trace_summary summary;
    struct problem problem = {0};

    if (argc != 2 || trace_read(argv[1], &visitor, &summary, &problem) != 0) {
        fprintf(stderr, "tell_records: %s\n", argc == 2 ? problem.text : "one TRACE");
        return 1;
    }
    TELL("summary", summary.chunks, summary.chunks_damaged, summary.bytes_skipped,
         summary.records_dropped, summary.samples_dropped, summary.truncated, summary.chunks_before,
         summary.records_before);
    return 0;
}
