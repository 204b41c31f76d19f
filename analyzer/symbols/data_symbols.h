/*
 * Names of data: which variable of a module an address lies in, from .symtab and .dynsym. For
 * locks, of which nothing but the address is known.
 *
 * Forks nothing, reads no DWARF. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_DATA_SYMBOLS_H
#define PROFINJECT_SYMBOLS_DATA_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An address asked for and what was found. */
struct data_query {
    uint64_t address; /* ELF virtual address */
    uint32_t number;  /* the caller's */
    bool inside;      /* the module has memory there */
    char *name;       /* "dict_lock", "table+0x40", demangled; NULL: unknown; free() */
};

/* Answers `count` queries about the file `path` if it has that build-id (size 0: any), sorting them
 * by address. `debug_dirs` are looked at for separate debug files before the usual ones (NULL: none).
 * False where it is gone, is another one or is damaged: nothing is known then. */
bool data_symbols_resolve(const char *path, const uint8_t *build_id, size_t build_id_size,
                          const char *debug_dirs, struct data_query *queries, size_t count);

#endif
