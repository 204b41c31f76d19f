/*
 * Lines of addresses: runs the program of one line table (DWARF 2 to 5, 6.2.5) for a few
 * addresses. Rows are not kept: of a large unit there are a million, of which some
 * addresses hit one each; libdwarf allocates every row, which was a third of the time of
 * all symbolisation.
 */
#ifndef PROFINJECT_SYMBOLS_LINE_PROGRAM_H
#define PROFINJECT_SYMBOLS_LINE_PROGRAM_H

#include "analyzer/symbols/line_header.h"

/* An address and what the table says about it. */
struct line_place {
    uint64_t address;
    uint64_t file; /* as a number of the table's files */
    uint32_t line; /* 0: code of no line */
    bool found;
};

/*
 * Fills those of the sorted `places` that the table has. What begins below `code_start`
 * was discarded by the linker. Of overlapping sequences the first one counts. Damage
 * ends the reading. Files the program defines are added to `header`.
 */
void line_program_find(struct line_header *header, uint64_t code_start, struct line_place *places,
                       size_t count);

#endif
