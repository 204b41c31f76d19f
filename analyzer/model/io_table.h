/*
 * What was read and written, with the time threads were blocked for it.
 */
#ifndef PROFINJECT_MODEL_IO_TABLE_H
#define PROFINJECT_MODEL_IO_TABLE_H

#include "analyzer/model/profile.h"

struct io_row {
    uint32_t object; /* its counts are in the profile */
    uint64_t blocked_ns, waits;
};

struct io_table {
    struct io_row *rows; /* most blocked first, then most bytes */
    size_t count;
};

/* Objects with a descriptor that were read or written, or waited for. */
void io_table_init(struct io_table *table, const struct profile *profile);
void io_table_release(struct io_table *table);

#endif
