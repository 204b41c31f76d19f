/*
 * Separate debug information: where distributions put it, and whether the file
 * found there really belongs to the module. Every path tried is noted in `looked`, NULL
 * where nobody wants to know.
 */
#ifndef PROFINJECT_SYMBOLS_DEBUG_FILE_H
#define PROFINJECT_SYMBOLS_DEBUG_FILE_H

#include "analyzer/symbols/elf_image.h"
#include "analyzer/symbols/looked_paths.h"

/* Directories, ":" between them. */
#define DEBUG_FILE_DIRS "/usr/lib/debug"

/*
 * Opens DIR/.build-id/xx/yyyy.debug of the first of `dirs` where there is one that has this build-id. 0, or
 * PROBLEM_NOTHING; then nothing is held.
 */
int debug_file_init_by_id(struct elf_image *debug, struct looked_paths *looked, const char *dirs,
                          const uint8_t *build_id, size_t build_id_size);

/*
 * Opens the file named by the .gnu_debuglink of `image`, mapped from `path`: next
 * to it, in .debug/ beside it, or below one of `dirs`. It must have the image's build-id
 * or, where that has none, the checksum of the link. 0 or PROBLEM_NOTHING.
 */
int debug_file_init_by_link(struct elf_image *debug, struct looked_paths *looked, const char *dirs,
                            const struct elf_image *image, const char *path);

#endif
