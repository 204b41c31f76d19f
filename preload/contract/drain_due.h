/*
 * When what waits in a ring is worth a pass of its drain. By whoever drains; not for signal
 * handlers.
 */
#ifndef PROFINJECT_DRAIN_DUE_H
#define PROFINJECT_DRAIN_DUE_H

#include "preload/contract/drain.h"

#define DRAIN_WRITE_FILL 40u /* a ring this full is written, in percent */

/* Largest share of any live slot's ring that waits to be drained, in percent, rounded up:
 * 0 when nothing waits. */
unsigned drain_fill(const struct drain *drain);

/* True when threads ended whose slots wait to be free again, or looks have waited long. */
bool drain_waits(const struct drain *drain);

/* True when there is, or was, anything but memory counts in `ring`, which `drain` drains, or
 * will once it is initialised. */
bool drain_has_samples(const struct drain *drain, struct ring_file *ring);

/*
 * True when what waits is worth a pass: `begun_ns` ago the drain began, `last_ns` ago was its
 * last pass, which had seen so many threads `ended`.
 */
bool drain_is_due(const struct drain *drain, uint64_t begun_ns, uint64_t last_ns, uint32_t ended);

#endif
