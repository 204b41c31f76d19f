/*
 * Call frame information: the row of a module's .eh_frame that holds at a pc.
 * (DWARF 5, section 6.4; Linux Standard Base, "Exception Frames".)
 *
 * Reads mapped tables of loaded modules only, every access checked against their
 * bounds: damaged tables give CFI_NONE, never a fault. No state, no allocation.
 */
#ifndef PROFINJECT_CFI_H
#define PROFINJECT_CFI_H

#include "preload/modules.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF numbers of the x86-64 registers that matter by name. */
enum { CFI_REG_RBP = 6, CFI_REG_RSP = 7, CFI_REG_RIP = 16, CFI_REG_COUNT = 17 };

enum cfi_place {
    CFI_SAME,      /* unchanged */
    CFI_UNDEFINED, /* lost; for the return address: the outermost frame */
    CFI_SAVED,     /* at CFA + offset */
    CFI_OTHER,     /* in another register or by an expression */
};

struct cfi_expression {
    const uint8_t *bytes; /* in the module's table */
    size_t size;
};

struct cfi_row {
    uint64_t start, end; /* pcs the row holds for */
    bool cfa_by_expression;
    uint32_t cfa_register;
    int64_t cfa_offset;
    struct cfi_expression cfa_expression;
    enum cfi_place rbp, ra;
    int64_t rbp_offset, ra_offset; /* from the CFA, for CFI_SAVED */
    bool signal_frame;             /* augmentation 'S' */
    /* Expressions that tell where registers are saved; too many to keep count
     * as damage. */
    struct cfi_expression saved[4];
    uint32_t saved_count;
};

/* True when `tables` describe `pc`, and *row is filled. */
bool cfi_row_sigsafe(const struct module_tables *tables, uint64_t pc, struct cfi_row *row);

/*
 * True when the row's CFA expression is the one linkers write for PLT entries:
 * CFA = rsp + 8 + ((pc & 15) >= *threshold) * 8.
 */
bool cfi_is_plt_sigsafe(const struct cfi_expression *expression, unsigned *threshold);

#endif
