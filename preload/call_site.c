/*
 * Call instructions of x86-64 (Intel SDM, volume 2, CALL), looked at from their end.
 * Its own file because it is the only code that knows instructions.
 */
#include "preload/call_site.h"

#include <string.h>

#define LONGEST 7      /* call *disp32(base,index) with a prefix */
#define JUMPS_MAX 2    /* followed: a PLT entry may lead to another */
#define JUMP_BYTES 16u /* room of one entry */

static int32_t offset_at(const uint8_t *bytes)
{
    int32_t offset;
    memcpy(&offset, bytes, sizeof offset);
    return offset;
}

/* Where a PLT entry at `address` jumps to; 0 when there is none. */
static uint64_t follow_jump(const struct blocked_memory *memory, uint64_t address)
{
    static const uint8_t endbr[] = {0xf3, 0x0f, 0x1e, 0xfa};
    uint8_t code[JUMP_BYTES];
    uint64_t target;
    size_t at = 0;

    if (!blocked_memory_bytes(memory, address, code, sizeof code))
        return 0;
    if (memcmp(code, endbr, sizeof endbr) == 0)
        at = sizeof endbr;
    if (code[at] == 0xf2) /* bnd */
        at++;
    if (code[at] == 0xe9) /* jmp rel32 */
        return address + at + 5 + (uint64_t)(int64_t)offset_at(code + at + 1);
    if (code[at] != 0xff || code[at + 1] != 0x25) /* jmp *disp32(%rip) */
        return 0;
    uint64_t slot = address + at + 6 + (uint64_t)(int64_t)offset_at(code + at + 2);
    return blocked_memory_bytes(memory, slot, &target, sizeof target) ? target : 0;
}

static bool leads_to(const struct blocked_memory *memory, uint64_t target, uint64_t function)
{
    for (int i = 0; i < JUMPS_MAX && target && target != function; i++)
        target = follow_jump(memory, target);
    return target == function;
}

/* ff /2 with an operand that makes it `length` bytes long, prefix not counted. */
static bool is_indirect(const uint8_t *end, unsigned length)
{
    const uint8_t *code = end - length;
    unsigned mode = code[1] >> 6, base = code[1] & 7;
    if (code[0] != 0xff || (code[1] >> 3 & 7) != 2)
        return false;
    unsigned expected = 2 + (mode != 3 && base == 4) + (mode == 1 ? 1 : mode == 2 ? 4 : 0);
    return length == expected || (mode == 0 && base == 4 && (code[2] & 7) == 5 && length == 7);
}

enum call_site call_site_at(const struct blocked_memory *memory, uint64_t return_address,
                            uint64_t function)
{
    uint8_t bytes[LONGEST];
    const uint8_t *end = bytes + LONGEST;
    uint64_t target;

    if (!blocked_memory_bytes(memory, return_address - LONGEST, bytes, sizeof bytes))
        return CALL_NONE;
    if (end[-5] == 0xe8 &&
        leads_to(memory, return_address + (uint64_t)(int64_t)offset_at(end - 4), function))
        return CALL_EXACT;
    if (end[-6] == 0xff && end[-5] == 0x15 && /* call *disp32(%rip) */
        blocked_memory_bytes(memory, return_address + (uint64_t)(int64_t)offset_at(end - 4),
                             &target, sizeof target))
        return target == function ? CALL_EXACT : CALL_NONE;
    for (unsigned length = 2; length <= LONGEST; length++)
        if (is_indirect(end, length))
            return CALL_INDIRECT;
    return CALL_NONE;
}
