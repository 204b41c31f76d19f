/*
 * The symbol table that a stripped file carries compressed (.gnu_debugdata, "MiniDebugInfo",
 * as Fedora ships): an ELF file of its own, packed by xz.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_MINI_DEBUG_H
#define PROFINJECT_SYMBOLS_MINI_DEBUG_H

#include "analyzer/symbols/elf_image.h"

struct mini_debug {
    struct elf_image image; /* in memory: fd is -1 */
    uint8_t *bytes;         /* that it is in */
};

/* Unpacks what `image` carries. 0; PROBLEM_NOTHING when it carries nothing; PROBLEM_DATA when that
 * is damaged or unreasonably large. Nothing is held then. */
int mini_debug_init(struct mini_debug *mini, const struct elf_image *image);
void mini_debug_release(struct mini_debug *mini);

#endif
