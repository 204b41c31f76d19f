/*
 * Where functions start and end by a module's unwind information, which even
 * stripped files have: the search table of .eh_frame_hdr leads to the entry of
 * .eh_frame (FDE) that covers an address. An entry stands for one function, or
 * for one part of it where the compiler moved unlikely code elsewhere.
 *
 * Reads ELF64 little-endian with the table that GNU and LLVM linkers write
 * (encoding 0x3b); of any other file nothing is known. Files are not trusted: every
 * read is checked. No state beyond the two sections; not thread-safe, as the image.
 */
#ifndef PROFINJECT_SYMBOLS_FUNCTION_BOUNDS_H
#define PROFINJECT_SYMBOLS_FUNCTION_BOUNDS_H

#include "analyzer/symbols/dwarf_die.h"
#include "analyzer/symbols/elf_image.h"

/* A section's contents; owned by the image. */
struct section_bytes {
    const uint8_t *bytes; /* NULL: there is none */
    size_t size;
    uint64_t address; /* of the first byte */
};

struct function_bounds {
    struct section_bytes header; /* .eh_frame_hdr */
    struct section_bytes frames; /* .eh_frame */
};

/* `image` must outlive it. Nothing to release. */
void function_bounds_init(struct function_bounds *bounds, const struct elf_image *image);

/* True, and the code range of the entry, when one covers `address`. */
bool function_bounds_find(const struct function_bounds *bounds, uint64_t address,
                          struct address_range *range);

#endif
