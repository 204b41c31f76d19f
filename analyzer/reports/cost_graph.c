/*
 * Stacks to a graph of functions. Its own file because its rule for recursion wants a walk of its
 * own.
 */
#include "analyzer/reports/cost_graph.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

#define NO_STACK UINT32_MAX

/* Keys hold no padding: key_table compares bytes. */
struct function_key {
    const char *name, *module, *place;
    uint64_t decl_line;
};

struct spot_key {
    const char *file;
    uint32_t function, line;
};

struct call_key {
    uint32_t spot, callee;
};

struct builder {
    struct cost_graph *graph;
    const struct profile *profile;
    struct key_table *functions, *spots, *calls;
    uint32_t *spot_of;      /* by frame */
    int64_t *total;         /* metrics.count values of each stack and all below it */
    uint32_t *first, *next; /* by stack: its first callee, the next one of the same caller */
    uint32_t *active;       /* by function: so often on the stack at work */
};

static uint32_t add_function(struct builder *builder, const struct function_key *key,
                             const char *file)
{
    struct cost_graph *graph = builder->graph;
    const uint32_t number = key_table_add(builder->functions, key, (uint32_t)graph->function_count);

    if (number == graph->function_count) {
        graph->functions = memory_grow(graph->functions, graph->function_count,
                                       &graph->function_capacity, sizeof(*graph->functions));
        graph->functions[graph->function_count++] =
            (struct graph_function){key->name, file, key->module, (uint32_t)key->decl_line};
    }
    return number;
}

static uint32_t add_spot(struct builder *builder, const struct spot_key *key)
{
    struct cost_graph *graph = builder->graph;
    const uint32_t number = key_table_add(builder->spots, key, (uint32_t)graph->spot_count);

    if (number == graph->spot_count) {
        graph->spots = memory_grow(graph->spots, graph->spot_count, &graph->spot_capacity,
                                   sizeof(*graph->spots));
        graph->spots[graph->spot_count++] =
            (struct graph_spot){key->file, key->function, key->line};
    }
    return number;
}

static uint32_t add_call(struct builder *builder, uint32_t spot, uint32_t callee)
{
    struct cost_graph *graph = builder->graph;
    const struct call_key key = {spot, callee};
    const uint32_t number = key_table_add(builder->calls, &key, (uint32_t)graph->call_count);

    if (number == graph->call_count) {
        const size_t width = graph->metrics.count * sizeof(*graph->called);
        graph->calls = memory_grow(graph->calls, graph->call_count, &graph->call_capacity,
                                   sizeof(*graph->calls));
        graph->called = memory_grow(graph->called, graph->call_count, &graph->called_room, width);
        memset((char *)graph->called + graph->call_count * width, 0, width);
        graph->calls[graph->call_count++] = (struct graph_call){.spot = spot, .callee = callee};
    }
    return number;
}

/* Functions are told apart by where they start, and by their file where that is not known: lines
 * of one function may be in several files. */
static void place_frames(struct builder *builder)
{
    const struct profile *profile = builder->profile;

    add_function(builder, &(struct function_key){.name = "[all]"}, NULL);
    add_spot(builder, &(struct spot_key){.function = GRAPH_ROOT});
    builder->spot_of = memory_alloc((profile->frame_count + 1) * sizeof(*builder->spot_of));
    for (size_t i = 0; i < profile->frame_count; i++) {
        const struct frame *frame = &profile->frames[i];
        const bool known = frame->decl_line != 0;
        const struct function_key key = {.name = frame->function,
                                         .module = frame->module,
                                         .place = known ? NULL : frame->file,
                                         .decl_line = frame->decl_line};
        builder->spot_of[i] = add_spot(
            builder, &(struct spot_key){.file = frame->file,
                                        .function = add_function(builder, &key, frame->file),
                                        .line = frame->line});
    }
}

static void add_values(int64_t *to, const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = sum_signed(to[i], values[i]);
}

static uint32_t spot_of_stack(const struct builder *builder, uint32_t stack)
{
    return stack != STACK_NONE ? builder->spot_of[builder->profile->stacks[stack].frame] : 0;
}

