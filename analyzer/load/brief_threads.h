/*
 * Threads shorter than a tick. Those that one met are charged with a whole one each, as in
 * proportion to their length they stand for the others (preload/contract/thread_time.h). How
 * many were met is chance, though, and more than chance where ticks make threads begin and
 * wait, as on a machine with much to do: then they would be charged with more than was used.
 * What they used together is known, by their own clocks.
 *
 * Stateless; works on traces that are read to the end.
 */
#ifndef PROFINJECT_LOAD_BRIEF_THREADS_H
#define PROFINJECT_LOAD_BRIEF_THREADS_H

#include "analyzer/load/process_images.h"

#include <stddef.h>

/*
 * Scales what such threads are charged with beyond their samples, so that over all processes,
 * brief children without a trace included, it adds up to what was used. Not beyond what chance explains, 4 standard deviations: of a
 * thousand threads, one that was met tells little of the others, and what is missing is told as
 * missing.
 */
void brief_threads_fit(struct process_image *images, size_t count);

#endif
