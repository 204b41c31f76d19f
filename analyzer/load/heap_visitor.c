/*
 * Records about memory, handed on with numbers translated. Its own file because it is the part of
 * the visitor that no stack, thread or entry comes from.
 */
#include "analyzer/load/heap_visitor.h"

#include "analyzer/load/loader.h"

static struct heap_place place_of(struct loader *loader, uint64_t thread, uint64_t stack,
                                  uint64_t region, uint64_t time_ns)
{
    struct heap_place place = {.stack = loader_stack(loader, stack, time_ns),
                               .region = (uint32_t)region};
    loader_thread(loader, thread, &place.thread);
    return place;
}

/* With the first event of the heap: the properties are known by then. */
static struct heap_loader *heap_of(struct loader *loader)
{
    struct heap_loader *heap = &loader->trace->heap;
    uint64_t start_ns = process_facts_start(&loader->facts);

    if (heap->timeline == NULL) {
        heap->charge = process_facts_heap_charge(&loader->facts);
        heap->merge.is_part = loader->trace->summary.chunks_before > 0;
        heap_loader_begin(heap, process_facts_heap_interval(&loader->facts),
                          start_ns != 0 ? start_ns : loader->trace->summary.time_first,
                          loader->expected_end_ns);
    }
    return heap;
}

static void on_heap(void *context, const struct trace_heap *event)
{
    struct loader *loader = context;
    struct heap_place place =
        place_of(loader, event->thread, event->stack, event->region, event->time_ns);

    heap_loader_add(heap_of(loader), &place,
                    (struct heap_event){.time_ns = event->time_ns,
                                        .address = event->address,
                                        .size = event->size,
                                        .kind = event->kind});
    loader_see_event(loader, event->time_ns);
}

static void on_heap_until(void *context, uint64_t until_ns, uint64_t lost)
{
    struct loader *loader = context;

    loader->trace->heap.lost = lost;
    heap_loader_until(&loader->trace->heap, until_ns);
    mapped_loader_until(&loader->trace->mapped, until_ns);
}

static void on_mapping(void *context, const struct trace_mapping_event *event)
{
    struct loader *loader = context;
    struct heap_place place =
        place_of(loader, event->thread, event->stack, event->region, event->time_ns);

    mapped_loader_add(&loader->trace->mapped, &place, event->time_ns, event->kind, event->address,
                      event->length);
}

static void on_mappings_lost(void *context, uint64_t lost)
{
    ((struct loader *)context)->trace->mapped.lost = lost;
}

static void on_resident(void *context, const struct trace_resident *look)
{
    struct loaded_trace *trace = ((struct loader *)context)->trace;
    mapped_loader_look(&trace->mapped, &trace->process.mapped, look);
}

static void on_scan(void *context, const struct trace_scan *scan)
{
    ((struct loader *)context)->trace->process.heap.scan = leak_loader_scan(scan);
}

static void on_heap_segment(void *context, const struct trace_heap_segment *segment)
{
    struct loader *loader = context;
    uint32_t thread;

    /* Lost with the first chunk: none but exact heaps have segments. */
    if (process_facts_text(&loader->facts, "heap") == NULL)
        process_facts_set(&loader->facts, "heap", "exact", 5);
    loader_thread(loader, segment->thread, &thread);
    heap_loader_segment(heap_of(loader), thread, &loader->stack_numbers, segment);
}

static void on_heap_clock(void *context, uint64_t ticks, uint64_t time_ns)
{
    struct loader *loader = context;
    heap_loader_clock(heap_of(loader), ticks, time_ns);
    loader_see_event(loader, time_ns);
}

void heap_visitor_join(struct trace_visitor *visitor)
{
    visitor->heap = on_heap;
    visitor->heap_until = on_heap_until;
    visitor->scan = on_scan;
    visitor->heap_segment = on_heap_segment;
    visitor->heap_clock = on_heap_clock;
    visitor->mapping = on_mapping;
    visitor->mappings_lost = on_mappings_lost;
    visitor->resident = on_resident;
}
