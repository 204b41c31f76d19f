/*
 * The program images of one process: a process that calls exec writes one trace
 * per image, and only side by side do they tell which came first and how the
 * process ended.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_PROCESS_IMAGES_H
#define PROFINJECT_LOAD_PROCESS_IMAGES_H

#include "analyzer/load/sources.h"
#include "analyzer/load/trace_loader.h"

/* A trace that was read, and where it came from. */
struct process_image {
    struct loaded_trace trace;
    const struct source *source;
};

/*
 * Sorts `images` by start; fills in process.image (an image whose predecessor
 * ended by exec follows it, any other is the first), and the end that a manifest
 * tells: it is that of the last image of the command, when this did not say
 * itself that it exited.
 */
void process_images_connect(struct process_image *images, size_t count);

#endif
