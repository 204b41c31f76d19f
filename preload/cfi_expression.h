/*
 * Evaluates the DWARF expressions of call frame information before libunwind
 * does, because libunwind reads whatever address comes out. Signal-safe; no state.
 */
#ifndef PROFINJECT_CFI_EXPRESSION_H
#define PROFINJECT_CFI_EXPRESSION_H

#include "preload/cfi.h"

/* Where values come from; both return false when there is none. */
struct cfi_machine {
    void *context;
    bool (*get_register)(void *context, unsigned number, uint64_t *value);
    bool (*read_word)(void *context, uint64_t address, uint64_t *value);
};

/*
 * Evaluates `expression` with `initial` on the stack (the CFA, for saved
 * registers). False for operations compilers and assemblers do not use here, and
 * when a register or word is missing.
 */
bool cfi_evaluate_sigsafe(const struct cfi_expression *expression, uint64_t initial,
                          const struct cfi_machine *machine, uint64_t *result);

#endif
