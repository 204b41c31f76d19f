/*
 * Verified reuse of the walk before. Its own file because what makes it sound, which
 * words are compared and when, is worth being read alone.
 */
#include "preload/remembered_walk.h"

#include "preload/contract/trace_format.h"
#include "preload/unwind_rules.h"

#define BLOCK 8u

/* Not 0 when the words that lead from `frame` to its caller, the one before it, have
 * changed. They lie inside the thread's stack, above a frame that is in use. */
__attribute__((no_sanitize("address"))) static inline uint64_t
difference_sigsafe(const struct remembered_frame *frame)
{
    const struct remembered_frame *caller = frame - 1;
    uint64_t difference = ((const uint64_t *)caller->sp)[-1] ^ caller->code >> TRACE_NODE_BITS;
    if (frame->fp_distance)
        difference |= *(const uint64_t *)(caller->sp - frame->fp_distance) ^ caller->fp;
    return difference;
}

/* Compares what leads from frame `at` to the root, the leaf's side first: it changes
 * first. Returns the first frame whose caller is another now, 0 when all is as before. */
static uint32_t verify_sigsafe(const struct remembered_frame *frames, uint32_t at)
{
    while (at >= BLOCK) {
        uint64_t difference = 0;
        for (uint32_t i = 0; i < BLOCK; i++)
            difference |= difference_sigsafe(&frames[at - i]);
        if (PLATFORM_UNLIKELY(difference != 0))
            break;
        at -= BLOCK;
    }
    while (at > 0 && !difference_sigsafe(&frames[at]))
        at--;
    return at;
}

/* The root's return address, where it had one, was 0 and is it still. */
__attribute__((no_sanitize("address"))) static bool still_ends(const struct remembered_walk *memory)
{
    return !memory->top || ((const uint64_t *)memory->top)[-1] == 0;
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
    uint32_t changed = verify_sigsafe(frames, (uint32_t)i);
    if (PLATFORM_LIKELY(changed == 0) && still_ends(memory))
        return true;
    *at = (int)changed - 1; /* those below depend on the word that changed */
    return false;
}

void remembered_walk_keep_sigsafe(struct remembered_walk *memory, uint32_t kept,
                                  const uint64_t *codes, uint32_t depth, uint64_t top, uint64_t low,
                                  uint64_t high)
{
    uint32_t count = kept;
    uint64_t cfa = kept ? memory->frames[kept - 1].sp : top;

    for (uint32_t i = depth; i-- > 0 && count < REMEMBERED_MAX;) {
        const struct fresh_frame *frame = remembered_walk_fresh(memory, i);
        const struct remembered_frame *caller = count ? &memory->frames[count - 1] : NULL;
        enum unwind_rule_kind kind = unwind_rule_kind(frame->rule);
        bool simple = kind == RULE_SIMPLE, needed = simple && caller && caller->needs_fp;
        uint64_t distance = needed ? unwind_rule_fp_distance(frame->rule) : 0;
        if (frame->guessed || frame->sp < low || frame->sp >= high || cfa > high ||
            (!simple && (kind != RULE_END || caller)))
            break;
        memory->frames[count++] = (struct remembered_frame){
            .sp = frame->sp,
            .fp = frame->fp,
            .code = codes[i],
            .fp_distance = (uint16_t)distance,
            .needs_fp = simple && ((needed && !distance) || unwind_rule_from_fp(frame->rule))};
        if (!caller)
            memory->top = simple ? cfa : 0;
        cfa = frame->sp;
    }
    memory->count = count;
}
