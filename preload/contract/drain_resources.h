/*
 * The drain's part of resources: what collectors logged (resources/resource_log.h) goes with
 * passes that there are anyway.
 *
 * As drain.h; for its parts, and who decides when a pass is due.
 */
#ifndef PROFINJECT_DRAIN_RESOURCES_H
#define PROFINJECT_DRAIN_RESOURCES_H

#include "preload/contract/drain.h"

/* True when there are resources that have waited for long, and are worth a pass of their own. */
bool drain_resources_wait(const struct drain *drain);

/* The machine that this trace follows, as properties, once: see resources/machine_facts.h. */
void drain_tell_machine(struct drain *drain, const char *root);

/* Puts what there is into the chunk, where it is worth it; or counts it as lost. */
void drain_put_resources(struct drain *drain);

/* The chunk is in the trace. */
void drain_resources_written(struct drain *drain);

#endif
