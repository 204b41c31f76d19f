/*
 * The stacks of a profile as a graph of functions: what each spent in each of its lines, and
 * behind each of its calls. What callgrind's files hold.
 *
 * A call's cost is that of the stacks in which it is, except those in which the function called
 * was there already, farther out: so the costs of all calls of a function add up to its total,
 * whatever recurs. Outermost functions are called by number GRAPH_ROOT.
 *
 * Owns its memory; read only once made. The profile must outlive it.
 */
#ifndef PROFINJECT_REPORTS_COST_GRAPH_H
#define PROFINJECT_REPORTS_COST_GRAPH_H

#include "analyzer/model/profile.h"
#include "analyzer/reports/export_metrics.h"

#define GRAPH_ROOT 0u

/* Equal names in one file are one function wherever its lines are. Interned, or NULL. */
struct graph_function {
    const char *name, *file, *module;
    uint32_t line; /* where it starts, 0 unknown */
};

/* A line of a function; `file` is where it is, not always the function's. */
struct graph_spot {
    const char *file;
    uint32_t function, line;
};

struct graph_call {
    uint32_t spot, callee; /* from where, and the function called */
    uint64_t seen;         /* in so many stacks taken, once in each place */
};

struct cost_graph {
    struct export_metrics metrics; /* none is signed */
    struct graph_function *functions;
    size_t function_count, function_capacity;
    struct graph_spot *spots;
    size_t spot_count, spot_capacity;
    struct graph_call *calls;
    size_t call_count, call_capacity;
    int64_t *self, *called; /* metrics.count values of each spot; of each call */
    size_t self_room, called_room;
    int64_t total[METRIC_COUNT]; /* in the order of `metrics` */
};

void cost_graph_init(struct cost_graph *graph, const struct profile *profile);
void cost_graph_release(struct cost_graph *graph);

#endif
