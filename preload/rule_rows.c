/*
 * The short interpreter. Its own file because it keeps five words where cfi.c keeps
 * every register, and is as much faster; a test compares the two over whole libraries.
 */
#include "preload/rule_rows.h"

#include "preload/cfi.h"

/* As in cfi.c: nested DW_CFA_remember_state, and expressions of registers. */
#define STATE_DEPTH 4
#define EXPRESSIONS_MAX 4

struct state {
    struct cfi_register fp, ra;
    int64_t cfa_offset;
    uint32_t cfa_register;
    bool cfa_by_expression;
    uint8_t expressions; /* of registers */
};

struct reader {
    const struct cfi_entry *entry;
    struct cursor code;
    struct state now, initial, remembered[STATE_DEPTH];
    unsigned depth;
    uint64_t start; /* of the row under way */
};

/* 0: not for us to say. */
static unwind_rule rule_of(const struct state *state)
{
    if (state->ra.place == CFI_UNDEFINED)
        return RULE_END;
    if (state->cfa_by_expression)
        return 0;
    return unwind_rule_encode_sigsafe(state->cfa_register, state->cfa_offset, state->fp, state->ra);
}

static int64_t scaled(uint64_t value, int64_t factor)
{
    return (int64_t)(value * (uint64_t)factor);
}

static void set(struct state *state, uint64_t number, enum cfi_place place, int64_t offset)
{
    if (number == CFI_REG_RBP)
        state->fp = (struct cfi_register){.offset = offset, .place = place};
    else if (number == CFI_REG_RIP)
        state->ra = (struct cfi_register){.offset = offset, .place = place};
}

static void restore(struct reader *reader, uint64_t number)
{
    if (number == CFI_REG_RBP)
        reader->now.fp = reader->initial.fp;
    else if (number == CFI_REG_RIP)
        reader->now.ra = reader->initial.ra;
}

static void set_cfa(struct state *state, uint64_t number, int64_t offset)
{
    state->cfa_register = (uint32_t)number;
    state->cfa_offset = offset;
    state->cfa_by_expression = false;
}

/* Where a register is; false when `op` is of no such kind. */
static bool execute_register(struct reader *reader, uint8_t op)
{
    struct cursor *code = &reader->code;
    uint64_t number = cursor_uleb_sigsafe(code);
    int64_t factor = reader->entry->data_factor;

    switch (op) {
    case 0x05: /* offset_extended */
        set(&reader->now, number, CFI_SAVED, scaled(cursor_uleb_sigsafe(code), factor));
        return true;
    case 0x11: /* offset_extended_sf */
        set(&reader->now, number, CFI_SAVED, scaled((uint64_t)cursor_sleb_sigsafe(code), factor));
        return true;
    case 0x06: /* restore_extended */
        restore(reader, number);
        return true;
    case 0x07: /* undefined */
        set(&reader->now, number, CFI_UNDEFINED, 0);
        return true;
    case 0x08: /* same_value */
        set(&reader->now, number, CFI_SAME, 0);
        return true;
    case 0x09: /* register */
    case 0x14: /* val_offset */
    case 0x15: /* val_offset_sf */
        cursor_uleb_sigsafe(code);
        set(&reader->now, number, CFI_VALUE, 0);
        return true;
    case 0x10: /* expression */
    case 0x16: /* val_expression */
        cursor_skip_sigsafe(code, cursor_uleb_sigsafe(code));
        set(&reader->now, number, CFI_EXPRESSION, 0);
        return ++reader->now.expressions <= EXPRESSIONS_MAX;
    default:
        return false;
    }
}

