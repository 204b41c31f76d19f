/*
 * Series of resources of all traces, as the profile has them: counters as rates, in the part of the
 * time that was asked for, by the profile's processes and threads.
 *
 * What several traces of one recording tell of the machine is one series: another process went on
 * where one ended; in between nothing is known. Machines of several recordings stay apart, even if
 * they are one: series->recording tells them.
 */
#ifndef PROFINJECT_LOAD_MERGE_RESOURCES_H
#define PROFINJECT_LOAD_MERGE_RESOURCES_H

#include "analyzer/load/process_images.h"
#include "analyzer/load/time_window.h"

/* Once the images' processes and threads are the profile's, in this order and nothing else. */
void merge_resources(struct profile *profile, const struct process_image *images, size_t count,
                     const struct time_window *window);

#endif
