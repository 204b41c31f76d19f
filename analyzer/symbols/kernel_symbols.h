/*
 * Names of the kernel's code, from a list as /proc/kallsyms is one: "address type name
 * [module]" per line, in any order.
 *
 * Owns its names. Not thread-safe while it is made.
 */
#ifndef PROFINJECT_SYMBOLS_KERNEL_SYMBOLS_H
#define PROFINJECT_SYMBOLS_KERNEL_SYMBOLS_H

#include <stddef.h>
#include <stdint.h>

#define KERNEL_SYMBOLS_LIVE "/proc/kallsyms"

struct kernel_symbol {
    uint64_t address;
    const char *name;
};

struct kernel_symbols;

/* Reads the list at `path`, functions only. NULL when there is none, or when the kernel
 * hides its addresses (kernel.kptr_restrict). kernel_symbols_free(). */
struct kernel_symbols *kernel_symbols_new(const char *path);
void kernel_symbols_free(struct kernel_symbols *symbols); /* NULL is allowed */

/* The function that holds `address`, NULL: none. Valid as long as `symbols`. */
const struct kernel_symbol *kernel_symbols_find(const struct kernel_symbols *symbols,
                                                uint64_t address);

#endif
