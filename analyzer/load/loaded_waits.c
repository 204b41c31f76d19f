/*
 * Objects of waits. Its own file because they keep their ids for the whole trace.
 */
#include "analyzer/load/loaded_waits.h"

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
