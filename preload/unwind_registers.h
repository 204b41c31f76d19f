/*
 * Hard frames by our own hand: every register, one row after the other. Exact,
 * and slow (1-3 us a frame, because no row is kept): for the first meeting with a
 * hard row, until libunwind's states are made, and for machines without libunwind.
 */
#ifndef PROFINJECT_UNWIND_REGISTERS_H
#define PROFINJECT_UNWIND_REGISTERS_H

#include "preload/hard_scratch.h"
#include "preload/platform.h"
#include "preload/stack_memory.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Finds the caller of *registers, the frame `frames - 1` above `context`, and leaves
 * its registers there; *end when there is none. Goes on from where *climb is, or, when
 * no way leads from there to *registers, from these three alone. False, and *registers
 * as before, when a row, a register or a word of memory is missing.
 */
bool unwind_registers_sigsafe(struct register_climb *climb, const ucontext_t *context,
                              uint32_t frames, struct stack_memory *memory,
                              struct registers *registers, bool *end);

#endif
