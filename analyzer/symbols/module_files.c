/*
 * module_files.h: the recorded build-id decides whether a file may speak; a separate
 * debug file is looked for where the mapped one has no DWARF of its own.
 */
#include "analyzer/symbols/module_files.h"

#include "analyzer/symbols/debug_file.h"

#include <string.h>

static int open_image(struct module_files *files, const uint8_t *build_id, size_t build_id_size,
                      struct problem *problem)
{
    int result = strcmp(files->path, "[vdso]") == 0
                     ? elf_image_init_vdso(&files->image, problem)
                     : looked_paths_open(&files->looked, &files->image, files->path, problem);

    if (result != 0)
        return result;
    if (build_id_size > 0 && !elf_image_has_build_id(&files->image, build_id, build_id_size)) {
        elf_image_release(&files->image);
        return problem_set(problem, PROBLEM_DATA,
                           "cannot use symbols of '%s': it is not the file that was recorded "
                           "(its build-id differs)",
                           files->path);
    }
    files->has_image = true;
    return 0;
}

/* For a module that does not hold its debug information itself. A file found by
 * the recorded build-id is right even when the module's own is gone or replaced. */
static void open_debug(struct module_files *files, const char *dirs, const uint8_t *build_id,
                       size_t build_id_size)
{
    int result;

    if (files->has_image && files->image.has_dwarf)
        return;
    if (build_id_size == 0 && files->has_image) {
        build_id = files->image.build_id;
        build_id_size = files->image.build_id_size;
    }
    result = debug_file_init_by_id(&files->debug, &files->looked, dirs, build_id, build_id_size);
    if (result != 0 && files->has_image)
        result = debug_file_init_by_link(&files->debug, &files->looked, dirs, &files->image,
                                         files->path);
    files->has_debug = result == 0;
}

static const struct elf_image *dwarf_image(const struct module_files *files)
{
    if (files->has_debug && files->debug.has_dwarf)
        return &files->debug;
    if (files->has_image && files->image.has_dwarf && files->image.fd >= 0)
        return &files->image;
    return NULL;
}

int module_files_open(struct module_files *files, const char *path, const uint8_t *build_id,
                      size_t build_id_size, const char *dirs, struct problem *problem)
{
    int result;

    memset(files, 0, sizeof(*files));
    files->path = path;
    result = open_image(files, build_id, build_id_size, problem);
    open_debug(files, dirs, build_id, build_id_size);
    files->dwarf.image = dwarf_image(files);
    files->dwarf.path = path;
    files->dwarf.debug_dirs = dirs;
    if (files->dwarf.image != NULL)
        files->dwarf.notes = dwarf_notes_new();
    return result;
}

void module_files_close(struct module_files *files)
{
    if (files->has_debug)
        elf_image_release(&files->debug);
    if (files->has_image)
        elf_image_release(&files->image);
    dwarf_notes_free(files->dwarf.notes);
    looked_paths_release(&files->looked);
    files->has_debug = files->has_image = false;
}

int module_files_judge(struct module_files *files, int dwarf_result, struct problem *problem)
{
    bool has_symtab = (files->has_image && files->image.has_symtab) ||
                      (files->has_debug && files->debug.has_symtab);
    const char *look = NULL;

    while ((look = dwarf_notes_next_look(files->dwarf.notes, look)) != NULL)
        looked_paths_add(&files->looked, look);
    if (dwarf_result == PROBLEM_SYSTEM)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot read the debug information of '%s': cannot start a process",
                           files->path);
    if (dwarf_result == PROBLEM_DATA)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read the debug information of '%s': it is damaged", files->path);
    if (dwarf_result == PROBLEM_NOTHING && !has_symtab && strcmp(files->path, "[vdso]") != 0)
        return problem_set(problem, PROBLEM_NOTHING,
                           "'%s' is stripped: only exported functions have names; "
                           "install its debug symbols",
                           files->path);
    return 0;
}
