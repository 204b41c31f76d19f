/*
 * Hard frames by our own hand: every register, one row after the other. Exact,
 * and slow (1-3 us a frame, because no row is kept): for the first meeting with a
 * hard row, until libunwind's states are made, and for machines without libunwind.
 */
#ifndef PROFINJECT_UNWIND_REGISTERS_H
#define PROFINJECT_UNWIND_REGISTERS_H

#include "preload/platform.h"
#include "preload/stack_memory.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Walks `frames` frames up from `context` and leaves the registers of the frame
 * there in *registers; *end when there is none. False when a row or a word of
 * memory on the way is missing.
 */
bool unwind_registers_sigsafe(const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end);

#endif
