/*
 * Beginnings of traces. Its own file because it reads one chunk and keeps nothing, where
 * trace_loader.c reads all.
 */
#include "analyzer/load/trace_start.h"

#include "analyzer/load/process_facts.h"
#include "analyzer/trace/trace_reader.h"

static void on_property(void *context, const char *name, const char *value, size_t value_size)
{
    process_facts_set(context, name, value, value_size);
}

uint64_t trace_start(const char *path)
{
    struct strings *strings = strings_new();
    struct process_facts facts;
    struct trace_visitor visitor = {
        .context = &facts, .property = on_property, .first_chunk_only = true};
    struct trace_summary summary;
    struct problem problem;

    process_facts_init(&facts, strings);
    int status = trace_read(path, &visitor, &summary, &problem);
    uint64_t start_ns = process_facts_start(&facts);
    process_facts_release(&facts);
    strings_free(strings);
    if (status != 0)
        return UINT64_MAX;
    return start_ns != 0 ? start_ns : summary.time_first;
}
