/*
 * Applying a row. Its own file because both ways over hard frames, libunwind's
 * and our own, have to know the same beforehand.
 */
#include "preload/cfi_step.h"

bool cfi_frame_address_sigsafe(const struct cfi_row *row, const struct cfi_machine *machine,
                               uint64_t *cfa)
{
    if (row->cfa_by_expression)
        return cfi_evaluate_sigsafe(&row->cfa_expression, 0, machine, cfa);
    if (!machine->get_register(machine->context, row->cfa_register, cfa))
        return false;
    *cfa += (uint64_t)row->cfa_offset;
    return true;
}

bool cfi_caller_register_sigsafe(const struct cfi_row *row, unsigned number, uint64_t cfa,
                                 const struct cfi_machine *machine, uint64_t *value)
{
    const struct cfi_register from = row->registers[number];
    uint64_t address;

    switch ((enum cfi_place)from.place) {
    case CFI_SAME:
        return machine->get_register(machine->context, number, value);
    case CFI_SAVED:
        return machine->read_word(machine->context, cfa + (uint64_t)from.offset, value);
    case CFI_VALUE:
        *value = cfa + (uint64_t)from.offset;
        return true;
    case CFI_REGISTER:
        return machine->get_register(machine->context, (unsigned)from.offset, value);
    case CFI_EXPRESSION:
        return cfi_evaluate_sigsafe(&row->expressions[from.offset], cfa, machine, &address) &&
               machine->read_word(machine->context, address, value);
    case CFI_VALUE_EXPRESSION:
        return cfi_evaluate_sigsafe(&row->expressions[from.offset], cfa, machine, value);
    case CFI_UNDEFINED:
        break;
    }
    return false;
}
