/*
 * One ELF file as symbolisation sees it: identity, sections, where its code
 * begins. Everything else about symbols is built on this; only what
 * reads its sections and symbols talks to libelf.
 *
 * Sections are read, never mapped: a file that is cut short meanwhile gives an
 * error, not SIGBUS. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_ELF_IMAGE_H
#define PROFINJECT_SYMBOLS_ELF_IMAGE_H

#include "analyzer/util/problem.h"

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ELF_BUILD_ID_MAX 64

struct elf_image {
    int fd; /* -1: an image in memory */
    Elf *elf;
    uint8_t build_id[ELF_BUILD_ID_MAX];
    size_t build_id_size; /* 0: none */
    uint64_t code_start;  /* lowest address of any executable section */
    bool has_symtab;
    bool has_dwarf;               /* .debug_info with contents */
    uint32_t unknown_compression; /* ELFCOMPRESS_* of a .debug_info that cannot be read; else 0 */
};

/*
 * Opens the regular file `path`. On failure nothing is held, and `problem` says
 * why: PROBLEM_SYSTEM when it cannot be opened, PROBLEM_DATA when it is not ELF.
 */
int elf_image_init(struct elf_image *image, const char *path, struct problem *problem);

/* The vdso of this process, for the path "[vdso]". PROBLEM_NOTHING without one. */
int elf_image_init_vdso(struct elf_image *image, struct problem *problem);

/* As elf_image_init() for a file's `size` bytes, which must outlive it; `name` is for `problem`. */
int elf_image_init_memory(struct elf_image *image, uint8_t *bytes, size_t size, const char *name,
                          struct problem *problem);

/* Harmless on an image whose init failed. */
void elf_image_release(struct elf_image *image);

/* True when the image's build-id is exactly these bytes. */
bool elf_image_has_build_id(const struct elf_image *image, const uint8_t *id, size_t size);

/* Finds a section with contents by name. NULL when there is none. */
Elf_Scn *elf_image_section(const struct elf_image *image, const char *name, GElf_Shdr *header);

/* A section's bytes as they are stored, owned by the image. NULL when there is none. */
const uint8_t *elf_image_bytes(const struct elf_image *image, const char *name, size_t *size);

/*
 * The separate debug file named in .gnu_debuglink and its CRC32. NULL when there
 * is none; the name is owned by the image and contains no '/'.
 */
const char *elf_image_debuglink(const struct elf_image *image, uint32_t *crc);

#endif
