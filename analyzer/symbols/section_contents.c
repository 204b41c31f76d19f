/*
 * section_contents.h over zlib and zstd.
 */
#include "analyzer/symbols/section_contents.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

/* Younger than the C library of Debian 12 (ELF specification, 2022). */
#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* A header may claim any size: neither format does better than this on what is not all zeros. */
#define RATIO_MAX 1100

#define GNU_MAGIC "ZLIB" /* then the size in 8 bytes, the highest first */
#define GNU_HEADER_SIZE 12

/* The stored form. */
struct packed {
    const uint8_t *bytes;
    size_t size;
    size_t unpacked; /* size that is claimed; 0 when it is not believable */
    uint32_t type;   /* ELFCOMPRESS_*; 0: as it is */
};

static size_t believable(uint64_t claimed, size_t stored)
{
    return claimed / RATIO_MAX <= stored ? (size_t)claimed : 0;
}

/* Only 64-bit files are read here. */
static bool read_elf_header(struct packed *packed, Elf_Scn *section)
{
    size_t header = sizeof(Elf64_Chdr);
    GElf_Chdr told;

    if (gelf_getchdr(section, &told) == NULL || packed->size < header)
        return false;
    packed->type = (uint32_t)told.ch_type;
    packed->bytes += header;
    packed->size -= header;
    packed->unpacked = believable(told.ch_size, packed->size);
    return true;
}

static void read_gnu_header(struct packed *packed)
{
    uint64_t claimed = 0;

    if (packed->size < GNU_HEADER_SIZE || memcmp(packed->bytes, GNU_MAGIC, 4) != 0)
        return;
    for (size_t i = 4; i < GNU_HEADER_SIZE; i++)
        claimed = claimed << 8 | packed->bytes[i];
    packed->type = ELFCOMPRESS_ZLIB;
    packed->bytes += GNU_HEADER_SIZE;
    packed->size -= GNU_HEADER_SIZE;
    packed->unpacked = believable(claimed, packed->size);
}

static bool look(struct packed *packed, Elf_Scn *section)
{
    Elf_Data *data = elf_rawdata(section, NULL);
    GElf_Shdr header;

    if (data == NULL || gelf_getshdr(section, &header) == NULL ||
        (data->d_buf == NULL && data->d_size > 0))
        return false;
    *packed = (struct packed){data->d_buf, data->d_size, data->d_size, 0};
    if (header.sh_flags & SHF_COMPRESSED)
        return read_elf_header(packed, section);
    read_gnu_header(packed);
    return true;
}

static bool unpack(const struct packed *packed, uint8_t *out)
{
    uLongf size = packed->unpacked;

    switch (packed->type) {
    case ELFCOMPRESS_ZLIB:
        return uncompress(out, &size, packed->bytes, packed->size) == Z_OK &&
               size == packed->unpacked;
    case ELFCOMPRESS_ZSTD:
        return ZSTD_decompress(out, packed->unpacked, packed->bytes, packed->size) ==
               packed->unpacked;
    default:
        return false;
    }
}

size_t section_contents_size(Elf_Scn *section)
{
    struct packed packed;

    return look(&packed, section) ? packed.unpacked : 0;
}

/* Only the head is read: whoever asks is not going to read hundreds of megabytes himself. */
uint32_t section_contents_unknown(Elf *elf, Elf_Scn *section)
{
    GElf_Shdr header;
    Elf_Data *head;
    uint32_t type;

    if (gelf_getshdr(section, &header) == NULL || !(header.sh_flags & SHF_COMPRESSED))
        return 0;
    head = elf_getdata_rawchunk(elf, (int64_t)header.sh_offset, sizeof(Elf64_Chdr), ELF_T_BYTE);
    if (head == NULL || head->d_size < sizeof(Elf64_Chdr))
        return 0;
    memcpy(&type, (const char *)head->d_buf + offsetof(Elf64_Chdr, ch_type), sizeof(type));
    return type == ELFCOMPRESS_ZLIB || type == ELFCOMPRESS_ZSTD ? 0 : type;
}

bool section_contents_init(struct section_contents *contents, Elf_Scn *section)
{
    struct packed packed;

    memset(contents, 0, sizeof(*contents));
    if (!look(&packed, section))
        return false;
    if (packed.type == 0) {
        contents->bytes = packed.bytes;
        contents->size = packed.size;
        return contents->bytes != NULL;
    }
    if (packed.unpacked == 0)
        return false;
    contents->owned = memory_alloc(packed.unpacked);
    if (!unpack(&packed, contents->owned)) {
        section_contents_release(contents);
        return false;
    }
    contents->bytes = contents->owned;
    contents->size = packed.unpacked;
    return true;
}

void section_contents_release(struct section_contents *contents)
{
    free(contents->owned);
    memset(contents, 0, sizeof(*contents));
}
