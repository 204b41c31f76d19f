/*
 * line_header.h: two forms of the same lists, before DWARF 5 and since.
 */
#include "analyzer/symbols/line_header.h"

#include "analyzer/symbols/dwarf_shim.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

/* Kinds of contents that are wanted, of at most as many as a byte counts. */
struct entry_format {
    uint64_t content, form;
};

#define FORMATS_MAX 255

static const char *text_at(struct section_bytes section, uint64_t offset)
{
    struct byte_cursor cursor = byte_cursor_at(section.bytes, section.size);

    if (section.bytes == NULL || byte_take(&cursor, offset) == NULL)
        return "";
    return byte_text(&cursor);
}

/* One value of a DWARF 5 entry: its text or its number, whichever it is. False for a form
 * whose size is not known. */
static bool read_value(struct byte_cursor *cursor, const struct line_sections *sections, bool wide,
                       uint64_t form, const char **text, uint64_t *number)
{
    unsigned width = wide ? 8 : 4;

    switch (form) {
    case DW_FORM_string:
        *text = byte_text(cursor);
        return true;
    case DW_FORM_line_strp:
        *text = text_at(sections->line_texts, byte_fixed(cursor, width));
        return true;
    case DW_FORM_strp:
        *text = text_at(sections->texts, byte_fixed(cursor, width));
        return true;
    case DW_FORM_strp_sup:
        (void)byte_take(cursor, width);
        return true;
    case DW_FORM_udata:
    case DW_FORM_strx:
        *number = byte_uleb(cursor);
        return true;
    case DW_FORM_data1:
    case DW_FORM_strx1:
        *number = byte_fixed(cursor, 1);
        return true;
    case DW_FORM_data2:
    case DW_FORM_strx2:
        *number = byte_fixed(cursor, 2);
        return true;
    case DW_FORM_data4:
    case DW_FORM_strx4:
        *number = byte_fixed(cursor, 4);
        return true;
    case DW_FORM_data8:
        *number = byte_fixed(cursor, 8);
        return true;
    case DW_FORM_data16:
        (void)byte_take(cursor, 16);
        return true;
    case DW_FORM_block:
        (void)byte_take(cursor, byte_uleb(cursor));
        return true;
    default:
        return false;
    }
}

static void add_directory(struct line_header *header, const char *name)
{
    header->directories = memory_grow(header->directories, header->directory_count,
                                      &header->directory_capacity, sizeof(*header->directories));
    header->directories[header->directory_count++] = name;
}

void line_header_add_file(struct line_header *header, const char *name, uint64_t directory)
{
    header->files = memory_grow(header->files, header->file_count, &header->file_capacity,
                                sizeof(*header->files));
    header->files[header->file_count++] = (struct line_file){name, directory};
}

/* Directories or files of DWARF 5. Every form takes at least a byte, so that damaged counts
 * come to an end. */
static bool read_entries(struct line_header *header, const struct line_sections *sections,
                         struct byte_cursor *cursor, bool files)
{
    struct entry_format formats[FORMATS_MAX];
    unsigned format_count = byte_one(cursor);
    uint64_t count;

    for (unsigned i = 0; i < format_count; i++)
        formats[i] = (struct entry_format){byte_uleb(cursor), byte_uleb(cursor)};
    count = byte_uleb(cursor);
    if (count > 0 && format_count == 0)
        return false;
    for (; count > 0 && !cursor->failed; count--) {
        const char *name = "";
        uint64_t directory = 0;

        for (unsigned i = 0; i < format_count; i++) {
            const char *text = "";
            uint64_t number = 0;

            if (!read_value(cursor, sections, header->wide, formats[i].form, &text, &number))
                return false;
            if (formats[i].content == DW_LNCT_path)
                name = text;
            else if (formats[i].content == DW_LNCT_directory_index)
                directory = number;
        }
        if (files)
            line_header_add_file(header, name, directory);
        else
            add_directory(header, name);
    }
    return !cursor->failed;
}

static bool read_old_lists(struct line_header *header, struct byte_cursor *cursor)
{
    const char *name;

    while (*(name = byte_text(cursor)) != '\0')
        add_directory(header, name);
    while (*(name = byte_text(cursor)) != '\0') {
        uint64_t directory = byte_uleb(cursor);

        (void)byte_uleb(cursor); /* when it was changed */
        (void)byte_uleb(cursor); /* its size */
        line_header_add_file(header, name, directory);
    }
    return !cursor->failed;
}

/* The fixed part; leaves `cursor` at the lists, and header->program is set. */
static bool read_start(struct line_header *header, struct byte_cursor *cursor)
{
    uint64_t length = byte_fixed(cursor, 4);

    header->wide = length == 0xffffffff;
    if (header->wide)
        length = byte_fixed(cursor, 8);
    if (cursor->failed || length > byte_left(cursor))
        return false;
    cursor->end = cursor->at + length;
    header->version = (unsigned)byte_fixed(cursor, 2);
    if (header->version < 2 || header->version > 5)
        return false;
    if (header->version >= 5)
        (void)byte_take(cursor, 2); /* sizes of addresses and segment selectors */
    length = byte_fixed(cursor, header->wide ? 8 : 4);
    header->program = *cursor;
    (void)byte_take(&header->program, length);
    header->instruction_size = byte_one(cursor);
    header->operations = header->version >= 4 ? byte_one(cursor) : 1;
    (void)byte_one(cursor); /* whether rows are statements at first */
    header->line_base = (int8_t)byte_one(cursor);
    header->line_range = byte_one(cursor);
    header->opcode_base = byte_one(cursor);
    if (header->opcode_base == 0 || header->line_range == 0)
        return false;
    header->operand_counts = byte_take(cursor, header->opcode_base - 1u);
    return !cursor->failed && !header->program.failed;
}

bool line_header_init(struct line_header *header, const struct line_sections *sections,
                      uint64_t offset)
{
    struct byte_cursor cursor = byte_cursor_at(sections->lines.bytes, sections->lines.size);

    memset(header, 0, sizeof(*header));
    if (sections->lines.bytes == NULL || byte_take(&cursor, offset) == NULL ||
        !read_start(header, &cursor))
        return false;
    if (header->version < 5)
        return read_old_lists(header, &cursor);
    return read_entries(header, sections, &cursor, false) &&
           read_entries(header, sections, &cursor, true);
}

void line_header_release(struct line_header *header)
{
    free(header->directories);
    free(header->files);
    memset(header, 0, sizeof(*header));
}

const struct line_file *line_header_file(const struct line_header *header, uint64_t number)
{
    uint64_t index = header->version >= 5 ? number : number - 1;

    return index < header->file_count ? &header->files[index] : NULL;
}

const char *line_header_directory(const struct line_header *header, uint64_t number)
{
    uint64_t index = header->version >= 5 ? number : number - 1;

    return index < header->directory_count ? header->directories[index] : NULL;
}
