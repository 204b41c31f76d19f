/*
 * A small DWARF expression machine (DWARF 5, section 2.5). Its own file because
 * it is a language of its own, and tests feed it programs.
 */
#include "preload/cfi_expression.h"

#include "preload/table_cursor.h"

#define STACK_DEPTH 8

enum {
    OP_DEREF = 0x06,
    OP_CONST1U = 0x08, /* 1u 1s 2u 2s 4u 4s 8u 8s: 0x08 to 0x0f */
    OP_CONSTU = 0x10,
    OP_CONSTS = 0x11,
    OP_DUP = 0x12,
    OP_AND = 0x1a,
    OP_MINUS = 0x1c,
    OP_MUL = 0x1e,
    OP_OR = 0x21,
    OP_PLUS = 0x22,
    OP_PLUS_UCONST = 0x23,
    OP_SHL = 0x24,
    OP_GE = 0x2a,
    OP_LIT0 = 0x30,
    OP_LIT31 = 0x4f,
    OP_BREG0 = 0x70,
    OP_BREG16 = 0x80,
};

struct evaluation {
    struct cursor code;
    uint64_t stack[STACK_DEPTH];
    unsigned depth;
    bool failed;
};

static uint64_t next_constant(struct evaluation *e, unsigned op)
{
    static const uint8_t sizes[] = {1, 2, 4, 8};
    unsigned size = sizes[(op - OP_CONST1U) / 2 & 3], unused_bits = (64 - 8 * size) & 63;
    bool is_signed = (op - OP_CONST1U) & 1;
    uint64_t value = cursor_fixed_sigsafe(&e->code, size);
    return is_signed ? (uint64_t)((int64_t)(value << unused_bits) >> unused_bits) : value;
}

static void push(struct evaluation *e, uint64_t value)
{
    if (e->depth < STACK_DEPTH)
        e->stack[e->depth++] = value;
    else
        e->failed = true;
}

static uint64_t pop(struct evaluation *e)
{
    if (e->depth)
        return e->stack[--e->depth];
    e->failed = true;
    return 0;
}

/* The result of a binary operation; false for those nobody uses here. */
static bool combine(unsigned op, uint64_t left, uint64_t right, uint64_t *result)
{
    switch (op) {
    case OP_AND:
        *result = left & right;
        return true;
    case OP_MINUS:
        *result = left - right;
        return true;
    case OP_MUL:
        *result = left * right;
        return true;
    case OP_OR:
        *result = left | right;
        return true;
    case OP_PLUS:
        *result = left + right;
        return true;
    case OP_SHL:
        *result = right < 64 ? left << right : 0;
        return true;
    case OP_GE:
        *result = (int64_t)left >= (int64_t)right;
        return true;
    default:
        return false;
    }
}

static bool evaluate_binary(struct evaluation *e, unsigned op)
{
    uint64_t right = pop(e), left = pop(e), result = 0;
    if (!combine(op, left, right, &result))
        return false;
    push(e, result);
    return true;
}

static void evaluate_one(struct evaluation *e, unsigned op, const struct cfi_machine *machine)
{
    uint64_t value = 0;
    if (op >= OP_LIT0 && op <= OP_LIT31) {
        push(e, op - OP_LIT0);
    } else if (op >= OP_BREG0 && op <= OP_BREG16) {
        e->failed |= !machine->get_register(machine->context, op - OP_BREG0, &value);
        push(e, value + (uint64_t)cursor_sleb_sigsafe(&e->code));
    } else if (op == OP_DEREF) {
        e->failed |= !machine->read_word(machine->context, pop(e), &value);
        push(e, value);
    } else if (op >= OP_CONST1U && op < OP_CONSTU) {
        push(e, next_constant(e, op));
    } else if (op == OP_CONSTU) {
        push(e, cursor_uleb_sigsafe(&e->code));
    } else if (op == OP_CONSTS) {
        push(e, (uint64_t)cursor_sleb_sigsafe(&e->code));
    } else if (op == OP_DUP) {
        value = pop(e);
        push(e, value);
        push(e, value);
    } else if (op == OP_PLUS_UCONST) {
        value = pop(e);
        push(e, value + cursor_uleb_sigsafe(&e->code));
    } else if (!evaluate_binary(e, op)) {
        e->failed = true;
    }
}

bool cfi_evaluate_sigsafe(const struct cfi_expression *expression, uint64_t initial,
                          const struct cfi_machine *machine, uint64_t *result)
{
    const uint8_t *end = expression->bytes + expression->size;
    struct evaluation e = {.code = {expression->bytes, end, false}};
    push(&e, initial);
    while (e.code.at < end && !e.failed)
        evaluate_one(&e, (unsigned)cursor_fixed_sigsafe(&e.code, 1), machine);
    *result = pop(&e);
    return !e.failed && !e.code.overrun;
}
