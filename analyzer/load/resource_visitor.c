/* Records about resources, handed on. Its own file because they name nothing of an epoch. */
#include "analyzer/load/resource_visitor.h"

static struct loaded_resources *resources_of(void *context)
{
    return &((struct loader *)context)->trace->resources;
}

static void on_resource(void *context, const struct trace_series *series)
{
    struct loader *loader = context;
    loaded_resources_define(&loader->trace->resources, loader->code->strings, series);
}

static void on_resource_point(void *context, const struct trace_series_point *point)
{
    loaded_resources_add(resources_of(context), point);
    loader_see_time(context, point->time_ns);
}

static void on_resource_until(void *context, uint64_t until_ns)
{
    loaded_resources_until(resources_of(context), until_ns);
}

static void on_chunk(void *context, const struct trace_chunk_header *header, const uint8_t *frame,
                     const uint8_t *payload, bool lost)
{
    (void)frame;
    (void)payload;
    if (lost || (header->flags & TRACE_CHUNK_GAP) != 0)
        loaded_resources_lost(resources_of(context));
}

void resource_visitor_join(struct trace_visitor *visitor)
{
    visitor->chunk = on_chunk;
    visitor->resource = on_resource;
    visitor->resource_point = on_resource_point;
    visitor->resource_until = on_resource_until;
}
