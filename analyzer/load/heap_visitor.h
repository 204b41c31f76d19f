/*
 * The visitor's part for records about memory: heap, mappings, looks. Part of the trace loader.
 */
#ifndef PROFINJECT_LOAD_HEAP_VISITOR_H
#define PROFINJECT_LOAD_HEAP_VISITOR_H

#include "analyzer/trace/trace_reader.h"

/* Its context is a struct loader. */
void heap_visitor_join(struct trace_visitor *visitor);

#endif
