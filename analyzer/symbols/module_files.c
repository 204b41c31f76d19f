/*
 * module_files.h: the recorded build-id decides whether a file may speak; a separate
 * debug file is looked for where the mapped one has no DWARF of its own.
 */
#include "analyzer/symbols/module_files.h"

#include "analyzer/symbols/debug_file.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
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

/* From a server. Its file must have the build-id too: what is in its cache is a file like others. */
static int open_served(struct module_files *files, struct debug_server *server,
                       const uint8_t *build_id, size_t build_id_size)
{
    struct problem ignored = {0};
    char *path = debug_server_find(server, build_id, build_id_size, &files->server);
    int result = path == NULL ? PROBLEM_NOTHING
                              : looked_paths_open(&files->looked, &files->debug, path, &ignored);

    if (result == 0 && !elf_image_has_build_id(&files->debug, build_id, build_id_size)) {
        elf_image_release(&files->debug);
        result = PROBLEM_NOTHING;
    }
    free(path);
    return result;
}

/* For a module that does not hold its debug information itself. A file found by
 * the recorded build-id is right even when the module's own is gone or replaced. */
static void open_debug(struct module_files *files, const char *dirs, struct debug_server *server,
                       const uint8_t *build_id, size_t build_id_size)
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
    if (result != 0 && server != NULL) {
        result = open_served(files, server, build_id, build_id_size);
        files->not_served = result != 0;
    }
    files->has_debug = result == 0;
    if (!files->has_debug && files->has_image && !files->image.has_symtab)
        files->has_mini = mini_debug_init(&files->mini, &files->image) == 0;
}

static const struct elf_image *dwarf_image(const struct module_files *files)
{
    if (files->has_debug && files->debug.has_dwarf)
        return &files->debug;
    if (files->has_image && files->image.has_dwarf && files->image.fd >= 0)
        return &files->image;
    return NULL;
}

/* Packages have the name of the file that was linked, whether or not it was stripped since. */
static void open_package(struct module_files *files, const char *dwarf_path)
{
    const char *const paths[] = {dwarf_path, files->path};
    struct problem ignored = {0};
    GElf_Shdr header;

    /* Every skeleton has its addresses there. */
    if (elf_image_section(files->dwarf.image, ".debug_addr", &header) == NULL)
        return;
    for (size_t i = 0; i < 2 && !files->has_package; i++) {
        char *path = memory_printf("%s.dwp", paths[i]);

        if (i == 0 || strcmp(paths[0], paths[1]) != 0)
            files->has_package =
                looked_paths_open(&files->looked, &files->package, path, &ignored) == 0;
        free(path);
    }
}

/* What the file with the DWARF, opened from `dwarf_path`, refers to. */
static void open_companions(struct module_files *files, const char *dirs, const char *dwarf_path)
{
    struct dwarf_files *dwarf = &files->dwarf;

    files->has_supplement =
        debug_file_init_supplement(&files->supplement, &files->looked, dirs, dwarf->image,
                                   dwarf_path, &files->missing_supplement) == 0;
    open_package(files, dwarf_path);
    if (files->has_supplement) {
        files->missing_supplement = NULL;
        dwarf->supplement = &files->supplement;
    }
    if (files->has_package)
        dwarf->package = &files->package;
    dwarf->path = files->path;
    dwarf->debug_dirs = dirs;
    dwarf->notes = dwarf_notes_new();
}

int module_files_open(struct module_files *files, const char *path, const uint8_t *build_id,
                      size_t build_id_size, const char *dirs, struct debug_server *server,
                      struct problem *problem)
{
    char *dwarf_path;
    int result;

    memset(files, 0, sizeof(*files));
    files->path = path;
    result = open_image(files, build_id, build_id_size, problem);
    open_debug(files, dirs, server, build_id, build_id_size);
    files->dwarf.image = dwarf_image(files);
    if (files->dwarf.image != NULL) {
        dwarf_path = memory_strdup(files->dwarf.image == &files->debug
                                       ? files->looked.paths[files->looked.count - 1]
                                       : path);
        open_companions(files, dirs, dwarf_path);
        free(dwarf_path);
    }
    return result;
}

