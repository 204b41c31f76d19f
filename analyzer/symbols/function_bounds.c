/*
 * function_bounds.h. The formats are those of the Linux Standard Base, "Exception
 * Frames"; pointer encodings (DW_EH_PE_*) are from there too. Its own file because
 * libdwarf, which reads the same sections, may crash on damaged ones.
 */
#include "analyzer/symbols/function_bounds.h"

#include <string.h>

#define HEADER_SIZE 12 /* version, three encodings, .eh_frame's address, count */
#define HEADER_VERSION 1
#define TABLE_ENCODING 0x3b /* signed 4 bytes, relative to the header */
#define COUNT_ENCODING 0x03 /* unsigned 4 bytes */

/* A row of the search table, relative to the header's address. */
struct table_row {
    int32_t code, entry;
};

/* Low four bits of an encoding: how a pointer is stored; then what it is relative to. */
enum {
    FORM_ABSOLUTE = 0x00,
    FORM_UNSIGNED_2 = 0x02,
    FORM_UNSIGNED_4 = 0x03,
    FORM_UNSIGNED_8 = 0x04,
    FORM_SIGNED_2 = 0x0a,
    FORM_SIGNED_4 = 0x0b,
    FORM_SIGNED_8 = 0x0c,
    FORM_MASK = 0x0f,
    RELATIVE_TO_ITSELF = 0x10,
    RELATIVE_MASK = 0xf0,
};

/* A place in a section. Reading beyond its end sets `failed`. */
struct cursor {
    const struct section_bytes *section;
    size_t at, end;
    bool failed;
};

/* Passes over `size` bytes and returns them, or NULL. */
static const uint8_t *take(struct cursor *cursor, size_t size)
{
    const uint8_t *bytes = cursor->section->bytes + cursor->at;

    if (cursor->failed || cursor->end - cursor->at < size) {
        cursor->failed = true;
        return NULL;
    }
    cursor->at += size;
    return bytes;
}

/* A little-endian number of up to 8 bytes; 0 beyond the end. */
static uint64_t read_unsigned(struct cursor *cursor, size_t size)
{
    uint64_t value = 0;
    const uint8_t *bytes = take(cursor, size);

    if (bytes != NULL)
        memcpy(&value, bytes, size);
    return value;
}

/* Signed and unsigned LEB128 are passed over alike. */
static void skip_leb(struct cursor *cursor)
{
    while (read_unsigned(cursor, 1) & 0x80)
        continue;
}

/* Bytes of a pointer in this form, 0 when it is not one of fixed size. */
static size_t form_size(uint8_t encoding)
{
    switch (encoding & FORM_MASK) {
    case FORM_UNSIGNED_2:
    case FORM_SIGNED_2:
        return 2;
    case FORM_UNSIGNED_4:
    case FORM_SIGNED_4:
        return 4;
    case FORM_ABSOLUTE:
    case FORM_UNSIGNED_8:
    case FORM_SIGNED_8:
        return 8;
    default:
        return 0;
    }
}

static uint64_t read_pointer(struct cursor *cursor, uint8_t encoding)
{
    uint64_t place = cursor->section->address + cursor->at;
    size_t size = form_size(encoding);
    uint64_t value = read_unsigned(cursor, size);
    uint8_t relative = encoding & RELATIVE_MASK;

    if (size == 0 || (relative != 0 && relative != RELATIVE_TO_ITSELF))
        cursor->failed = true;
    if ((encoding & FORM_MASK) == FORM_SIGNED_2)
        value = (uint64_t)(int16_t)value;
    if ((encoding & FORM_MASK) == FORM_SIGNED_4)
        value = (uint64_t)(int32_t)value;
    return relative == RELATIVE_TO_ITSELF ? value + place : value;
}

/* The inside of the record (CIE or FDE) at an offset of .eh_frame. */
static struct cursor record_at(const struct section_bytes *frames, uint64_t offset)
{
    struct cursor cursor = {.section = frames, .end = frames->size, .at = frames->size};

    if (offset < frames->size)
        cursor.at = (size_t)offset;
    /* 0 ends the section; records over 4 GiB (0xffffffff) are longer than it. */
    uint64_t length = read_unsigned(&cursor, 4);
    if (length == 0 || length > cursor.end - cursor.at)
        cursor.failed = true;
    else
        cursor.end = cursor.at + (size_t)length;
    return cursor;
}

