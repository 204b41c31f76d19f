/*
 * From an ELF virtual address to source frames: DWARF by libdwarf where there
 * is any, .symtab and .dynsym otherwise. Every distinct address is asked once,
 * in batches per module, and only compile units that are hit are read.
 *
 * Not thread-safe, and forks: DWARF is read in a child process, so that a damaged
 * or hostile file costs its own symbols, never the run.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOLIZER_H
#define PROFINJECT_SYMBOLS_SYMBOLIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbolizer;

/* One source frame; strings live as long as the symbolizer. */
struct symbol_frame {
    const char *function; /* demangled; NULL when unknown */
    const char *file;     /* NULL when unknown */
    uint32_t line;        /* at the address, or call site for the frames an inlined one sits in */
    uint32_t decl_line;   /* where the function is declared, 0 unknown */
    bool inlined;         /* inlined into the frame that follows */
};

/* One address asked for and what was found: `count` frames, innermost first,
 * the last one is the real (not inlined) function. count 0: nothing known. */
struct symbol_query {
    uint64_t address; /* ELF virtual address; return addresses already less one */
    struct symbol_frame *frames;
    size_t count;
    uint64_t function_start; /* of a function without a name; 0 unknown */
    bool settled;            /* false: debug information that may tell more could not be read */
};

struct dwarf_limits; /* dwarf_crew.h */
struct symbol_archive;

struct symbolizer_options {
    bool inlines;                      /* otherwise real functions alone */
    const char *debug_dirs;            /* looked at for separate debug information before
                             * DEBUG_FILE_DIRS; ':' between directories; NULL: none */
    const struct dwarf_limits *limits; /* of processes that read DWARF; NULL: dwarf_worker_limits */
    bool cache;      /* keep answers on disk and use those kept (symbol_cache.h) */
    bool debuginfod; /* ask servers for what is not on this machine (debug_server.h) */
    const struct symbol_archive *archive; /* asked before files; NULL: none */
    struct symbol_archive *collect;       /* takes every answer in; NULL: nobody wants them */
};

/* Copies what `options` points to but the archives, which must outlive it. */
struct symbolizer *symbolizer_new(const struct symbolizer_options *options);
void symbolizer_free(struct symbolizer *symbolizer); /* NULL is allowed; frees all frames */

/*
 * Resolves `count` addresses of one module, sorting `queries` by address.
 * `path` is the mapped file ("[vdso]" reads the running kernel's),
 * `build_id` its expected build-id (size 0: unknown): a file of another build
 * is refused, never used for wrong names. Separate debug information is found
 * by build-id and by link. Where no name is known, the module's unwind
 * information tells at least where the function starts.
 * Returns NULL, or a line that says why symbols are missing (file gone, other
 * build-id, stripped, damaged); the line lives as long as the symbolizer.
 */
const char *symbolizer_resolve(struct symbolizer *symbolizer, const char *path,
                               const uint8_t *build_id, size_t build_id_size,
                               struct symbol_query *queries, size_t count);

/*
 * The same for a module without a build-id, known by its path in the archive of that number (of
 * symbolizer_options.archive). Files of this machine are not asked: they may be any.
 */
const char *symbolizer_resolve_archived(struct symbolizer *symbolizer, const char *path,
                                        unsigned archive, struct symbol_query *queries,
                                        size_t count);

#endif
