/*
 * dwarf_lines.h: sections and directories around line_program.h.
 */
#include "analyzer/symbols/dwarf_lines.h"

#include "analyzer/symbols/line_program.h"
#include "analyzer/symbols/source_path.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

struct dwarf_lines {
    const struct dwarf_unit *unit;
    struct strings *strings;
    struct line_header header;
    const char *directory; /* of the compilation; NULL unknown */
    const char **paths;    /* by number, made on demand */
    size_t path_count;
};

static struct section_bytes section_of(struct dwarf_object *object, const char *name)
{
    struct section_bytes section = {0};

    section.bytes = dwarf_object_section(object, name, &section.size);
    return section;
}

struct dwarf_lines *dwarf_lines_new(struct dwarf_object *object, const struct dwarf_unit *unit,
                                    struct strings *strings)
{
    struct line_sections sections = {section_of(object, ".debug_line"),
                                     section_of(object, ".debug_line_str"),
                                     section_of(object, ".debug_str")};
    uint64_t offset = dwarf_die_number(unit->debug, unit->die, DW_AT_stmt_list, UINT64_MAX);
    struct dwarf_lines *lines = memory_alloc(sizeof(*lines));

    if (!line_header_init(&lines->header, &sections, offset)) {
        dwarf_lines_free(lines);
        return NULL;
    }
    lines->unit = unit;
    lines->strings = strings;
    lines->directory = dwarf_die_text_of(unit->object, unit->die, DW_AT_comp_dir);
    return lines;
}

void dwarf_lines_free(struct dwarf_lines *lines)
{
    if (lines == NULL)
        return;
    line_header_release(&lines->header);
    free(lines->paths);
    free(lines);
}

void dwarf_lines_find(struct dwarf_lines *lines, struct unit_address *addresses, size_t count)
{
    struct line_place *places = memory_alloc(count * sizeof(*places));

    for (size_t i = 0; i < count; i++)
        places[i].address = addresses[i].address;
    line_program_find(&lines->header, lines->unit->code_start, places, count);
    for (size_t i = 0; i < count; i++) {
        addresses[i].file = places[i].file;
        addresses[i].line = places[i].line;
        addresses[i].has_line = places[i].found;
    }
    free(places);
}

/* Directory 0 is that of the compilation: implied up to DWARF 4, listed since. */
static char *full_path(struct dwarf_lines *lines, const struct line_file *file)
{
    const char *listed = line_header_directory(&lines->header, 0);
    const char *base = listed != NULL ? listed : lines->directory;
    char *below, *path;

    if (file->directory == 0)
        return source_path_join(base, file->name);
    below = source_path_join(base, line_header_directory(&lines->header, file->directory));
    path = source_path_join(below, file->name);
    free(below);
    return path;
}

const char *dwarf_lines_file(struct dwarf_lines *lines, uint64_t number)
{
    const struct line_file *file = line_header_file(&lines->header, number);
    char *path;

    if (file == NULL || *file->name == '\0')
        return NULL;
    if (lines->paths == NULL) {
        lines->path_count = lines->header.file_count + 1; /* older numbers begin at 1 */
        lines->paths = memory_alloc(lines->path_count * sizeof(*lines->paths));
    }
    if (number >= lines->path_count)
        return NULL;
    if (lines->paths[number] == NULL) {
        path = full_path(lines, file);
        lines->paths[number] = strings_intern(lines->strings, path);
        free(path);
    }
    return lines->paths[number];
}
