/*
 * The files that speak for one module while its addresses are resolved: the mapped file
 * itself, its separate debug information, what that refers to; and what is to be told about those that
 * are missing, of another build or damaged.
 *
 * Not thread-safe. A module_files owns its images and what it looked at.
 */
#ifndef PROFINJECT_SYMBOLS_MODULE_FILES_H
#define PROFINJECT_SYMBOLS_MODULE_FILES_H

#include "analyzer/symbols/debug_server.h"
#include "analyzer/symbols/dwarf_files.h"
#include "analyzer/symbols/elf_image.h"
#include "analyzer/symbols/looked_paths.h"
#include "analyzer/symbols/mini_debug.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct module_files {
    const char *path;              /* of the mapped file, "[vdso]" for the kernel's */
    struct elf_image image, debug; /* the mapped file; the separate one */
    bool has_image, has_debug;     /* opened and of the right build */
    struct elf_image supplement;   /* that dwz took out of the one with the DWARF */
    struct elf_image package;      /* the split units of the one with the DWARF (.dwp) */
    struct mini_debug mini;        /* the symbol table that a stripped file carries packed */
    bool has_supplement, has_package, has_mini;
    const char *missing_supplement; /* its name, where there is none; NULL: none is needed */
    struct dwarf_files dwarf;       /* what of them is to be read; no image: nothing */
    bool not_served;                /* servers were to be asked, and gave nothing */
    struct problem server;          /* why debuginfod could not be asked; code 0: it could */
    struct looked_paths looked;     /* every path that was tried, found or not; those of workers
                                    * once module_files_judge() was asked */
};

/*
 * Opens what there is. `path` must outlive `files`; `build_id` is the expected one (size
 * 0: unknown), `dirs` are the debug directories (debug_file.h), which must outlive it too. 0 when the mapped file is
 * there and of this build; else a code and `problem`, but a separate debug file of the
 * recorded build-id may be open all the same. Close it in either case. `server` is asked for
 * what is not found on this machine; NULL: none is.
 */
int module_files_open(struct module_files *files, const char *path, const uint8_t *build_id,
                      size_t build_id_size, const char *dirs, struct debug_server *server,
                      struct problem *problem);
void module_files_close(struct module_files *files);

/*
 * What is to be said after `dwarf_result` (of dwarf_worker_resolve(), PROBLEM_NOTHING when
 * there was no DWARF to read) of a module that has at least one file open: 0 when nothing is. Of
 * `count` addresses `lost` stayed without an answer because of damage.
 */
int module_files_judge(struct module_files *files, int dwarf_result, size_t count, size_t lost,
                       struct problem *problem);

#endif