static void add_entries(struct builder *builder)
{
    struct cost_graph *graph = builder->graph;
    const struct entries *entries = &builder->profile->entries;
    const size_t width = graph->metrics.count;

    graph->self = memory_alloc(graph->spot_count * width * sizeof(*graph->self));
    builder->total = memory_alloc(builder->profile->stack_count * width * sizeof(*builder->total));
    for (size_t i = 0; i < entries->count; i++) {
        const uint32_t stack = entries->places[i].stack;
        int64_t values[METRIC_COUNT];
        for (size_t m = 0; m < width; m++)
            values[m] = entries_value(entries, i, graph->metrics.items[m]);
        add_values(&graph->self[spot_of_stack(builder, stack) * width], values, width);
        add_values(&builder->total[stack * width], values, width);
        add_values(graph->total, values, width);
    }
}

/* Callers have smaller numbers than their callees. */
static void add_totals(struct builder *builder)
{
    const struct profile *profile = builder->profile;
    const size_t width = builder->graph->metrics.count;

    builder->first = memory_alloc(profile->stack_count * sizeof(*builder->first));
    builder->next = memory_alloc(profile->stack_count * sizeof(*builder->next));
    memset(builder->first, 0xff, profile->stack_count * sizeof(*builder->first));
    for (size_t i = profile->stack_count; i-- > STACK_NONE + 1;) {
        const uint32_t parent = profile->stacks[i].parent;
        add_values(&builder->total[parent * width], &builder->total[i * width], width);
        builder->next[i] = builder->first[parent];
        builder->first[parent] = (uint32_t)i;
    }
}

static uint32_t function_of_stack(const struct builder *builder, uint32_t stack)
{
    return builder->graph->spots[spot_of_stack(builder, stack)].function;
}

static bool has_any(const int64_t *values, size_t count)
{
    size_t i = 0;

    while (i < count && values[i] == 0)
        i++;
    return i < count;
}

/* Which metric tells how many stacks were taken; METRIC_SAMPLES is always there. */
static size_t samples_column(const struct export_metrics *metrics)
{
    size_t i = 0;

    while (i + 1 < metrics->count && metrics->items[i] != METRIC_SAMPLES)
        i++;
    return i;
}

static void enter(struct builder *builder, uint32_t stack)
{
    struct cost_graph *graph = builder->graph;
    const size_t width = graph->metrics.count;
    const int64_t *values = &builder->total[stack * width];
    const uint32_t callee = function_of_stack(builder, stack);

    const bool is_outermost = builder->active[callee]++ == 0;

    if (!has_any(values, width))
        return;
    const uint32_t caller = spot_of_stack(builder, builder->profile->stacks[stack].parent);
    const uint32_t call = add_call(builder, caller, callee);
    graph->calls[call].seen += (uint64_t)values[samples_column(&graph->metrics)];
    if (is_outermost)
        add_values(&graph->called[call * width], values, width);
}

/* Down to callees first, then on to the next, without recursion: stacks may be deep. */
static void walk(struct builder *builder)
{
    const struct stack_node *stacks = builder->profile->stacks;
    uint32_t at = builder->first[STACK_NONE];

    builder->active = memory_alloc(builder->graph->function_count * sizeof(*builder->active));
    while (at != NO_STACK && at != STACK_NONE) {
        enter(builder, at);
        if (builder->first[at] != NO_STACK) {
            at = builder->first[at];
            continue;
        }
        for (;;) {
            builder->active[function_of_stack(builder, at)]--;
            if (builder->next[at] != NO_STACK) {
                at = builder->next[at];
                break;
            }
            at = stacks[at].parent;
            if (at == STACK_NONE)
                break;
        }
    }
}

void cost_graph_init(struct cost_graph *graph, const struct profile *profile)
{
    struct builder builder = {.graph = graph,
                              .profile = profile,
                              .functions = key_table_new(sizeof(struct function_key)),
                              .spots = key_table_new(sizeof(struct spot_key)),
                              .calls = key_table_new(sizeof(struct call_key))};

    *graph = (struct cost_graph){.metrics = export_metrics_of(profile, false)};
    place_frames(&builder);
    add_entries(&builder);
    add_totals(&builder);
    walk(&builder);
    key_table_free(builder.functions);
    key_table_free(builder.spots);
    key_table_free(builder.calls);
    free(builder.spot_of);
    free(builder.total);
    free(builder.first);
    free(builder.next);
    free(builder.active);
}

void cost_graph_release(struct cost_graph *graph)
{
    free(graph->functions);
    free(graph->spots);
    free(graph->calls);
    free(graph->self);
    free(graph->called);
}
