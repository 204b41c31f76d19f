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

/* These after `first` (NULL: alone), to be freed. */
char *debug_file_dirs(const char *first);

/* The next of the directories in *dirs, which it goes past; its length in *length. NULL after the
 * last. */
const char *debug_file_next_dir(const char **dirs, int *length);

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

/*
 * Opens the supplementary file that `image`, opened from `path`, refers to (dwz:
 * .gnu_debugaltlink or, since DWARF 5, .debug_sup): by the build-id given there, else where
 * its name points to, else below one of `dirs`. 0, or PROBLEM_NOTHING; `name` is then NULL when
 * `image` refers to none, else what it is called there, the image's.
 */
int debug_file_init_supplement(struct elf_image *supplement, struct looked_paths *looked,
                               const char *dirs, const struct elf_image *image, const char *path,
                               const char **name);

#endif
