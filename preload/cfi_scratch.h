/*
 * Rows for the interpreter of call frame information to work with: a handler's
 * stack, which may be an alternate one of 8 KiB, has no room for them.
 *
 * Taken and given back within one call, by any thread, in handlers too: lock-free,
 * no allocation. A handler is interrupted by nothing that could come here again.
 */
#ifndef PROFINJECT_CFI_SCRATCH_H
#define PROFINJECT_CFI_SCRATCH_H

#include "preload/cfi.h"

#define CFI_SCRATCH_STATES 4 /* nested DW_CFA_remember_state */

struct cfi_scratch {
    struct cfi_row initial;
    struct cfi_row remembered[CFI_SCRATCH_STATES];
    struct cfi_row row; /* for who asks for one */
};

/* NULL when all are taken: that many threads would have to be at it at once. */
struct cfi_scratch *cfi_scratch_take_sigsafe(void);
void cfi_scratch_give_back_sigsafe(struct cfi_scratch *scratch);

/* In a fork child: those who had taken one are not there. */
void cfi_scratch_fork_child(void);

#endif
