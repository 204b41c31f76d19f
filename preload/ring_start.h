/*
 * What a trace begins with, left in the ring (ring_format.h, START) before there is a trace:
 * of a process that is killed within its first moments it can be made from that.
 *
 * By the servant, or by who makes it; 8 KiB of stack. Not for signal handlers.
 */
#ifndef PROFINJECT_RING_START_H
#define PROFINJECT_RING_START_H

#include "preload/contract/drain.h"

/* Looks at the modules and leaves them, and the properties, in the ring of `drain`, which is
 * initialised and has had no pass. Nothing when they are there, do not fit, or there is no
 * memory: then the first chunk has to be waited for. */
void ring_start_leave(struct drain *drain);

#endif
