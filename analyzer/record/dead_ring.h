/*
 * The ring file of a process that was killed: what it still holds is put behind what the
 * trace has, as the process's own servant would have done a moment later.
 */
#ifndef PROFINJECT_RECORD_DEAD_RING_H
#define PROFINJECT_RECORD_DEAD_RING_H

#include "preload/contract/recording.h"

#include <stdbool.h>

/*
 * Drains the ring at `path`, whose process is gone, into its trace in `recording`. The
 * ring stays as it is: called twice it would write twice. False when nothing was
 * written: nothing is left in it, it is not a ring of that recording, or the trace, which
 * has to tell the modules, ended or was never begun.
 */
bool dead_ring_drain(const char *path, const struct recording *recording);

#endif
