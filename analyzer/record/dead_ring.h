/*
 * The ring file of a process that was killed: what it still holds is put behind what the
 * trace has, as the process's own servant would have done a moment later.
 */
#ifndef PROFINJECT_RECORD_DEAD_RING_H
#define PROFINJECT_RECORD_DEAD_RING_H

#include "analyzer/trace/trace_reader.h"
#include "preload/contract/module_map.h"
#include "preload/contract/recording.h"

#include <limits.h>

/*
 * Drains the ring at `path`, whose process is gone, into its trace in `recording`, which is
 * made where there is none. The ring stays as it is: called twice it would write twice. 1; 0
 * when there is nothing to write: it is not a ring of that recording, or the trace ended;
 * -errno when it cannot be written now.
 */
int dead_ring_drain(const char *path, const struct recording *recording);

/*
 * The whole trace as it would be then, in memory, where the recording may not be written: a
 * descriptor, the caller's, to read it from by /proc/self/fd. `trace` gets its name. -ENOENT
 * where dead_ring_drain() has nothing to write; another -errno.
 */
int dead_ring_read(const char *path, const struct recording *recording, char trace[PATH_MAX]);

/* The recording the ring at `path` is of, 0; -ENOENT when that is gone, or the process was killed
 * while it made the ring; -EPERM when the ring
 * is of a process of another namespace, which may live; another -errno when it cannot be
 * told, -EPROTO of other versions of the ring. */
int dead_ring_recording(const char *path, struct recording *recording);

/* Adds a module to those of a drain, as the trace, or what a process left for it, tells of it;
 * not one that does not come next, or for which there is no room. */
void dead_ring_module(struct module_map *map, const struct trace_module *found);

#endif
