/*
 * A handful of x86-64 instructions (Intel SDM, volume 2), those of crt1 and
 * crtstuff. Its own file because it knows instructions, and another processor has
 * others.
 */
#include "preload/straight_code.h"

#define REX_W 0x48
#define SP 4 /* register numbers */
#define FP 5

struct path {
    const uint8_t *at, *end;
    int64_t sp;       /* the stack pointer, relative to where it was */
    int64_t saved_fp; /* where the caller's frame pointer is, when `restores` */
    unsigned pushed;  /* frame pointers of this path's own */
    bool restores;
    bool returned;
};

static bool skip(struct path *path, size_t size)
{
    if ((size_t)(path->end - path->at) < size)
        return false;
    path->at += size;
    return true;
}

/* An operand that is a register or a place relative to the code, and `immediate` bytes
 * behind it. False for all others, and when the stack pointer is in it. */
static bool skip_operands(struct path *path, size_t immediate)
{
    if (path->at == path->end)
        return false;
    unsigned mode = *path->at >> 6, reg = *path->at >> 3 & 7, rm = *path->at & 7;
    if (mode == 3 && rm != SP && reg != SP)
        return skip(path, 1 + immediate);
    return mode == 0 && rm == 5 && reg != SP && skip(path, 5 + immediate);
}

/* add or sub of a small number to the stack pointer, or a comparison. */
static bool follow_group_83(struct path *path, bool wide)
{
    if (path->end - path->at < 2)
        return false;
    uint8_t operands = path->at[0];
    int8_t number = (int8_t)path->at[1];
    bool adds = operands == 0xc4, subtracts = operands == 0xec;
    if (!wide || (!adds && !subtracts))
        return (operands >> 3 & 7) == 7 && skip_operands(path, 1);
    path->sp += adds ? number : -number;
    return skip(path, 2);
}

/* Calls, which leave the stack as it was, and jumps to other functions. */
static bool follow_group_ff(struct path *path)
{
    if (path->at == path->end)
        return false;
    unsigned mode = *path->at >> 6, operation = *path->at >> 3 & 7, rm = *path->at & 7;
    path->returned = operation == 4;
    if (operation != 2 && operation != 4)
        return false;
    if (mode == 3)
        return skip(path, 1);
    return mode == 0 && rm == 5 && skip(path, 5);
}

static bool follow_push(struct path *path)
{
    path->sp -= 8;
    path->pushed++;
    return true;
}

static bool follow_pop(struct path *path)
{
    if (path->pushed) {
        path->pushed--;
    } else {
        path->restores = true; /* the last one before the return counts */
        path->saved_fp = path->sp;
    }
    path->sp += 8;
    return true;
}

static bool follow_wide(struct path *path)
{
    if (path->at == path->end)
        return false;
    uint8_t op = *path->at++;
    switch (op) {
    case 0x01: /* add */
    case 0x29: /* sub */
    case 0x39: /* cmp */
    case 0x85: /* test */
    case 0x8b: /* mov, loading */
    case 0x8d: /* lea */
    case 0xd1: /* shifts by one */
        return skip_operands(path, 0);
    case 0x89: /* mov %rsp,%rbp, or without the stack pointer */
        return path->at < path->end && *path->at == 0xe5 ? skip(path, 1) : skip_operands(path, 0);
    case 0xc1: /* shifts */
        return skip_operands(path, 1);
    case 0x83:
        return follow_group_83(path, true);
    default:
        return false;
    }
}

static bool is_endbr(const struct path *path)
{
    return path->end - path->at >= 4 && path->at[0] == 0xf3 && path->at[1] == 0x0f &&
           path->at[2] == 0x1e && path->at[3] == 0xfa;
}

static bool follow_one(struct path *path)
{
    if (is_endbr(path))
        return skip(path, 4);
    uint8_t op = *path->at++;
    switch (op) {
    case REX_W:
        return follow_wide(path);
    case 0x50 + FP:
        return follow_push(path);
    case 0x58 + FP:
        return follow_pop(path);
    case 0x74: /* je, jne */
    case 0x75:
        return skip(path, 1);
    case 0x80: /* cmpb */
        return path->at < path->end && (*path->at >> 3 & 7) == 7 && skip_operands(path, 1);
    case 0x83:
        return follow_group_83(path, false);
    case 0x90: /* nop */
        return true;
    case 0xc6: /* movb */
        return skip_operands(path, 1);
    case 0xe8: /* call */
        return skip(path, 4);
    case 0xff:
        return follow_group_ff(path);
    case 0xc3: /* ret */
    case 0xe9: /* jmp to another function's start */
        path->returned = true;
        return true;
    default:
        return false;
    }
}

bool straight_code_follow_sigsafe(const uint8_t *code, size_t size, struct straight_code *result)
{
    struct path path = {.at = code, .end = code + size};
    while (path.at < path.end && !path.returned)
        if (!follow_one(&path))
            return false;
    /* A return takes its address from where the stack pointer is then. */
    if (!path.returned || path.pushed || path.sp < 0)
        return false;
    result->cfa_offset = path.sp + 8;
    result->fp_distance = path.restores ? result->cfa_offset - path.saved_fp : 0;
    return true;
}

bool straight_code_is_outermost_sigsafe(const uint8_t *code)
{
    /* xor %ebp,%ebp; call */
    const uint8_t *before = code - STRAIGHT_CODE_BEFORE;
    return before[0] == 0x31 && before[1] == 0xed && before[2] == 0xe8;
}
