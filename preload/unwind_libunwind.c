/*
 * Register states of libunwind, applied. Its own file because it is the only
 * unwinding that can be absent.
 */
#include "preload/unwind_libunwind.h"

#include "preload/cfi_step.h"
#include "preload/hard_states.h"

#include <dlfcn.h>

struct libunwind_calls libunwind_calls;
static bool present;

_Static_assert(sizeof(unw_cursor_t) <= sizeof(((struct state_climb *)0)->cursor),
               "scratch is too small");

bool libunwind_init(void)
{
    void *library = dlopen("libunwind.so.8", RTLD_NOW | RTLD_LOCAL);
    struct libunwind_calls *calls = &libunwind_calls;
    if (!library)
        return false;
    *(void **)&calls->init_local2 = dlsym(library, PLATFORM_LIBUNWIND_PREFIX "init_local2");
    *(void **)&calls->get_reg = dlsym(library, PLATFORM_LIBUNWIND_PREFIX "get_reg");
    *(void **)&calls->apply_reg_state = dlsym(library, PLATFORM_LIBUNWIND_PREFIX "apply_reg_state");
    *(void **)&calls->reg_states_iterate =
        dlsym(library, PLATFORM_LIBUNWIND_PREFIX "reg_states_iterate");
    present =
        calls->init_local2 && calls->get_reg && calls->apply_reg_state && calls->reg_states_iterate;
    return present;
}

bool libunwind_is_there(void)
{
    return present;
}

/* What the checks before each step read from. */
struct checker {
    unw_cursor_t *cursor;
    struct stack_memory *memory;
};

static bool get_register_sigsafe(void *context, unsigned number, uint64_t *value)
{
    struct checker *checker = context;
    unw_word_t word = 0;
    /* libunwind numbers the general registers as DWARF does. */
    bool found =
        number < CFI_REG_COUNT && libunwind_calls.get_reg(checker->cursor, (int)number, &word) == 0;
    *value = word;
    return found;
}

static bool read_word_sigsafe(void *context, uint64_t address, uint64_t *value)
{
    struct checker *checker = context;
    return stack_memory_read_sigsafe(checker->memory, address, value);
}

/* True when everything libunwind will read for this row can be read. */
static bool row_is_readable_sigsafe(const struct cfi_row *row, struct checker *checker)
{
    const struct cfi_machine machine = {checker, get_register_sigsafe, read_word_sigsafe};
    uint64_t cfa, value;
    if (!cfi_frame_address_sigsafe(row, &machine, &cfa))
        return false;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++) {
        enum cfi_place place = row->registers[i].place;
        if (place != CFI_SAME && place != CFI_UNDEFINED &&
            !cfi_caller_register_sigsafe(row, i, cfa, &machine, &value))
            return false;
    }
    return true;
}

/* The registers of the frame the climb stands at. */
static bool registers_sigsafe(struct checker *checker, struct registers *registers)
{
    return get_register_sigsafe(checker, CFI_REG_RIP, &registers->pc) &&
           get_register_sigsafe(checker, CFI_REG_RSP, &registers->sp) &&
           get_register_sigsafe(checker, CFI_REG_RBP, &registers->fp);
}

static bool step_sigsafe(struct climb *climb, struct checker *checker)
{
    uint64_t pc;
    if (!get_register_sigsafe(checker, CFI_REG_RIP, &pc))
        return false;
    const struct hard_state *state = hard_states_find_sigsafe(pc - (climb->frames > 0));
    if (!state || !row_is_readable_sigsafe(&state->row, checker))
        return false;
    int status =
        libunwind_calls.apply_reg_state(checker->cursor, hard_state_registers_sigsafe(state));
    climb->end = status == 0;
    climb->frames += status > 0;
    if (status < 0)
        climb->context = NULL; /* it may stand anywhere */
    return status >= 0;
}

static bool climb_sigsafe(struct climb *climb, struct checker *checker, const ucontext_t *context,
                          uint32_t frames, const struct registers *from)
{
    struct registers at;
    /* The first call ever initialises libunwind, which is nothing for a handler: that was the
     * making of states, or there would be none. */
    if (!hard_states_any_sigsafe(platform_registers_sigsafe(context).pc))
        return false;
    if (climb->context != context || climb->frames >= frames) {
        *climb = (struct climb){.context = NULL};
        if (libunwind_calls.init_local2(checker->cursor, (unw_context_t *)context,
                                        UNW_INIT_SIGNAL_FRAME) != 0)
            return false;
        climb->context = context;
    }
    while (climb->frames + 1 < frames && !climb->end)
        if (!step_sigsafe(climb, checker))
            return false;
    return !climb->end && registers_sigsafe(checker, &at) && at.pc == from->pc &&
           at.sp == from->sp && step_sigsafe(climb, checker);
}

bool unwind_libunwind_sigsafe(struct state_climb *climb, const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end)
{
    struct checker checker = {(unw_cursor_t *)climb->cursor, memory};
    if (!present)
        return false;
    hard_states_enter_sigsafe();
    bool found = climb_sigsafe(&climb->climb, &checker, context, frames, registers);
    hard_states_leave_sigsafe();
    if (!found)
        return false;
    *end = climb->climb.end;
    return *end || registers_sigsafe(&checker, registers);
}