/* One instruction that moves no location; false when it is unknown. */
static bool execute(struct reader *reader, uint8_t op)
{
    struct cursor *code = &reader->code;
    struct state *now = &reader->now;
    int64_t factor = reader->entry->data_factor;
    uint64_t number;

    if (op >> 6 == 2) { /* offset */
        set(now, op & 0x3f, CFI_SAVED, scaled(cursor_uleb_sigsafe(code), factor));
        return true;
    }
    if (op >> 6 == 3) { /* restore */
        restore(reader, op & 0x3f);
        return true;
    }
    switch (op) {
    case 0x00: /* nop */
        return true;
    case 0x0a: /* remember_state */
        if (reader->depth == STATE_DEPTH)
            return false;
        reader->remembered[reader->depth++] = *now;
        return true;
    case 0x0b: /* restore_state */
        if (reader->depth == 0)
            return false;
        *now = reader->remembered[--reader->depth];
        return true;
    case 0x0c: /* def_cfa */
        number = cursor_uleb_sigsafe(code);
        set_cfa(now, number, (int64_t)cursor_uleb_sigsafe(code));
        return true;
    case 0x12: /* def_cfa_sf */
        number = cursor_uleb_sigsafe(code);
        set_cfa(now, number, scaled((uint64_t)cursor_sleb_sigsafe(code), factor));
        return true;
    case 0x0d: /* def_cfa_register */
        set_cfa(now, cursor_uleb_sigsafe(code), now->cfa_offset);
        return true;
    case 0x0e: /* def_cfa_offset */
        now->cfa_offset = (int64_t)cursor_uleb_sigsafe(code);
        return true;
    case 0x13: /* def_cfa_offset_sf */
        now->cfa_offset = scaled((uint64_t)cursor_sleb_sigsafe(code), factor);
        return true;
    case 0x0f: /* def_cfa_expression */
        cursor_skip_sigsafe(code, cursor_uleb_sigsafe(code));
        now->cfa_by_expression = true;
        return true;
    case 0x2e: /* GNU_args_size */
        cursor_uleb_sigsafe(code);
        return true;
    default:
        return execute_register(reader, op);
    }
}

/* The location after `op`; that of the row under way when it does not move it. */
static uint64_t advance(struct reader *reader, uint8_t op, bool *moves)
{
    const struct cfi_entry *entry = reader->entry;
    *moves = true;
    if (op >> 6 == 1)
        return reader->start + (op & 0x3f) * entry->code_factor;
    if (op == 0x01) /* set_loc */
        return cursor_encoded_sigsafe(&reader->code, entry->encoding, 0);
    if (op >= 0x02 && op <= 0x04) /* advance_loc1, 2, 4 */
        return reader->start +
               cursor_fixed_sigsafe(&reader->code, (size_t)1 << (op - 2)) * entry->code_factor;
    *moves = false;
    return reader->start;
}

/* Runs the common part's instructions. */
static bool begin(struct reader *reader)
{
    bool moves;
    reader->code = reader->entry->initial_code;
    while (reader->code.at < reader->code.end) {
        uint8_t op = (uint8_t)cursor_fixed_sigsafe(&reader->code, 1);
        advance(reader, op, &moves);
        if (moves || !execute(reader, op) || reader->code.overrun)
            return false;
    }
    reader->initial = reader->now;
    reader->code = reader->entry->code;
    reader->start = reader->entry->start;
    return true;
}

void rule_rows_visit_sigsafe(const struct cfi_entry *entry, uint64_t from, uint64_t to,
                             rule_row_visitor *visit_sigsafe, void *context)
{
    struct reader reader = {.entry = entry};
    uint64_t end;
    bool moves;

    if (entry->signal_frame || !begin(&reader))
        return;
    do {
        moves = false;
        while (!moves && reader.code.at < reader.code.end) {
            uint8_t op = (uint8_t)cursor_fixed_sigsafe(&reader.code, 1);
            end = advance(&reader, op, &moves);
            if (!moves && !execute(&reader, op))
                return;
        }
        if (!moves || end > entry->end)
            end = entry->end;
        if (reader.code.overrun || end < reader.start)
            return; /* damaged */
        unwind_rule rule = end > from && end > reader.start ? rule_of(&reader.now) : 0;
        if (rule)
            visit_sigsafe(context, reader.start, end, rule);
        reader.start = end;
    } while (moves && reader.start < to);
}
