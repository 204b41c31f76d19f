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
#include "preload/platform.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* DWARF numbers of the registers that matter by name, which is x86-64's. */
enum {
    CFI_REG_RBP = PLATFORM_DWARF_FP,
    CFI_REG_RSP = PLATFORM_DWARF_SP,
    CFI_REG_RIP = PLATFORM_DWARF_RA,
    CFI_REG_COUNT = PLATFORM_DWARF_REGISTERS
};

/* Where the caller's value of a register is. */
enum cfi_place {
    CFI_SAME,             /* unchanged */
    CFI_UNDEFINED,        /* lost; for the return address: the outermost frame */
    CFI_SAVED,            /* in memory at CFA + offset */
    CFI_VALUE,            /* it is CFA + offset */
    CFI_REGISTER,         /* in register number offset */
    CFI_EXPRESSION,       /* in memory where expression number offset says */
    CFI_VALUE_EXPRESSION, /* it is what expression number offset gives */
};

/* One word, because rows are copied on the handler's stack. */
struct cfi_register {
    int64_t offset : 56;
    uint64_t place : 8; /* enum cfi_place */
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
    bool signal_frame; /* augmentation 'S' */
    struct cfi_register registers[CFI_REG_COUNT];
    /* Expressions of registers; too many to keep count as damage. */
    struct cfi_expression expressions[4];
    uint32_t expression_count;
};

/* True when `tables` describe `pc`, and *row is filled. */
bool cfi_row_sigsafe(const struct module_tables *tables, uint64_t pc, struct cfi_row *row);

/* True when an entry of `tables` describes `pc`; *start is where its function, or the
 * part of one, begins. */
bool cfi_function_sigsafe(const struct module_tables *tables, uint64_t pc, uint64_t *start);

/*
 * True when the row's CFA expression is the one linkers write for PLT entries:
 * CFA = rsp + 8 + ((pc & 15) >= *threshold) * 8.
 */
bool cfi_is_plt_sigsafe(const struct cfi_expression *expression, unsigned *threshold);

#endif