/* What the letters of an augmentation stand for, up to 'R', the encoding. */
static bool read_augmentation(struct cursor *cie, const char *letters, uint8_t *encoding)
{
    for (; *letters != '\0'; letters++) {
        uint8_t value = 0;
        if (strchr("RPL", *letters) != NULL)
            value = (uint8_t)read_unsigned(cie, 1);
        else if (strchr("SB", *letters) == NULL) /* a signal frame, signed return addresses */
            return false;
        if (*letters == 'R') {
            *encoding = value;
            return !cie->failed;
        }
        if (*letters == 'P' && (form_size(value) == 0 || take(cie, form_size(value)) == NULL))
            return false;
    }
    return !cie->failed;
}

/* The encoding of pointers in the entries of a CIE; false when it is not told or
 * the CIE is damaged. */
static bool read_encoding(struct cursor cie, uint8_t *encoding)
{
    uint64_t id = read_unsigned(&cie, 4);
    uint64_t version = read_unsigned(&cie, 1);
    const char *augmentation = (const char *)cie.section->bytes + cie.at;

    (void)take(&cie, strnlen(augmentation, cie.end - cie.at) + 1);
    skip_leb(&cie); /* code alignment */
    skip_leb(&cie); /* data alignment */
    skip_leb(&cie); /* register of the return address: one byte in version 1 */
    if (cie.failed || id != 0 || (version != 1 && version != 3))
        return false;
    *encoding = FORM_ABSOLUTE;
    if (augmentation[0] == '\0')
        return true;
    skip_leb(&cie); /* size of what follows */
    return augmentation[0] == 'z' && read_augmentation(&cie, augmentation + 1, encoding);
}

/* The code range of the FDE at `address`. */
static bool read_range(const struct section_bytes *frames, uint64_t address,
                       struct address_range *range)
{
    uint8_t encoding;
    struct cursor fde = record_at(frames, address - frames->address);
    size_t back_from = fde.at;
    uint64_t back = read_unsigned(&fde, 4);

    if (fde.failed || back == 0 || back > back_from ||
        !read_encoding(record_at(frames, back_from - back), &encoding))
        return false;
    range->low = read_pointer(&fde, encoding);
    range->high = range->low + read_pointer(&fde, encoding & FORM_MASK);
    return !fde.failed;
}

static struct table_row row_at(const struct section_bytes *header, size_t number)
{
    struct table_row row;

    memcpy(&row, header->bytes + HEADER_SIZE + number * sizeof(row), sizeof(row));
    return row;
}

static size_t row_count(const struct section_bytes *header)
{
    uint32_t count;
    size_t room;

    if (header->bytes == NULL || header->size < HEADER_SIZE || header->bytes[0] != HEADER_VERSION ||
        form_size(header->bytes[1]) != 4 || header->bytes[2] != COUNT_ENCODING ||
        header->bytes[3] != TABLE_ENCODING)
        return 0;
    memcpy(&count, header->bytes + HEADER_SIZE - sizeof(count), sizeof(count));
    room = (header->size - HEADER_SIZE) / sizeof(struct table_row);
    return count < room ? count : room;
}

bool function_bounds_find(const struct function_bounds *bounds, uint64_t address,
                          struct address_range *range)
{
    const struct section_bytes *header = &bounds->header;
    int64_t wanted = (int64_t)(address - header->address);
    size_t low = 0, high = row_count(header);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (row_at(header, middle).code <= wanted)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || bounds->frames.bytes == NULL)
        return false;
    uint64_t entry = header->address + (uint64_t)(int64_t)row_at(header, low - 1).entry;
    return read_range(&bounds->frames, entry, range) && range->low <= address &&
           address < range->high;
}

static struct section_bytes section_bytes_of(const struct elf_image *image, const char *name)
{
    struct section_bytes section = {0};
    GElf_Shdr header;

    if (elf_image_section(image, name, &header) != NULL) {
        section.address = header.sh_addr;
        section.bytes = elf_image_bytes(image, name, &section.size);
    }
    return section;
}

void function_bounds_init(struct function_bounds *bounds, const struct elf_image *image)
{
    size_t size = 0;
    const char *identity = elf_getident(image->elf, &size);

    memset(bounds, 0, sizeof(*bounds));
    if (identity == NULL || size < EI_NIDENT || identity[EI_CLASS] != ELFCLASS64 ||
        identity[EI_DATA] != ELFDATA2LSB)
        return;
    bounds->header = section_bytes_of(image, ".eh_frame_hdr");
    bounds->frames = section_bytes_of(image, ".eh_frame");
}
