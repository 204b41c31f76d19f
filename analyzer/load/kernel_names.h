/*
 * Names for frames of the kernel: kept beside the traces by `record`, because they are
 * gone with the next boot, or asked of the running kernel where it is still the one.
 *
 * A recording's file RECORDING/kernel.symbols has the lines of /proc/kallsyms that its
 * traces need. Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_KERNEL_NAMES_H
#define PROFINJECT_LOAD_KERNEL_NAMES_H

#include "analyzer/load/sources.h"
#include "analyzer/symbols/kernel_symbols.h"

#include <stdbool.h>
#include <stdint.h>

#define KERNEL_NAMES_FILE "kernel.symbols"
#define KERNEL_NAMES_IMAGE "[kernel]"

static inline bool kernel_names_is_kernel(uint64_t address)
{
    return address >> 63 != 0;
}

/* The names for traces of `sources` that were made under the boot `boot_id` (its text, of
 * `size` bytes); NULL: none. Freed by kernel_symbols_free(). */
struct kernel_symbols *kernel_names_for(const struct sources *sources, const void *boot_id,
                                        size_t size);

/* Writes the file for the recording at `path`, when its traces hold frames of the kernel
 * and the kernel tells its names. False when it could not be written. */
bool kernel_names_keep(const char *path);

#endif
