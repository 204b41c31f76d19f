/*
 * What went wrong without anybody failing: told once, when a trace ends, in the
 * recording's messages. Not for signal handlers.
 */
#ifndef PROFINJECT_COMPLAINTS_H
#define PROFINJECT_COMPLAINTS_H

#include "preload/contract/recording.h"
#include "preload/contract/ring_format.h"

/* Threads that were not sampled; regions and counters there was no room for. */
void complaints_tell(const struct recording *recording, const struct ring_file *ring);

#endif
