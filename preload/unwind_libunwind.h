/*
 * Hard frames, by libunwind: register-based frame addresses, expressions,
 * hand-written assembly. libunwind is loaded with dlopen into a scope of its own,
 * because its _Unwind_* symbols in the global scope would take over the target's
 * C++ exceptions (26 us a throw instead of 0.9).
 *
 * Its unw_step is forbidden in handlers (locks, loader lock, pipes). What is used
 * is its register states: made by hard_states_make() in the servant's ordinary
 * context, applied in the handler without a system call.
 */
#ifndef PROFINJECT_UNWIND_LIBUNWIND_H
#define PROFINJECT_UNWIND_LIBUNWIND_H

#include "preload/platform.h"
#include "preload/stack_memory.h"

#include <stdbool.h>
#include <stdint.h>

/* Loads libunwind.so.8; false when it is not there: hard frames then take longer
 * (unwind_registers.h). Constructor only. */
bool hard_frames_init(void);

/* "libunwind.so.8", or "absent". */
const char *hard_frames_provider(void);

/*
 * Walks `frames` frames up from `context` by register states and leaves the
 * registers of the frame there in *registers; *end when there is none. False when
 * a state on the way is still missing (it is then asked for: the servant is woken,
 * the only system call) or memory does not bear it out.
 */
bool hard_frames_step_sigsafe(struct walk *walk, const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end);

/* Makes the states handlers asked for. Servant only: libunwind takes locks, opens
 * descriptors and reads the loader's list here. */
void hard_states_make(void);

/* True when a handler asked for states since the last hard_states_make(). */
bool hard_states_wanted(void);

/* Forgets all states: modules went away. */
void hard_states_forget(void);

#endif
