/*
 * The walk with all registers. Its own file because unwind.c keeps three of them,
 * which is what makes it fast.
 */
#include "preload/unwind_registers.h"

#include "preload/cfi_step.h"
#include "preload/modules.h"

#include <string.h>

struct reader {
    const struct register_climb *climb;
    struct stack_memory *memory;
};

static bool get_register_sigsafe(void *context, unsigned number, uint64_t *value)
{
    const struct register_climb *climb = ((const struct reader *)context)->climb;
    if (number >= CFI_REG_COUNT || !(climb->known >> number & 1))
        return false;
    *value = climb->values[number];
    return true;
}

static bool read_word_sigsafe(void *context, uint64_t address, uint64_t *value)
{
    return stack_memory_read_sigsafe(((struct reader *)context)->memory, address, value);
}

static void start_sigsafe(struct register_climb *climb, const ucontext_t *context)
{
    climb->climb = (struct climb){.context = context};
    climb->known = (1u << CFI_REG_COUNT) - 1;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++)
        climb->values[i] = platform_dwarf_register_sigsafe(context, i);
}

/* Replaces the frame's registers by its caller's; leaves them when it cannot. */
static bool step_sigsafe(struct register_climb *climb, struct stack_memory *memory)
{
    struct reader reader = {climb, memory};
    const struct cfi_machine machine = {&reader, get_register_sigsafe, read_word_sigsafe};
    const struct cfi_row *row = &climb->row;
    uint64_t key = climb->values[CFI_REG_RIP] - (climb->climb.frames > 0);
    struct module_tables tables;
    uint32_t known = 0;
    uint64_t cfa;

    if (!modules_find_sigsafe(key, &tables) || !cfi_row_sigsafe(&tables, key, &climb->row))
        return false;
    climb->climb.end = row->registers[CFI_REG_RIP].place == CFI_UNDEFINED;
    if (climb->climb.end)
        return true;
    if (row->signal_frame || !cfi_frame_address_sigsafe(row, &machine, &cfa))
        return false;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++)
        if (cfi_caller_register_sigsafe(row, i, cfa, &machine, &climb->callers[i]))
            known |= 1u << i;
    if (row->registers[CFI_REG_RSP].place == CFI_SAME) {
        climb->callers[CFI_REG_RSP] = cfa; /* that is what the CFA is */
        known |= 1u << CFI_REG_RSP;
    }
    if (!(known >> CFI_REG_RIP & known >> CFI_REG_RSP & 1))
        return false;
    memcpy(climb->values, climb->callers, sizeof climb->values);
    climb->known = known;
    climb->climb.frames++;
    return true;
}

/* True when the climb stands at the frame with these registers. */
static bool is_at_sigsafe(const struct register_climb *climb, const struct registers *registers)
{
    return climb->values[CFI_REG_RIP] == registers->pc &&
           climb->values[CFI_REG_RSP] == registers->sp;
}

/* Climbs to the frame with these registers. False when the way there leads through code
 * that no table describes, or elsewhere. */
static bool reach_sigsafe(struct register_climb *climb, const ucontext_t *context, uint32_t frames,
                          struct stack_memory *memory, const struct registers *registers)
{
    if (climb->climb.context != context || climb->climb.frames >= frames)
        start_sigsafe(climb, context);
    while (climb->climb.frames + 1 < frames && !climb->climb.end)
        if (!step_sigsafe(climb, memory))
            return false;
    return !climb->climb.end && is_at_sigsafe(climb, registers);
}

/* Starts at that frame, with the registers that are known whichever way it was found. */
static void start_at_sigsafe(struct register_climb *climb, const ucontext_t *context,
                             uint32_t frames, const struct registers *registers)
{
    climb->climb = (struct climb){.context = context, .frames = frames - 1};
    climb->known = 1u << CFI_REG_RIP | 1u << CFI_REG_RSP | 1u << CFI_REG_RBP;
    climb->values[CFI_REG_RIP] = registers->pc;
    climb->values[CFI_REG_RSP] = registers->sp;
    climb->values[CFI_REG_RBP] = registers->fp;
}

bool unwind_registers_sigsafe(struct register_climb *climb, const ucontext_t *context,
                              uint32_t frames, struct stack_memory *memory,
                              struct registers *registers, bool *end)
{
    if (!reach_sigsafe(climb, context, frames, memory, registers))
        start_at_sigsafe(climb, context, frames, registers);
    if (!step_sigsafe(climb, memory))
        return false;
    *end = climb->climb.end;
    if (*end)
        return true;
    registers->pc = climb->values[CFI_REG_RIP];
    registers->sp = climb->values[CFI_REG_RSP];
    /* What nobody knows is no frame pointer either. */
    registers->fp = climb->known >> CFI_REG_RBP & 1 ? climb->values[CFI_REG_RBP] : registers->fp;
    return true;
}
