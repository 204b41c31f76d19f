/*
 * What a row of call frame information gives on a machine: the frame's address
 * and the caller's registers. Signal-safe; no state.
 */
#ifndef PROFINJECT_CFI_STEP_H
#define PROFINJECT_CFI_STEP_H

#include "preload/cfi.h"
#include "preload/cfi_expression.h"

/* The canonical frame address; false when a register or word for it is missing. */
bool cfi_frame_address_sigsafe(const struct cfi_row *row, const struct cfi_machine *machine,
                               uint64_t *cfa);

/* The caller's value of register `number`; false when it is lost or cannot be
 * read. */
bool cfi_caller_register_sigsafe(const struct cfi_row *row, unsigned number, uint64_t cfa,
                                 const struct cfi_machine *machine, uint64_t *value);

#endif
