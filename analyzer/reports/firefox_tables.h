/*
 * The tables that all threads of a file of the Firefox Profiler share: libraries, functions,
 * frames, stacks, texts. Part of export_firefox.c.
 *
 * Owns its memory. The profile must outlive it.
 */
#ifndef PROFINJECT_REPORTS_FIREFOX_TABLES_H
#define PROFINJECT_REPORTS_FIREFOX_TABLES_H

#include "analyzer/model/locations.h"
#include "analyzer/reports/text_numbers.h"
#include "analyzer/util/json.h"

/* Numbers of categories, in the order of their names. */
enum firefox_category {
    FIREFOX_OTHER,
    FIREFOX_PROGRAM,
    FIREFOX_INLINED,
    FIREFOX_KERNEL,
    FIREFOX_WAITING,
    FIREFOX_CATEGORIES
};

struct firefox_library {
    const char *path, *build_id;
};

struct firefox_function {
    uint32_t name, source; /* texts; FIREFOX_NONE */
    uint32_t library, line;
};

struct firefox_symbol {
    uint32_t library, name;
    uint64_t address; /* lowest of those met: where it starts is not known */
};

#define FIREFOX_NONE UINT32_MAX

struct firefox_tables {
    const struct profile *profile;
    struct locations locations; /* rows of the table of frames */
    struct text_numbers texts, sources;
    struct firefox_library *libraries;
    size_t library_count, library_capacity;
    struct firefox_function *functions;
    size_t function_count, function_capacity;
    struct firefox_symbol *symbols;
    size_t symbol_count, symbol_capacity;
    uint32_t *function_of, *symbol_of; /* by location */
};

void firefox_tables_init(struct firefox_tables *tables, const struct profile *profile);
void firefox_tables_release(struct firefox_tables *tables);

/* Members of the document; `shared` when every text is known: it has the table of them. */
void firefox_tables_write_libraries(struct firefox_tables *tables, struct json *json);
void firefox_tables_write_shared(struct firefox_tables *tables, struct json *json);

/* The row of a stack; the empty one has none: null. */
void firefox_tables_write_stack(struct json *json, const char *key, uint32_t stack);

#endif
