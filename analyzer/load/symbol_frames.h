/*
 * From code places to frames of the profile: asks the symbolizer once for each
 * image and names what has no symbol.
 */
#ifndef PROFINJECT_LOAD_SYMBOL_FRAMES_H
#define PROFINJECT_LOAD_SYMBOL_FRAMES_H

#include "analyzer/load/code_places.h"
#include "analyzer/load/load.h"
#include "analyzer/load/sources.h"

/* The frames of all places: place p has numbers[first_frame .. + frame_count),
 * frames of the profile, innermost first. Places in the profiler's own library
 * have none. */
struct symbol_frames {
    uint32_t *numbers;
    size_t count, capacity;
    bool shorten; /* names lose their template arguments */
};

/* Adds the frames of every place, met in traces of `sources`, to the profile and notes in the places which
 * they are. Says in profile->messages where symbols that matter are missing. */
void symbol_frames_init(struct symbol_frames *frames, struct code_places *code,
                        const struct sources *sources, const struct load_options *options,
                        struct profile *profile);
void symbol_frames_release(struct symbol_frames *frames);

#endif
