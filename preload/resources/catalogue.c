/* The table as code. Its own file because collector, reader and heater all ask. */
#include "preload/resources/catalogue.h"

#include <string.h>

static const struct resource_info catalogue[RESOURCE_COUNT] = {
#define RESOURCE(id, name, type, scope, digits, unit, meaning) \
    [RESOURCE_##id] = {name, TRACE_RESOURCE_##type, TRACE_SCOPE_##scope, digits, unit, meaning},
#include "preload/resources/catalogue.def"
#undef RESOURCE
};

const struct resource_info *resource_info(enum resource resource)
{
    return &catalogue[resource];
}

enum resource resource_by_name(const char *name)
{
    unsigned i = 0;
    while (i < RESOURCE_COUNT && strcmp(catalogue[i].name, name) != 0)
        i++;
    return i;
}
