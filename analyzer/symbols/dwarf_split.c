/*
 * dwarf_split.h. The identifier decides whether a file is the right one: DW_AT_GNU_dwo_id
 * up to DWARF 4, in the unit's header since. Where gdb looks for the file is documented
 * under "Separate Debug Files" too; builds that moved are found beside the program.
 */
#include "analyzer/symbols/dwarf_split.h"

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/dwarf_package.h"
#include "analyzer/symbols/source_path.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where the header of a unit has it: after length, version, type, address size and the
 * offset of the abbreviations. */
static bool id_in_header(struct dwarf_object *object, const char *section, Dwarf_Die die,
                         Dwarf_Half offset_size, uint64_t *id)
{
    Dwarf_Error error = NULL;
    Dwarf_Off start = 0, length = 0;
    size_t size = 0;
    const uint8_t *bytes = dwarf_object_section(object, section, &size);
    struct byte_cursor cursor;

    if (dwarf_die_CU_offset_range(die, &start, &length, &error) != DW_DLV_OK) {
        if (error != NULL)
            dwarf_dealloc_error(dwarf_object_debug(object), error);
        return false;
    }
    cursor = byte_cursor_from(bytes, size, start);
    (void)byte_take(&cursor, (offset_size == 8 ? 12u : 4u) + 4u + offset_size);
    *id = byte_fixed(&cursor, 8);
    return !cursor.failed;
}

static bool read_id(const struct dwarf_unit *unit, const char *section, uint64_t *id)
{
    if (unit->version >= 5)
        return id_in_header(unit->object, section, unit->die, unit->offset_size, id);
    *id = dwarf_die_number(unit->debug, unit->die, DW_AT_GNU_dwo_id, 0);
    return *id != 0;
}

/* The compile unit of an open .dwo; type units may stand before it. */
static Dwarf_Die first_compile_unit(Dwarf_Debug debug)
{
    Dwarf_Error error = NULL;
    Dwarf_Unsigned length, type_offset, next;
    Dwarf_Half version, address_size, offset_size, extension_size, kind;
    Dwarf_Off abbreviations;
    Dwarf_Sig8 signature;
    Dwarf_Die die = NULL;

    while (dwarf_next_cu_header_d(debug, 1, &length, &version, &abbreviations, &address_size,
                                  &offset_size, &extension_size, &signature, &type_offset, &next,
                                  &kind, &error) == DW_DLV_OK) {
        if (dwarf_siblingof_b(debug, NULL, 1, &die, &error) != DW_DLV_OK)
            break;
        if (dwarf_die_tag(debug, die) == DW_TAG_compile_unit)
            return die;
        dwarf_dealloc_die(die);
        error = NULL;
    }
    if (error != NULL)
        dwarf_dealloc_error(debug, error);
    return NULL;
}

/* Reads the unit in split->object. False when it is not the one with this identifier. */
static bool open_unit(struct dwarf_split *split, const struct dwarf_unit *skeleton, uint64_t id)
{
    Dwarf_Debug debug = split->object == NULL ? NULL : dwarf_object_debug(split->object);
    uint64_t found = 0;

    if (debug == NULL ||
        dwarf_unit_init_split(&split->unit, split->object, first_compile_unit(debug), skeleton) !=
            0 ||
        !read_id(&split->unit, ".debug_info.dwo", &found))
        return false;
    return found == id;
}

static bool open_packed(struct dwarf_split *split, struct dwarf_object *package,
                        const struct dwarf_unit *skeleton, uint64_t id)
{
    struct dwarf_slice slices[DWARF_PACKAGE_SLICES_MAX];
    size_t count = package == NULL ? 0 : dwarf_package_find(package, id, slices);

    if (count == 0)
        return false;
    split->object = dwarf_object_new_part(package, slices, count);
    if (open_unit(split, skeleton, id))
        return true;
    dwarf_split_close(split);
    return false;
}

/* A search for one unit's file. */
struct search {
    struct dwarf_split *split;
    const struct dwarf_files *files;
    const struct dwarf_unit *skeleton;
    uint64_t id;
    bool found, met_other; /* met_other: a file with the name but another identifier */
};

/* Takes ownership of `path`. */
static void try_path(struct search *search, char *path)
{
    struct problem ignored = {0};
    struct dwarf_split *split = search->split;

    if (path == NULL || search->found) {
        free(path);
        return;
    }
    dwarf_notes_look(search->files->notes, path);
    if (elf_image_init(&split->image, path, &ignored) == 0) {
        split->has_image = true;
        split->object = dwarf_object_new(&split->image);
        search->found = open_unit(split, search->skeleton, search->id);
        search->met_other = !search->found;
        if (!search->found)
            dwarf_split_close(split);
    }
    free(path);
}

/* Where it was when it was compiled; beside the module; below the debug directories. */
static void search_everywhere(struct search *search, const char *name)
{
    const struct dwarf_unit *skeleton = search->skeleton;
    const char *built = dwarf_die_text_of(skeleton->object, skeleton->die, DW_AT_comp_dir);
    const char *slash = strrchr(search->files->path, '/'), *base = strrchr(name, '/');
    const char *dirs = search->files->debug_dirs, *directory;
    int own = slash == NULL ? 1 : (int)(slash - search->files->path), length;
    const char *beside = slash == NULL ? "." : search->files->path;
    char *full = source_path_join(built, name);

    base = base == NULL ? name : base + 1;
    try_path(search, memory_strdup(full));
    if (name[0] != '/' && base != name)
        try_path(search, memory_printf("%.*s/%s", own, beside, name));
    try_path(search, memory_printf("%.*s/%s", own, beside, base));
    while (dirs != NULL && (directory = debug_file_next_dir(&dirs, &length)) != NULL) {
        try_path(search,
                 memory_printf("%.*s%s%s", length, directory, full[0] == '/' ? "" : "/", full));
        try_path(search, memory_printf("%.*s/%s", length, directory, base));
    }
    free(full);
}

bool dwarf_split_open(struct dwarf_split *split, const struct dwarf_files *files,
                      struct dwarf_object *package, const struct dwarf_unit *skeleton)
{
    struct search search = {.split = split, .files = files, .skeleton = skeleton};
    const char *name = dwarf_die_text_of(skeleton->object, skeleton->die, DW_AT_dwo_name);

    memset(split, 0, sizeof(*split));
    if (name == NULL)
        name = dwarf_die_text_of(skeleton->object, skeleton->die, DW_AT_GNU_dwo_name);
    if (name == NULL || !read_id(skeleton, ".debug_info", &search.id))
        return false;
    if (open_packed(split, package, skeleton, search.id))
        return true;
    search_everywhere(&search, name);
    if (!search.found)
        dwarf_notes_add(files->notes, search.met_other ? DWARF_NOTE_OTHER : DWARF_NOTE_MISSING,
                        name);
    return search.found;
}

void dwarf_split_close(struct dwarf_split *split)
{
    dwarf_unit_release(&split->unit);
    dwarf_object_free(split->object);
    if (split->has_image)
        elf_image_release(&split->image);
    memset(split, 0, sizeof(*split));
}
