/*
 * What a section of an ELF file holds, decompressed: as the ELF specification says
 * (SHF_COMPRESSED: zlib, or zstd, which libelf knows since 0.189 only), and as binutils
 * did before (".zdebug_*").
 */
#ifndef PROFINJECT_SYMBOLS_SECTION_CONTENTS_H
#define PROFINJECT_SYMBOLS_SECTION_CONTENTS_H

#include <gelf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct section_contents {
    const uint8_t *bytes; /* NULL when there are none or they cannot be read */
    size_t size;
    uint8_t *owned; /* what is to be freed: contents that were compressed */
};

/* Size after decompression, without doing it. 0 where that is not told or is not to be believed. */
size_t section_contents_size(Elf_Scn *section);

/* ELFCOMPRESS_* if the contents of this section of `elf` are compressed in a way that is not known here, else 0. */
uint32_t section_contents_unknown(Elf *elf, Elf_Scn *section);

/* False when they cannot be read. Contents that are not compressed are the Elf's. */
bool section_contents_init(struct section_contents *contents, Elf_Scn *section);
void section_contents_release(struct section_contents *contents);

#endif
