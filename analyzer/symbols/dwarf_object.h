/*
 * The sections of one ELF file as libdwarf wants to see them, through its interface
 * for objects (Dwarf_Obj_Access_Interface). libdwarf's own reader copies every debug
 * section, and applies relocations that linkers leave in executables (a kernel's
 * add 0.8 s): here sections are mapped, once for all processes that read them, and
 * decompressed when they are first wanted, whatever compression libdwarf knows.
 *
 * For a worker process only (dwarf_worker.h): a file that is cut short while it is
 * mapped brings SIGBUS.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_OBJECT_H
#define PROFINJECT_SYMBOLS_DWARF_OBJECT_H

#include "analyzer/symbols/dwarf_shim.h"
#include "analyzer/symbols/elf_image.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dwarf_object;

/* Maps the file of `image`, which must outlive it. NULL when that cannot be done. */
struct dwarf_object *dwarf_object_new(const struct elf_image *image);

/* A part of a section. */
struct dwarf_slice {
    const char *section;
    uint64_t offset, size;
};

/*
 * One of the files that were put into `whole`, a package (.dwp): of the sections in `slices`
 * the part that is said there, all of .debug_str.dwo, nothing else. `whole` must outlive it.
 * NULL when a slice does not fit.
 */
struct dwarf_object *dwarf_object_new_part(struct dwarf_object *whole,
                                           const struct dwarf_slice *slices, size_t count);

/* With what libdwarf read. The objects of a whole module go with their process instead, see
 * dwarf_symbols_new(). NULL is allowed. */
void dwarf_object_free(struct dwarf_object *object);

/* Opens libdwarf on it, once; it stays the object's. NULL when there is no sound DWARF. */
Dwarf_Debug dwarf_object_debug(struct dwarf_object *object);

/* A section's bytes, decompressed, by the name it has uncompressed (".debug_line").
 * NULL when there is none. */
const uint8_t *dwarf_object_section(struct dwarf_object *object, const char *name, size_t *size);

/*
 * The supplementary file (dwz) that entries and strings of this one refer to; it must
 * outlive it. NULL: none.
 */
void dwarf_object_set_supplement(struct dwarf_object *object, struct dwarf_object *supplement);
struct dwarf_object *dwarf_object_supplement(const struct dwarf_object *object);

/* Unpacks what is compressed and will be read, so that processes that are forked share it. */
void dwarf_object_unpack(struct dwarf_object *object);

#endif
