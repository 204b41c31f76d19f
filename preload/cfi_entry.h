/*
 * The entry of a module's .eh_frame that describes a function, taken apart as far as
 * its instructions. (Linux Standard Base, "Exception Frames".) Every access is checked
 * against the module's bounds. Signal-safe; no state.
 */
#ifndef PROFINJECT_CFI_ENTRY_H
#define PROFINJECT_CFI_ENTRY_H

#include "preload/modules.h"
#include "preload/table_cursor.h"

#include <stdbool.h>
#include <stdint.h>

/* What a frame description entry and its common part say. */
struct cfi_entry {
    uint64_t start, end;              /* pcs described */
    struct cursor initial_code, code; /* instructions of CIE and FDE */
    uint64_t code_factor;
    int64_t data_factor;
    uint8_t encoding;
    bool has_augmentation, signal_frame;
};

/* False when `tables` have none for `pc`, or it is damaged. */
bool cfi_entry_find_sigsafe(const struct module_tables *tables, uint64_t pc,
                            struct cfi_entry *entry);

#endif
