/*
 * The jitdump format (Linux, tools/perf/Documentation/jitdump-specification.txt), as far as it is
 * needed to take a file in and to read what was taken. Of this machine's byte order alone.
 *
 * Reads a file of somebody else's making by pread() into the caller's memory, and believes
 * nothing in it. No state; not for signal handlers.
 */
#ifndef PROFINJECT_JIT_DUMP_H
#define PROFINJECT_JIT_DUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JIT_DUMP_MAGIC 0x4A695444u
#define JIT_DUMP_ARCH_TIME 1u /* in flags: times are of no clock that we have */

struct jit_dump_header {
    uint32_t magic, version, total_size, machine, padding, pid;
    uint64_t timestamp, flags;
};

struct jit_dump_prefix {
    uint32_t id, total_size;
    uint64_t timestamp;
};

enum jit_dump_id {
    JIT_DUMP_LOAD = 0,
    JIT_DUMP_MOVE = 1,
    JIT_DUMP_DEBUG = 2,
    JIT_DUMP_CLOSE = 3,
};

struct jit_dump_load { /* its name follows, with a null, and the code */
    uint32_t pid, tid;
    uint64_t vma, address, size, index;
};

struct jit_dump_move {
    uint32_t pid, tid;
    uint64_t vma, from, to, size, index;
};

struct jit_dump_debug { /* that many entries follow: address:8 line:4 column:4 name, null */
    uint64_t address, count;
};

#define JIT_DUMP_BLOCK (64u << 10)

/* Where a copy stands. */
struct jit_dump_cut {
    int fd;
    uint64_t at, size; /* in the file: next byte, bytes there are */
    uint8_t *to;
    size_t room, filled;
    uint8_t *block; /* JIT_DUMP_BLOCK bytes */
    bool failed;    /* it is no jitdump from there on */
};

/* Copies whole records, without code, as long as they and `room` last. What is longer than a
 * block without its code, or of a kind that says no names, is passed over. */
void jit_dump_read(struct jit_dump_cut *cut);

/* True of ".../jit-NUMBER.dump". */
bool jit_dump_is_name(const char *path);

#endif
