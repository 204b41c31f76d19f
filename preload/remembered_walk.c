/*
 * Verified reuse of the walk before. Its own file because what makes it sound, which
 * words are compared and when, is worth being read alone.
 */
#include "preload/remembered_walk.h"

#include "preload/contract/trace_format.h"
#include "preload/unwind_rules.h"

#define BLOCK 8u

/* Compares checks [0, count), the leaf's first: it changes first. Returns how many
 * are left from the first difference on, 0 when there is none. Their addresses lie
 * inside the thread's stack, above a frame that is in use. */
__attribute__((no_sanitize("address"))) static uint32_t
verify_sigsafe(const struct stack_word *checks, uint32_t count)
{
    while (count >= BLOCK) {
        const struct stack_word *block = checks + count - BLOCK;
        uint64_t difference = 0;
        for (uint32_t i = 0; i < BLOCK; i++)
            difference |= *(const uint64_t *)block[i].address ^ block[i].value;
        if (PLATFORM_UNLIKELY(difference != 0))
            break;
        count -= BLOCK;
    }
    while (count > 0 && *(const uint64_t *)checks[count - 1].address == checks[count - 1].value)
        count--;
    return count;
}

bool remembered_walk_joins_sigsafe(const struct remembered_walk *memory,
                                   const struct registers *registers, uint64_t code, int *at)
{
    const struct remembered_frame *frames = memory->frames;
    int i = *at;
    while (i >= 0 && frames[i].sp < registers->sp)
        i--;
    *at = i;
    if (i < 0 || frames[i].sp != registers->sp || frames[i].code != code ||
        (frames[i].needs_fp && frames[i].fp != registers->fp))
        return false;
    uint32_t left = verify_sigsafe(memory->checks, frames[i].checks);
    if (PLATFORM_LIKELY(left == 0))
        return true;
    /* Frames that depend on the word that changed need not be tried. */
    while (i >= 0 && frames[i].checks >= left)
        i--;
    *at = i;
    return false;
}

/* Adds what leads from `frame` to its caller, the last one kept (NULL: the root has
 * none). Returns whether the frame's own frame pointer matters. */
static bool add_checks(struct remembered_walk *memory, const struct fresh_frame *frame,
                       const struct remembered_frame *caller, uint64_t cfa, uint32_t *checks)
{
    uint64_t distance = unwind_rule_fp_distance(frame->rule);
    bool needed = caller && caller->needs_fp;
    memory->checks[(*checks)++] =
        (struct stack_word){cfa - 8, caller ? caller->code >> TRACE_NODE_BITS : 0};
    if (distance && needed) {
        memory->checks[(*checks)++] = (struct stack_word){cfa - distance, caller->fp};
        needed = false;
    }
    return needed || unwind_rule_from_fp(frame->rule);
}

void remembered_walk_keep_sigsafe(struct remembered_walk *memory, uint32_t kept,
                                  const uint64_t *codes, uint32_t depth, uint64_t top, uint64_t low,
                                  uint64_t high)
{
    uint32_t count = kept, checks = kept ? memory->frames[kept - 1].checks : 0;
    uint64_t cfa = kept ? memory->frames[kept - 1].sp : top;

    for (uint32_t i = depth; i-- > 0 && count < REMEMBERED_MAX;) {
        const struct fresh_frame *frame = &memory->fresh[i];
        const struct remembered_frame *caller = count ? &memory->frames[count - 1] : NULL;
        enum unwind_rule_kind kind = unwind_rule_kind(frame->rule);
        bool needs_fp = false;
        if (frame->guessed || frame->sp < low || frame->sp >= high || cfa > high)
            break;
        if (kind == RULE_SIMPLE)
            needs_fp = add_checks(memory, frame, caller, cfa, &checks);
        else if (kind != RULE_END || caller)
            break;
        memory->frames[count++] = (struct remembered_frame){.sp = frame->sp,
                                                            .fp = frame->fp,
                                                            .code = codes[i],
                                                            .checks = (uint16_t)checks,
                                                            .needs_fp = needs_fp};
        cfa = frame->sp;
    }
    memory->count = count;
}
