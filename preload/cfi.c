/*
 * Interpreting .eh_frame for one pc. Its own file because it knows DWARF and
 * nothing of stacks.
 */
#include "preload/cfi.h"

#include "preload/cfi_entry.h"
#include "preload/cfi_scratch.h"

#include <string.h>

/* Damaged tables may overflow; the result is then as wrong as they are. */
static int64_t scale(uint64_t value, int64_t factor)
{
    return (int64_t)(value * (uint64_t)factor);
}

static void set_register(struct cfi_row *row, uint64_t reg, enum cfi_place place, int64_t offset)
{
    if (reg < CFI_REG_COUNT) /* vector registers are nobody's business here */
        row->registers[reg] = (struct cfi_register){.offset = offset, .place = place};
}

static void set_expression(struct cfi_row *row, struct cursor *cursor, uint64_t reg,
                           enum cfi_place place)
{
    uint64_t size = cursor_uleb_sigsafe(cursor);
    const size_t most = sizeof row->expressions / sizeof row->expressions[0];
    if (row->expression_count < most)
        row->expressions[row->expression_count] = (struct cfi_expression){cursor->at, size};
    set_register(row, reg, place, row->expression_count++);
    cursor_skip_sigsafe(cursor, size);
}

static void restore_register(struct cfi_row *row, const struct cfi_row *initial, uint64_t reg)
{
    if (reg < CFI_REG_COUNT)
        row->registers[reg] = initial->registers[reg];
}

/* Instructions that define the CFA; false when `op` is none of them. */
static bool execute_cfa(struct cursor *code, uint8_t op, int64_t factor, struct cfi_row *row)
{
    switch (op) {
    case 0x0c: /* def_cfa */
        row->cfa_register = (uint32_t)cursor_uleb_sigsafe(code);
        row->cfa_offset = (int64_t)cursor_uleb_sigsafe(code);
        break;
    case 0x12: /* def_cfa_sf */
        row->cfa_register = (uint32_t)cursor_uleb_sigsafe(code);
        row->cfa_offset = scale((uint64_t)cursor_sleb_sigsafe(code), factor);
        break;
    case 0x0d: /* def_cfa_register */
        row->cfa_register = (uint32_t)cursor_uleb_sigsafe(code);
        break;
    case 0x0e: /* def_cfa_offset */
        row->cfa_offset = (int64_t)cursor_uleb_sigsafe(code);
        return true;
    case 0x13: /* def_cfa_offset_sf */
        row->cfa_offset = scale((uint64_t)cursor_sleb_sigsafe(code), factor);
        return true;
    case 0x0f: /* def_cfa_expression */
        row->cfa_expression.size = cursor_uleb_sigsafe(code);
        row->cfa_expression.bytes = code->at;
        cursor_skip_sigsafe(code, row->cfa_expression.size);
        row->cfa_by_expression = true;
        return true;
    default:
        return false;
    }
    row->cfa_by_expression = false;
    return true;
}

/* Instructions that tell where registers are; false when unknown. */
static bool execute_register(struct cursor *code, uint8_t op, int64_t factor, struct cfi_row *row,
                             const struct cfi_row *initial)
{
    uint64_t reg;
    if (op == 0x00) /* nop */
        return true;
    if (op == 0x2e) { /* GNU_args_size */
        cursor_uleb_sigsafe(code);
        return true;
    }
    reg = cursor_uleb_sigsafe(code);
    switch (op) {
    case 0x05: /* offset_extended */
        set_register(row, reg, CFI_SAVED, scale(cursor_uleb_sigsafe(code), factor));
        return true;
    case 0x11: /* offset_extended_sf */
        set_register(row, reg, CFI_SAVED, scale((uint64_t)cursor_sleb_sigsafe(code), factor));
        return true;
    case 0x06: /* restore_extended */
        restore_register(row, initial, reg);
        return true;
    case 0x07: /* undefined */
        set_register(row, reg, CFI_UNDEFINED, 0);
        return true;
    case 0x08: /* same_value */
        set_register(row, reg, CFI_SAME, 0);
        return true;
    case 0x09: /* register */
        set_register(row, reg, CFI_REGISTER, (int64_t)(cursor_uleb_sigsafe(code) & UINT32_MAX));
        return true;
    case 0x14: /* val_offset */
        set_register(row, reg, CFI_VALUE, scale(cursor_uleb_sigsafe(code), factor));
        return true;
    case 0x15: /* val_offset_sf */
        set_register(row, reg, CFI_VALUE, scale((uint64_t)cursor_sleb_sigsafe(code), factor));
        return true;
    case 0x10: /* expression */
        set_expression(row, code, reg, CFI_EXPRESSION);
        return true;
    case 0x16: /* val_expression */
        set_expression(row, code, reg, CFI_VALUE_EXPRESSION);
        return true;
    default:
        return false;
    }
}

