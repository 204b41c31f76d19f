/*
 * Objects of waits, and single ones. Its own file because both are kept for the whole trace, where
 * wait_visitor.c is about records.
 */
#include "analyzer/load/loaded_waits.h"

#include "analyzer/model/wait_kind.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

void loaded_waits_init(struct loaded_waits *waits)
{
    *waits = (struct loaded_waits){.objects = NULL};
    wait_ledger_init(&waits->ledger);
}

void loaded_waits_release(struct loaded_waits *waits)
{
    wait_ledger_release(&waits->ledger);
    free(waits->objects);
    free(waits->singles);
    free(waits->locations);
}

void loaded_waits_object(struct loaded_waits *waits, struct strings *strings,
                         const struct trace_waited_object *object)
{
    while (waits->object_count <= object->id) {
        waits->objects = memory_grow(waits->objects, waits->object_count, &waits->object_capacity,
                                     sizeof(*waits->objects));
        waits->objects[waits->object_count++] = (struct trace_waited_object){.id = 0};
    }
    waits->objects[object->id] = *object;
    waits->objects[object->id].name = strings_intern(strings, object->name);
}

static void add_single(struct loaded_waits *waits, const struct loaded_single *single)
{
    if (waits->single_count == SINGLES_MAX) {
        waits->singles_left++;
        return;
    }
    waits->singles = memory_grow(waits->singles, waits->single_count, &waits->single_capacity,
                                 sizeof(*waits->singles));
    waits->singles[waits->single_count++] = *single;
}

void loaded_waits_single(struct loaded_waits *waits, uint32_t place,
                         const struct trace_waits *single)
{
    const struct time_window *window = &waits->ledger.window;

    if (single->count != 1 || single->total_ns < SINGLE_LEAST_NS ||
        time_window_overlap(window, single->end_ns, single->total_ns) == 0)
        return;
    add_single(waits, &(struct loaded_single){.place = place,
                                              .held = single->held,
                                              .begin_ns = single->begin_ns,
                                              .end_ns = single->end_ns});
}

void loaded_waits_open(struct loaded_waits *waits)
{
    const struct wait_ledger *ledger = &waits->ledger;

    for (size_t i = 0; i < ledger->thread_count; i++) {
        const struct ledger_wait *open = &ledger->threads[i].open;
        if (ledger->threads[i].has_open &&
            time_window_overlap(&ledger->window, open->end_ns, open->total_ns) > 0)
            add_single(waits, &(struct loaded_single){.place = open->place,
                                                      .open = true,
                                                      .begin_ns = open->begin_ns,
                                                      .end_ns = open->end_ns});
    }
}

/* The last sample at that time or before; NULL: none is kept. */
static const struct last_sample *sample_before(const struct last_samples *samples, uint64_t time_ns)
{
    for (size_t i = samples->count; i > samples->first; i--)
        if (samples->items[i - 1].time_ns <= time_ns)
            return &samples->items[i - 1];
    return NULL;
}

/* The youngest thread of that number that had begun by then; `count`: none. */
static size_t thread_of(const struct profile_thread *threads, size_t count, uint64_t tid,
                        uint64_t time_ns)
{
    for (size_t i = count; i > 0 && tid != 0; i--)
        if ((uint64_t)threads[i - 1].tid == tid && threads[i - 1].start_ns <= time_ns)
            return i - 1;
    return count;
}

void loaded_waits_meet(struct loaded_waits *waits, const struct ends *ends,
                       const struct profile_thread *threads, size_t thread_count)
{
    for (; waits->met_count < waits->single_count; waits->met_count++) {
        struct loaded_single *single = &waits->singles[waits->met_count];
        const struct wait_place *place = &waits->ledger.places[single->place];
        if (wait_kind_group(place->kind) != WAIT_GROUP_LOCK)
            continue;
        size_t holder = thread_of(threads, thread_count, place->peer, single->end_ns);
        if (holder >= ends->count)
            continue;
        const struct last_sample *sample = sample_before(&ends->threads[holder], single->end_ns);
        if (sample == NULL)
            continue;
        single->sample_ns = sample->time_ns;
        single->sample_stack = sample->stack;
    }
}

void loaded_waits_go_on(struct loaded_waits *waits)
{
    size_t kept = 0;

    wait_ledger_go_on(&waits->ledger);
    for (size_t i = 0; i < waits->single_count; i++)
        if (!waits->singles[i].held)
            waits->singles[kept++] = waits->singles[i];
    waits->single_count = kept;
    waits->met_count = waits->met_count < kept ? waits->met_count : kept;
}

void loaded_waits_locate(struct loaded_waits *waits, struct module_history *modules)
{
    const struct wait_ledger *ledger = &waits->ledger;

    waits->locations = memory_alloc((ledger->place_count + 1) * sizeof(*waits->locations));
    for (size_t i = 0; i < ledger->place_count; i++) {
        uint64_t address = ledger->places[i].object;
        const struct mapped_module *module = module_history_below(modules, address);
        if (address != 0 && !wait_kind_has_descriptor(ledger->places[i].kind) && module != NULL)
            waits->locations[i] = (struct lock_location){module->image, address - module->bias};
    }
}
