/*
 * Code that no unwind table describes, as the C runtime's own start and end (_init,
 * _fini, crtstuff): followed to its return where every instruction on the way says
 * plainly what it does to the stack.
 *
 * Reads the code it is given and nothing else. Signal-safe; no state.
 */
#ifndef PROFINJECT_STRAIGHT_CODE_H
#define PROFINJECT_STRAIGHT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRAIGHT_CODE_MAX 96u /* bytes looked at */

struct straight_code {
    int64_t cfa_offset;  /* CFA = stack pointer + this; the return address is below it */
    int64_t fp_distance; /* of the caller's frame pointer below the CFA, 0: not saved */
};

/* True when the `size` bytes at `code`, about to be executed, lead to a return and the
 * result is filled in. Branches that may be taken are not followed: whatever way a
 * function leaves by, the stack is the same. */
bool straight_code_follow_sigsafe(const uint8_t *code, size_t size, struct straight_code *result);

/* True when the call before the return address `code` was made with the frame pointer
 * just cleared: that is how code from which there is no return, as the loader's entry,
 * says so (System V ABI, AMD64, 3.4.1). STRAIGHT_CODE_BEFORE bytes before it are read. */
#define STRAIGHT_CODE_BEFORE 7u
bool straight_code_is_outermost_sigsafe(const uint8_t *code);

#endif
