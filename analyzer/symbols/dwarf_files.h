/*
 * The files that together hold one module's DWARF: what a worker is given to read. Only
 * the first is always there. Own header because both who opens them (module_files.h) and
 * who reads them (dwarf_symbols.h) know it.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_FILES_H
#define PROFINJECT_SYMBOLS_DWARF_FILES_H

#include "analyzer/symbols/dwarf_notes.h"
#include "analyzer/symbols/elf_image.h"

/* Owns nothing. */
struct dwarf_files {
    const struct elf_image *image;      /* has .debug_info, perhaps only skeletons of split units */
    const char *path;                   /* of the module: .dwo files may lie beside it */
    const struct elf_image *supplement; /* what dwz took out of several files; NULL: none */
    const struct elf_image *package;    /* all split units in one file (.dwp); NULL: none */
    const char *debug_dirs;             /* where .dwo files may be as well (debug_file.h) */
    struct dwarf_notes *notes;          /* what the worker has to tell besides answers */
};

#endif
