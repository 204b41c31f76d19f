/*
 * Jitdumps as a trace has them (TRACE_CODE_NAMES): records without code, in pieces that hold whole
 * ones. Bounds-checked: the file is of somebody else's making.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_JIT_READER_H
#define PROFINJECT_SYMBOLS_JIT_READER_H

#include "analyzer/symbols/jit_code.h"
#include "analyzer/util/strings.h"

struct jit_reader {
    struct jit_code *code;   /* the caller's, as the strings */
    struct strings *strings; /* files' names */
    struct key_table *indexes;
    bool timeless; /* its times are of no clock of ours */
    /* Lines of the code that comes next. */
    uint64_t lines_address;
    struct jit_line *lines;
    size_t line_count, line_capacity;
    uint64_t names, unreadable;
};

void jit_reader_init(struct jit_reader *reader, struct jit_code *code, struct strings *strings);
void jit_reader_release(struct jit_reader *reader);

/* Takes in a piece; `is_start`: the file's header comes first. */
void jit_reader_feed(struct jit_reader *reader, const uint8_t *bytes, size_t size, bool is_start);

#endif
