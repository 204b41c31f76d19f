/*
 * The walk with all registers. Its own file because unwind.c keeps three of them,
 * which is what makes it fast.
 */
#include "preload/unwind_registers.h"

#include "preload/cfi_step.h"
#include "preload/modules.h"

/* The registers of one frame. */
struct register_file {
    uint64_t values[CFI_REG_COUNT];
    uint32_t known; /* bit per register */
    struct stack_memory *memory;
};

static bool get_register_sigsafe(void *context, unsigned number, uint64_t *value)
{
    const struct register_file *file = context;
    if (number >= CFI_REG_COUNT || !(file->known >> number & 1))
        return false;
    *value = file->values[number];
    return true;
}

static bool read_word_sigsafe(void *context, uint64_t address, uint64_t *value)
{
    struct register_file *file = context;
    return stack_memory_read_sigsafe(file->memory, address, value);
}

/* Replaces the frame's registers by its caller's. */
static bool step_sigsafe(struct register_file *file, uint64_t key, bool *end)
{
    const struct cfi_machine machine = {file, get_register_sigsafe, read_word_sigsafe};
    struct module_tables tables;
    struct cfi_row row;
    struct register_file caller = {.memory = file->memory};
    uint64_t cfa;

    if (!modules_find_sigsafe(key, &tables) || !cfi_row_sigsafe(&tables, key, &row))
        return false;
    *end = row.registers[CFI_REG_RIP].place == CFI_UNDEFINED;
    if (*end)
        return true;
    if (row.signal_frame || !cfi_frame_address_sigsafe(&row, &machine, &cfa))
        return false;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++)
        if (cfi_caller_register_sigsafe(&row, i, cfa, &machine, &caller.values[i]))
            caller.known |= 1u << i;
    if (row.registers[CFI_REG_RSP].place == CFI_SAME) {
        caller.values[CFI_REG_RSP] = cfa; /* that is what the CFA is */
        caller.known |= 1u << CFI_REG_RSP;
    }
    *file = caller;
    return caller.known >> CFI_REG_RIP & caller.known >> CFI_REG_RSP & 1;
}

bool unwind_registers_sigsafe(const ucontext_t *context, uint32_t frames,
                              struct stack_memory *memory, struct registers *registers, bool *end)
{
    struct register_file file = {.known = (1u << CFI_REG_COUNT) - 1, .memory = memory};
    for (unsigned i = 0; i < CFI_REG_COUNT; i++)
        file.values[i] = platform_dwarf_register_sigsafe(context, i);

    *end = false;
    for (uint32_t i = 0; i < frames && !*end; i++)
        if (!step_sigsafe(&file, file.values[CFI_REG_RIP] - (i > 0), end))
            return false;
    registers->pc = file.values[CFI_REG_RIP];
    registers->sp = file.values[CFI_REG_RSP];
    registers->fp = file.values[CFI_REG_RBP];
    return true;
}
