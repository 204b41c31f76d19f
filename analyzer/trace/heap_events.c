/*
 * The rare part of reading exact heap events. Its own file because the rest is inlined.
 */
#include "analyzer/trace/heap_events.h"

#include "analyzer/trace/wire.h"

uint64_t heap_events_long_varint(struct heap_event_cursor *cursor)
{
    struct wire_cursor wire = {cursor->at, cursor->end, false};
    uint64_t value = cursor->at < cursor->end ? wire_varint(&wire) : 0;

    if (cursor->at >= cursor->end || wire.failed) {
        cursor->failed = true;
        cursor->at = cursor->end; /* whatever is read besides is inside the padding */
        return 0;
    }
    cursor->at = wire.at;
    return value;
}
