/*
 * The head of one line table of .debug_line (DWARF 2 to 5, 6.2.4): how its program is to
 * be read, and its directories and files. Own reader because libdwarf's makes an object
 * of every row (line_program.h).
 *
 * Reads what may be damaged, never beyond it. Texts belong to the sections.
 */
#ifndef PROFINJECT_SYMBOLS_LINE_HEADER_H
#define PROFINJECT_SYMBOLS_LINE_HEADER_H

#include "analyzer/symbols/byte_cursor.h"

struct section_bytes {
    const uint8_t *bytes; /* NULL: there is none */
    size_t size;
};

/* What a table refers to. */
struct line_sections {
    struct section_bytes lines, line_texts, texts; /* .debug_line, .debug_line_str, .debug_str */
};

struct line_file {
    const char *name; /* "" when it is not to be had */
    uint64_t directory;
};

struct line_header {
    unsigned version;
    bool wide; /* 64-bit DWARF */
    uint8_t instruction_size, operations;
    int8_t line_base;
    uint8_t line_range;
    uint8_t opcode_base;           /* at least 1 */
    const uint8_t *operand_counts; /* of standard opcodes, from opcode 1 */
    struct byte_cursor program;
    const char **directories; /* the first is number 0 in DWARF 5, 1 before */
    struct line_file *files;  /* likewise */
    size_t directory_count, directory_capacity, file_count, file_capacity;
};

/* Reads the head at `offset`. False when it is damaged; release it in either case. */
bool line_header_init(struct line_header *header, const struct line_sections *sections,
                      uint64_t offset);
void line_header_release(struct line_header *header);

/* Adds a file, as programs before DWARF 5 may do. */
void line_header_add_file(struct line_header *header, const char *name, uint64_t directory);

/* The file of a number as programs use it; NULL when there is none. */
const struct line_file *line_header_file(const struct line_header *header, uint64_t number);

/* The directory of a file; NULL when there is none: number 0 was not listed before DWARF 5. */
const char *line_header_directory(const struct line_header *header, uint64_t number);

#endif
