/*
 * Every distinct place in code that a load meets, once: an address in a file
 * image, whatever process, epoch or mapping it was seen in. Places are what is
 * asked for symbols.
 *
 * Owns its arrays; paths are interned in the table given. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_CODE_PLACES_H
#define PROFINJECT_LOAD_CODE_PLACES_H

#include "analyzer/util/strings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_IMAGE_UNKNOWN 0u /* no module is known there: addresses are the process's */

#define CODE_PATH_JIT "[jit]" /* stands for a path where a runtime made code and named it */

struct jit_code;

/* A file as it was mapped: other build-id, other image. */
struct code_image {
    const char *path; /* NULL for CODE_IMAGE_UNKNOWN */
    uint8_t *build_id;
    size_t build_id_size;
    const char *build_id_text;  /* in hex; NULL: none */
    bool own;                   /* the profiler's library: its frames are not the program's */
    bool memory;                /* no file: what is mapped by such a name was made at run time */
    const struct jit_code *jit; /* of one process, CODE_PATH_JIT alone: addresses are its own */
    unsigned
        archive; /* of a file without a build-id: the archive it is known by; 0: this machine */
    uint64_t mapped_ns; /* of such a file: when it was first, CLOCK_REALTIME; 0: not known */
};

struct code_place {
    uint32_t image;
    bool anonymous;                    /* of CODE_IMAGE_UNKNOWN: made at run time, and not named */
    uint32_t owner;                    /* of made code: the entry in image.jit, plus 1 */
    uint32_t first_frame, frame_count; /* for whoever resolves symbols */
    uint64_t address;                  /* ELF virtual address to look up */
    uint64_t self_samples;             /* samples whose leaf it is */
    uint64_t trouble_samples;          /* samples with no exact way on from here */
};

struct code_places {
    struct strings *strings;
    unsigned archive; /* that the traces come from which are being read; 0: none */
    struct code_image *images;
    size_t image_count, image_capacity;
    struct code_place *places;
    size_t place_count, place_capacity;
    struct key_table *image_index, *place_index;
};

void code_places_init(struct code_places *code, struct strings *strings);
void code_places_release(struct code_places *code);

/* Find or add; return the number. */
uint32_t code_places_image(struct code_places *code, const char *path, const uint8_t *build_id,
                           size_t build_id_size);

/* Notes when an image was mapped (CLOCK_REALTIME; 0: not known). */
void code_places_mapped(struct code_places *code, uint32_t image, uint64_t time_ns);

/* True where the file at the image's path is not sure to be the recorded one: it has changed since
 * and has no build-id. */
bool code_image_is_doubtful(const struct code_image *image);

uint32_t code_places_add(struct code_places *code, uint32_t image, uint64_t address);

/* The image of what a process's runtime made, each time a new one; `jit` must outlive `code`. */
uint32_t code_places_jit(struct code_places *code, const struct jit_code *jit);

/* As code_places_add(), in such an image: `entry` has the address at the time that is meant. */
uint32_t code_places_add_made(struct code_places *code, uint32_t image, uint64_t address,
                              uint32_t entry);

#endif