void module_files_close(struct module_files *files)
{
    if (files->has_mini)
        mini_debug_release(&files->mini);
    if (files->has_package)
        elf_image_release(&files->package);
    if (files->has_supplement)
        elf_image_release(&files->supplement);
    if (files->has_debug)
        elf_image_release(&files->debug);
    if (files->has_image)
        elf_image_release(&files->image);
    dwarf_notes_free(files->dwarf.notes);
    looked_paths_release(&files->looked);
    files->has_mini = files->has_package = files->has_supplement = files->has_debug =
        files->has_image = false;
}

/* Split units whose files are not there: what they would have told is lost. */
static int judge_split(const struct module_files *files, struct problem *problem)
{
    const char *missing, *other;
    uint32_t missing_count = dwarf_notes_count(files->dwarf.notes, DWARF_NOTE_MISSING, &missing);
    uint32_t other_count = dwarf_notes_count(files->dwarf.notes, DWARF_NOTE_OTHER, &other);

    if (missing_count == 0 && other_count == 0)
        return 0;
    return problem_set(problem, PROBLEM_NOTHING,
                       "debug information of '%s' is in separate files, and '%s' %s; names are "
                       "those of its symbol table, without inlined functions",
                       files->path, missing_count > 0 ? missing : other,
                       missing_count > 0 ? "is not there" : "is of another build");
}

static int judge_dwarf(const struct module_files *files, int dwarf_result, size_t count,
                       size_t lost, struct problem *problem)
{
    if (dwarf_result == PROBLEM_SYSTEM)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot read the debug information of '%s': cannot start a process",
                           files->path);
    if (dwarf_result == PROBLEM_DATA && lost < count)
        return problem_set(problem, PROBLEM_DATA,
                           "symbols of %zu of %zu addresses in '%s' could not be read: its debug "
                           "information is damaged",
                           lost, count, files->path);
    if (dwarf_result == PROBLEM_DATA)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read the debug information of '%s': it is damaged", files->path);
    if (files->missing_supplement != NULL)
        return problem_set(problem, PROBLEM_NOTHING,
                           "'%s' shares debug information with others in '%s', which is not "
                           "there or of another build: some names are missing",
                           files->path, files->missing_supplement);
    return judge_split(files, problem);
}

int module_files_judge(struct module_files *files, int dwarf_result, size_t count, size_t lost,
                       struct problem *problem)
{
    bool has_symtab = (files->has_image && files->image.has_symtab) ||
                      (files->has_debug && files->debug.has_symtab) ||
                      (files->has_mini && files->mini.image.has_symtab);
    uint32_t unknown = files->has_debug && files->debug.unknown_compression != 0
                           ? files->debug.unknown_compression
                           : (files->has_image ? files->image.unknown_compression : 0);
    const char *look = NULL;

    while ((look = dwarf_notes_next_look(files->dwarf.notes, look)) != NULL)
        looked_paths_add(&files->looked, look);
    if (dwarf_result != PROBLEM_NOTHING)
        return judge_dwarf(files, dwarf_result, count, lost, problem);
    if (unknown != 0)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read the debug information of '%s': it is compressed in a way "
                           "that is not known here (%u)",
                           files->path, unknown);
    if (files->server.code != 0)
        return problem_set(problem, files->server.code, "%s", files->server.text);
    if (has_symtab || strcmp(files->path, "[vdso]") == 0)
        return 0;
    return problem_set(problem, PROBLEM_NOTHING,
                       "'%s' is stripped: only exported functions have names; %s", files->path,
                       files->not_served ? "debuginfod's servers have no debug symbols of it, or "
                                           "did not answer"
                                         : "install its debug symbols");
}
