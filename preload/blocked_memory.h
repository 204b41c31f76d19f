/*
 * Words of this process's memory, copied through /proc/self/mem a window at a time:
 * a walk up a stack takes a system call per 16 KiB. A page that is not there is an
 * error code. Not for signal handlers; one user at a time per structure.
 */
#ifndef PROFINJECT_BLOCKED_MEMORY_H
#define PROFINJECT_BLOCKED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKED_WINDOW (16u << 10)

struct blocked_memory {
    int fd;              /* of /proc/self/mem */
    uint64_t start, end; /* what `bytes` holds of it */
    uint8_t bytes[BLOCKED_WINDOW];
};

void blocked_memory_init(struct blocked_memory *memory, int fd);

/* Reads the aligned word at `address`; false when it is not there. */
bool blocked_memory_word(struct blocked_memory *memory, uint64_t address, uint64_t *word);

/* Reads code or data anywhere, beside the window; false unless all of it is there. */
bool blocked_memory_bytes(const struct blocked_memory *memory, uint64_t address, void *bytes,
                          size_t size);

#endif
