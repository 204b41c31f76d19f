/*
 * Which rows of a line table took their file number by default.
 *
 * A DWARF 5 sequence starts with file 1, but libdwarf before 0.5 starts it with
 * file 0 (davea42/libdwarf-code#137), and its rows do not tell a 0 that was set
 * from one that was not. gcc relies on the default in every unit, so the program
 * is read a second time, for its DW_LNS_set_file alone.
 */
#ifndef PROFINJECT_SYMBOLS_LINE_PROGRAM_H
#define PROFINJECT_SYMBOLS_LINE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the line program at `offset` of .debug_line (little-endian). by_default[i]
 * becomes true when no file was set before row i of its sequence; rows beyond
 * `row_count` and beyond damage are left as they are.
 */
void line_program_find_defaults(const uint8_t *section, size_t size, uint64_t offset,
                                bool *by_default, size_t row_count);

#endif
