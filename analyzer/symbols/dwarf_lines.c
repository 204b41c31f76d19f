/*
 * dwarf_lines.h. Rows are not copied: addresses are few and sorted, so each row's
 * stretch of code is looked up among them, whatever order sequences come in.
 */
#include "analyzer/symbols/dwarf_lines.h"

#include "analyzer/symbols/line_program.h"
#include "analyzer/symbols/source_path.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

struct dwarf_lines {
    struct dwarf_object *object;
    const struct dwarf_unit *unit;
    struct strings *strings;
    Dwarf_Line_Context context;
    Dwarf_Unsigned version;
    Dwarf_Signed first_file, end_file; /* [first_file, end_file) */
    const char *directory;             /* of the compilation; NULL unknown */
    const char **paths;                /* by number - first_file, made on demand */
};

static void read_file_bounds(struct dwarf_lines *lines)
{
    Dwarf_Error error = NULL;
    Dwarf_Signed count = 0;

    if (dwarf_srclines_files_indexes(lines->context, &lines->first_file, &count, &lines->end_file,
                                     &error) != DW_DLV_OK) {
        if (error != NULL)
            dwarf_dealloc_error(lines->unit->debug, error);
        lines->end_file = lines->first_file;
    }
    if (lines->end_file > lines->first_file)
        lines->paths =
            memory_alloc((size_t)(lines->end_file - lines->first_file) * sizeof(*lines->paths));
}

struct dwarf_lines *dwarf_lines_new(struct dwarf_object *object, const struct dwarf_unit *unit,
                                    struct strings *strings)
{
    struct dwarf_lines *lines;
    Dwarf_Error error = NULL;
    Dwarf_Line_Context context = NULL;
    Dwarf_Unsigned version = 0;
    Dwarf_Small tables = 0;
    int result = dwarf_srclines_b(unit->die, &version, &tables, &context, &error);

    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(unit->debug, error);
    if (result != DW_DLV_OK)
        return NULL;
    lines = memory_alloc(sizeof(*lines));
    lines->object = object;
    lines->unit = unit;
    lines->strings = strings;
    lines->context = context;
    lines->version = version;
    lines->directory = dwarf_die_text_of(unit->object, unit->die, DW_AT_comp_dir);
    read_file_bounds(lines);
    return lines;
}

void dwarf_lines_free(struct dwarf_lines *lines)
{
    if (lines == NULL)
        return;
    dwarf_srclines_dealloc_b(lines->context);
    free(lines->paths);
    free(lines);
}

struct row {
    Dwarf_Addr address;
    Dwarf_Unsigned file, line;
    bool ends_sequence;
};

/* libdwarf marks rows where an epilogue begins (clang 15, rustc) as ends of their
 * sequence too; at a real end no epilogue begins. */
static bool read_row(Dwarf_Line from, struct row *row)
{
    Dwarf_Error error = NULL;
    Dwarf_Bool ends = 0, prologue_ends = 0, epilogue_begins = 0;
    Dwarf_Unsigned isa = 0, discriminator = 0;

    if (dwarf_lineaddr(from, &row->address, &error) != DW_DLV_OK ||
        dwarf_lineendsequence(from, &ends, &error) != DW_DLV_OK ||
        dwarf_prologue_end_etc(from, &prologue_ends, &epilogue_begins, &isa, &discriminator,
                               &error) != DW_DLV_OK ||
        dwarf_lineno(from, &row->line, &error) != DW_DLV_OK ||
        dwarf_line_srcfileno(from, &row->file, &error) != DW_DLV_OK)
        return false;
    row->ends_sequence = ends && !epilogue_begins;
    return true;
}

static void give_row(const struct row *row, uint64_t end, struct unit_address *addresses,
                     size_t count)
{
    size_t i = unit_addresses_from(addresses, count, row->address);

    for (; i < count && addresses[i].address < end; i++) {
        if (addresses[i].has_line)
            continue;
        addresses[i].file = row->file;
        addresses[i].line = (uint32_t)row->line;
        addresses[i].has_line = true;
    }
}

/* One flag per row, or NULL when libdwarf's file numbers are right as they are. */
static bool *find_default_files(struct dwarf_lines *lines, size_t row_count)
{
    Dwarf_Error error = NULL;
    Dwarf_Unsigned offset = 0;
    size_t size = 0;
    const uint8_t *section;
    bool *by_default;

    if (!DWARF_SHIM_FILE_REGISTER_WRONG || lines->version < 5)
        return NULL;
    section = dwarf_object_section(lines->object, ".debug_line", &size);
    if (section == NULL ||
        dwarf_srclines_table_offset(lines->context, &offset, &error) != DW_DLV_OK)
        return NULL;
    by_default = memory_alloc(row_count * sizeof(*by_default));
    line_program_find_defaults(section, size, offset, by_default, row_count);
    return by_default;
}

void dwarf_lines_find(struct dwarf_lines *lines, struct unit_address *addresses, size_t count)
{
    Dwarf_Error error = NULL;
    Dwarf_Line *rows = NULL;
    Dwarf_Signed row_count = 0;
    struct row row = {.ends_sequence = true};
    bool *by_default;

    if (dwarf_srclines_from_linecontext(lines->context, &rows, &row_count, &error) != DW_DLV_OK) {
        if (error != NULL)
            dwarf_dealloc_error(lines->unit->debug, error);
        return;
    }
    by_default = find_default_files(lines, (size_t)row_count);
    for (Dwarf_Signed i = 0; i < row_count; i++) {
        struct row next;

        if (!read_row(rows[i], &next))
            break;
        if (by_default != NULL && by_default[i])
            next.file = 1;
        if (!row.ends_sequence && row.address < next.address &&
            row.address >= lines->unit->code_start)
            give_row(&row, next.address, addresses, count);
        row = next;
    }
    free(by_default);
}

static const char *directory_of(struct dwarf_lines *lines, Dwarf_Unsigned number)
{
    Dwarf_Error error = NULL;
    const char *name = NULL;
    int result =
        dwarf_srclines_include_dir_data(lines->context, (Dwarf_Signed)number, &name, &error);

    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(lines->unit->debug, error);
    return result == DW_DLV_OK ? name : NULL;
}

/* Directory 0 is that of the compilation: implied up to DWARF 4, listed since. */
static char *full_path(struct dwarf_lines *lines, const char *name, Dwarf_Unsigned directory)
{
    const char *base = lines->directory;
    char *below, *path;

    if (lines->version >= 5 && directory_of(lines, 0) != NULL)
        base = directory_of(lines, 0);
    if (directory == 0)
        return source_path_join(base, name);
    below = source_path_join(base, directory_of(lines, directory));
    path = source_path_join(below, name);
    free(below);
    return path;
}

const char *dwarf_lines_file(struct dwarf_lines *lines, uint64_t number)
{
    Dwarf_Signed index = (Dwarf_Signed)number;
    Dwarf_Error error = NULL;
    const char *name = NULL, **known;
    Dwarf_Unsigned directory = 0, changed = 0, length = 0;
    Dwarf_Form_Data16 *md5 = NULL;
    int result;
    char *path;

    if (index < lines->first_file || index >= lines->end_file)
        return NULL;
    known = &lines->paths[index - lines->first_file];
    if (*known != NULL)
        return *known;
    result = dwarf_srclines_files_data_b(lines->context, index, &name, &directory, &changed,
                                         &length, &md5, &error);
    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(lines->unit->debug, error);
    if (result != DW_DLV_OK || name == NULL || name[0] == '\0')
        return NULL;
    path = full_path(lines, name, directory);
    *known = strings_intern(lines->strings, path);
    free(path);
    return *known;
}
