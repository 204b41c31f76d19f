/*
 * The large anonymous mappings that are there: what makes it cheap to know that memory
 * about to be unmapped is part of one, and what is asked for how much of it is resident.
 *
 * Lock-free and signal-safe. A range is put in after it was mapped and cut out before it
 * is unmapped, so no two threads ever mean the same bytes. Where there is no room ranges
 * are left out, and all that is not there may be part of one.
 */
#ifndef PROFINJECT_MAPPING_TABLE_H
#define PROFINJECT_MAPPING_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAPPING_TABLE_SIZE 512u

/* Whose memory it is. */
enum mapping_owner {
    MAPPING_PROGRAM,
    MAPPING_SHARED,    /* the program's, and its children's */
    MAPPING_ALLOCATOR, /* made by the allocator behind the hooks: the heap is in it */
};

struct mapping {
    uint64_t start, length; /* bytes */
    enum mapping_owner owner;
    bool told; /* the trace has it, and is to have its end */
};

/* Joins it to one beside it that is likewise. False when there is no room. */
bool mapping_table_put_sigsafe(const struct mapping *mapping);

/* True when a byte of the range may be in a mapping. */
bool mapping_table_touches_sigsafe(uint64_t start, uint64_t length);

/* Takes the range out of all mappings, splitting them where need be. True when it may have
 * been part of one that was told. */
bool mapping_table_cut_sigsafe(uint64_t start, uint64_t length);

/* All that is there now is whose. Constructor only. */
void mapping_table_assign(enum mapping_owner owner);

/* Copies up to `most` of them; returns how many. Others may come and go meanwhile. */
size_t mapping_table_copy(struct mapping *to, size_t most);

/* In a fork child: it has all of them too, but its trace none. */
void mapping_table_inherit(void);

/* Forgets all. */
void mapping_table_forget(void);

#endif