/* Moves `location` by an advance instruction; false when `op` is none. */
static bool execute_advance(struct cursor *code, uint8_t op, const struct cfi_entry *entry,
                            uint64_t *location)
{
    if (op >> 6 == 1)
        *location += (op & 0x3f) * entry->code_factor;
    else if (op == 0x01) /* set_loc */
        *location = cursor_encoded_sigsafe(code, entry->encoding, 0);
    else if (op >= 0x02 && op <= 0x04) /* advance_loc1, 2, 4 */
        *location += cursor_fixed_sigsafe(code, (size_t)1 << (op - 2)) * entry->code_factor;
    else
        return false;
    return true;
}

/* Runs instructions until the row for `pc` stands. False on unknown or damaged code. */
static bool execute(struct cursor code, const struct cfi_entry *entry, uint64_t pc,
                    struct cfi_row *row, struct cfi_scratch *scratch)
{
    unsigned depth = 0;
    uint64_t location = entry->start;

    while (code.at < code.end && !code.overrun) {
        uint8_t op = (uint8_t)cursor_fixed_sigsafe(&code, 1);
        if (execute_advance(&code, op, entry, &location)) {
            if (location > pc) {
                row->end = location;
                return !code.overrun;
            }
            row->start = location;
        } else if (op >> 6 == 2) { /* offset */
            set_register(row, op & 0x3f, CFI_SAVED,
                         scale(cursor_uleb_sigsafe(&code), entry->data_factor));
        } else if (op >> 6 == 3) { /* restore */
            restore_register(row, &scratch->initial, op & 0x3f);
        } else if (op == 0x0a && depth < CFI_SCRATCH_STATES) { /* remember_state */
            scratch->remembered[depth++] = *row;
        } else if (op == 0x0b && depth > 0) { /* restore_state */
            uint64_t start = row->start;
            *row = scratch->remembered[--depth];
            row->start = start;
        } else if (!execute_cfa(&code, op, entry->data_factor, row) &&
                   !execute_register(&code, op, entry->data_factor, row, &scratch->initial)) {
            return false;
        }
    }
    return !code.overrun;
}

static bool make_row(const struct cfi_entry *entry, uint64_t pc, struct cfi_row *row,
                     struct cfi_scratch *scratch)
{
    memset(row, 0, sizeof *row);
    memset(&scratch->initial, 0, sizeof scratch->initial);
    if (!execute(entry->initial_code, entry, UINT64_MAX, row, scratch))
        return false;
    scratch->initial = *row;
    row->start = entry->start;
    row->end = entry->end;
    row->signal_frame = entry->signal_frame;
    /* A signal frame restores every register by an expression; none is looked at. */
    return execute(entry->code, entry, pc, row, scratch) &&
           (row->signal_frame ||
            row->expression_count <= sizeof row->expressions / sizeof row->expressions[0]);
}

bool cfi_row_sigsafe(const struct module_tables *tables, uint64_t pc, struct cfi_row *row)
{
    struct cfi_entry entry;
    if (!cfi_entry_find_sigsafe(tables, pc, &entry))
        return false;

    struct cfi_scratch *scratch = cfi_scratch_take_sigsafe();
    bool found = scratch && make_row(&entry, pc, row, scratch);
    if (scratch)
        cfi_scratch_give_back_sigsafe(scratch);
    return found;
}

bool cfi_function_sigsafe(const struct module_tables *tables, uint64_t pc, uint64_t *start)
{
    struct cfi_entry entry;
    if (!cfi_entry_find_sigsafe(tables, pc, &entry))
        return false;
    *start = entry.start;
    return true;
}

bool cfi_is_plt_sigsafe(const struct cfi_expression *expression, unsigned *threshold)
{
    /* breg7 8, breg16 0, lit15, and, litN, ge, lit3, shl, plus */
    static const uint8_t pattern[] = {0x77, 0x08, 0x80, 0x00, 0x3f, 0x1a,
                                      0x30, 0x2a, 0x33, 0x24, 0x22};
    const size_t literal = 6;
    if (expression->size != sizeof pattern)
        return false;
    for (size_t i = 0; i < sizeof pattern; i++)
        if (i != literal && expression->bytes[i] != pattern[i])
            return false;
    *threshold = expression->bytes[literal] - 0x30u;
    return *threshold < 16;
}
