/*
 * The part of the visitor that reads series of resources. Same threading as trace_loader.h.
 */
#ifndef PROFINJECT_LOAD_RESOURCE_VISITOR_H
#define PROFINJECT_LOAD_RESOURCE_VISITOR_H

#include "analyzer/load/loader.h"

void resource_visitor_join(struct trace_visitor *visitor);

#endif
