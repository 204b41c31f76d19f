/*
 * What resources there are. A table, no state: for any thread, also of signal handlers.
 */
#ifndef PROFINJECT_RESOURCES_CATALOGUE_H
#define PROFINJECT_RESOURCES_CATALOGUE_H

#include "preload/contract/trace_values.h"

enum resource {
#define RESOURCE(id, ...) RESOURCE_##id,
#include "preload/resources/catalogue.def"
#undef RESOURCE
    RESOURCE_COUNT
};

struct resource_info {
    const char *name; /* "cpu.busy" */
    enum trace_resource type;
    enum trace_scope scope;
    unsigned digits; /* see catalogue.def */
    const char *unit, *meaning;
};

const struct resource_info *resource_info(enum resource resource);

/* By its name; RESOURCE_COUNT when there is none, as of a trace of a later version. */
enum resource resource_by_name(const char *name);

#endif
