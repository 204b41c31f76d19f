/*
 * libunwind's part: frames whose row of call frame information is more than a
 * simple rule, and with --unwinder libunwind every frame. libunwind is loaded by
 * dlopen(RTLD_LOCAL) and never linked: in the global scope it would take over the
 * target's C++ exceptions (26 us a throw instead of 0.9).
 *
 * Its unw_step is forbidden in handlers (locks, loader lock, pipes). What is used
 * is its register states: made by hard_states_make() in the servant's ordinary
 * context, applied in the handler without a system call.
 */
#ifndef PROFINJECT_UNWIND_LIBUNWIND_H
#define PROFINJECT_UNWIND_LIBUNWIND_H

#include "preload/hard_scratch.h"
#include "preload/platform.h"
#include "preload/stack_memory.h"

#define UNW_LOCAL_ONLY
#include <libunwind.h>
#include <stdbool.h>
#include <stdint.h>

/* What is used of it; all NULL while it is not there. */
struct libunwind_calls {
    int (*init_local2)(unw_cursor_t *, unw_context_t *, int);
    int (*get_reg)(unw_cursor_t *, int, unw_word_t *);
    int (*apply_reg_state)(unw_cursor_t *, void *);
    int (*reg_states_iterate)(unw_cursor_t *, unw_reg_states_callback, void *);
};
extern struct libunwind_calls libunwind_calls __attribute__((visibility("hidden")));

/* Loads libunwind.so.8; false when it is not there: hard frames then take longer
 * (unwind_registers.h). Constructor only. */
bool libunwind_init(void);
bool libunwind_is_there(void);

/*
 * Finds the caller of *registers, the frame `frames - 1` above `context`, and leaves
 * its registers there; *end when there is none. Goes on from where *climb is. False,
 * and *registers as before, when a state on the way is still missing (it is then
 * asked for: the servant is woken, the only system call), memory does not bear it
 * out, or the way does not lead past *registers.
 */
bool unwind_libunwind_sigsafe(struct state_climb *climb, const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end);

#endif
