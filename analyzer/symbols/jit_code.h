/*
 * Code that a runtime made: which name an address had at which moment. Filled from perf maps
 * (perf_map.h) and jitdumps (jit_reader.h) in the order of their files: what is named later takes
 * the place of what it overlaps, from its time on.
 *
 * Owns its arrays; memory grows with what the files hold. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_JIT_CODE_H
#define PROFINJECT_SYMBOLS_JIT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JIT_CODE_NONE UINT32_MAX

/* From `offset` into the code on. */
struct jit_line {
    uint32_t offset, line;
    const char *file; /* the caller's, who keeps it */
};

struct jit_entry {
    uint64_t start, end;
    uint64_t from_ns;
    uint64_t name; /* where in `text`, a NUL behind it */
    size_t first_line, line_count;
};

struct jit_code {
    struct jit_entry *entries; /* in the order they came */
    size_t count, capacity;
    char *text;
    size_t text_size, text_capacity;
    struct jit_line *lines;
    size_t line_count, line_capacity;
    uint32_t *order; /* entries by start */
    uint64_t *reach; /* the greatest end in a range of them */
    bool sorted;     /* order and reach are up to date */
};

/* An owner of an address, and the time for which that is the answer: [from_ns, until_ns). */
struct jit_owner {
    uint32_t entry;
    uint64_t from_ns, until_ns;
};

struct jit_code *jit_code_new(void);
void jit_code_free(struct jit_code *code); /* NULL is allowed */

/* Adds the code at [start, start + size), named so from `from_ns` on; returns its number,
 * JIT_CODE_NONE for what cannot be code of a process. */
uint32_t jit_code_add(struct jit_code *code, uint64_t start, uint64_t size, uint64_t from_ns,
                      const char *name, size_t name_size);

/* Adds a line to the entry that was added last; in order of offsets. */
void jit_code_add_line(struct jit_code *code, const struct jit_line *line);

/* `entry` is at `start` as well from that time on. */
void jit_code_move(struct jit_code *code, uint32_t entry, uint64_t start, uint64_t time_ns);

/* Who has `pc` at that moment; before the first one that one (of several told together the last):
 * files tell a little late. False when nobody ever has. */
bool jit_code_find(struct jit_code *code, uint64_t pc, uint64_t time_ns, struct jit_owner *owner);

/* The name of an entry; the line at `pc` in it, NULL when it is not known. */
const char *jit_code_name(const struct jit_code *code, uint32_t entry);
uint32_t jit_code_first_line(const struct jit_code *code, uint32_t entry); /* 0: not known */
const struct jit_line *jit_code_line(const struct jit_code *code, uint32_t entry, uint64_t pc);

#endif
