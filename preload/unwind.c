/*
 * The walk. Its own file because it is the one loop everything else here exists
 * for: rules come from unwind_rules.c, memory from stack_memory.h, what no rule
 * can say from unwind_libunwind.c, or from unwind_registers.c until that is ready.
 */
#include "preload/unwind.h"

#include "preload/stack_memory.h"
#include "preload/unwind_libunwind.h"
#include "preload/unwind_registers.h"
#include "preload/unwind_rules.h"

#include <stddef.h>

struct walker {
    struct walk *walk;
    struct stack_memory memory;
    const struct stack_bounds *bounds;
    const ucontext_t *context; /* the innermost one, or that of a signal frame passed */
    uint32_t context_depth;    /* frames of the walk below it */
    struct registers at;       /* the frame looked at */
    bool exact;                /* its pc was interrupted, not a return address */
    unsigned guessed;          /* TRACE_NODE_GUESSED when it was found by a guess */
    int join;                  /* remembered frame that may be met next, -1: none */
};

enum outcome { WALK_ON, WALK_END, WALK_BROKEN };

static void enter_context(struct walker *w, const ucontext_t *context)
{
    w->context = context;
    w->context_depth = w->walk->depth;
    w->at = platform_registers_sigsafe(context);
    w->exact = true;
    stack_memory_enter_sigsafe(&w->memory, w->bounds, w->at.sp);
}

/* Keeps the first cause why the walk is not complete and exact. */
static void blame(struct walker *w, enum trace_unwinding cause)
{
    if (!w->walk->cause)
        w->walk->cause = cause;
}

static enum outcome broken(struct walker *w, enum trace_unwinding cause)
{
    blame(w, cause);
    return WALK_BROKEN;
}

/* Goes to the caller, whose stack pointer is `cfa`. */
static enum outcome step_to(struct walker *w, uint64_t cfa, uint64_t fp)
{
    uint64_t ra;
    /* Strictly growing frames end every walk. The leaf may not have moved yet. */
    if (PLATFORM_UNLIKELY(cfa <= w->at.sp - w->exact))
        return broken(w, TRACE_UNWINDING_BACKWARDS);
    if (PLATFORM_UNLIKELY(!stack_memory_read_sigsafe(&w->memory, cfa - 8, &ra)))
        return broken(w, TRACE_UNWINDING_UNREADABLE);
    w->at = (struct registers){.pc = ra, .sp = cfa, .fp = fp};
    w->exact = false;
    return ra ? WALK_ON : WALK_END;
}

static enum outcome step_simple(struct walker *w, unwind_rule rule)
{
    uint64_t cfa = (unwind_rule_from_fp(rule) ? w->at.fp : w->at.sp) + unwind_rule_cfa_offset(rule);
    uint64_t distance = unwind_rule_fp_distance(rule), fp = w->at.fp;
    if (distance && !stack_memory_read_sigsafe(&w->memory, cfa - distance, &fp))
        return broken(w, TRACE_UNWINDING_UNREADABLE);
    return step_to(w, cfa, fp);
}

/* Nothing is known of this frame: the frame pointer is the best guess there is. */
static enum outcome step_guess(struct walker *w, enum trace_unwinding cause)
{
    uint64_t fp;
    blame(w, cause);
    w->guessed = TRACE_NODE_GUESSED;
    if (w->at.fp < w->at.sp || !stack_memory_read_sigsafe(&w->memory, w->at.fp, &fp))
        return WALK_BROKEN;
    return step_to(w, w->at.fp + 16, fp);
}

/* A pc outside all modules right after a call (a null or stray function pointer):
 * the return address is still on top of the stack. */
static enum outcome step_stray(struct walker *w)
{
    uint64_t ra;
    struct registers at = w->at;
    if (w->exact && stack_memory_read_sigsafe(&w->memory, at.sp, &ra) &&
        unwind_rule_kind(unwind_rule_of_sigsafe(ra - 1)) != RULE_NOWHERE) {
        blame(w, TRACE_UNWINDING_OUTSIDE);
        w->guessed = TRACE_NODE_GUESSED;
        return step_to(w, at.sp + 8, at.fp);
    }
    return step_guess(w, TRACE_UNWINDING_OUTSIDE);
}

static enum outcome step_signal(struct walker *w)
{
    const ucontext_t *context = platform_signal_context_sigsafe(w->at.sp);
    uint64_t word;
    /* The part of the context that is read spans two pages at most. */
    if (!stack_memory_read_sigsafe(&w->memory, (uint64_t)context, &word) ||
        !stack_memory_read_sigsafe(&w->memory, ((uint64_t)(&context->uc_mcontext + 1) & ~7ull) - 8,
                                   &word))
        return broken(w, TRACE_UNWINDING_UNREADABLE);
    w->walk->codes[w->walk->depth - 1] |= TRACE_NODE_EXACT; /* entered by a return, not called */
    enter_context(w, context);
    return WALK_ON;
}

/* By every register; `rule` is what there is besides, for code that no table describes. */
static enum outcome step_hard(struct walker *w, unwind_rule rule, enum unwind_mode mode)
{
    struct hard_scratch *scratch = &w->walk->hard;
    struct registers next = w->at;
    bool end = false;
    uint32_t frames = w->walk->depth - w->context_depth;
    if (mode != UNWIND_TABLES &&
        unwind_libunwind_sigsafe(&scratch->states, w->context, frames, &w->memory, &next, &end))
        w->walk->by_states++;
    else if (unwind_registers_sigsafe(&scratch->registers, w->context, frames, &w->memory, &next,
                                      &end))
        w->walk->by_registers++;
    else if (unwind_rule_kind(rule) == RULE_SIMPLE)
        return step_simple(w, rule);
    else if (unwind_rule_kind(rule) == RULE_END)
        return WALK_END;
    else
        return step_guess(w, TRACE_UNWINDING_BAD_TABLE);
    if (end)
        return WALK_END;
    if (next.sp <= w->at.sp - w->exact)
        return broken(w, TRACE_UNWINDING_BACKWARDS);
    w->at = next;
    w->exact = false;
    return next.pc ? WALK_ON : WALK_END;
}

static unwind_rule look_up(struct walk *walk, uint64_t key)
{
    unwind_rule rule = unwind_rule_cached_sigsafe(key);
    if (PLATFORM_LIKELY(rule != 0)) {
        walk->rules_hit++;
        return rule;
    }
    walk->rules_made++;
    return unwind_rule_make_sigsafe(key);
}

static enum outcome step(struct walker *w, enum unwind_mode mode)
{
    uint64_t key = w->at.pc - !w->exact;
    unwind_rule rule = look_up(w->walk, key);
    if (w->walk->depth <= REMEMBERED_MAX)
        remembered_walk_fresh(&w->walk->memory, w->walk->depth - 1)->rule = rule;
    enum unwind_rule_kind kind = unwind_rule_kind(rule);

    if (PLATFORM_LIKELY(kind == RULE_SIMPLE && mode == UNWIND_AUTO))
        return step_simple(w, rule);
    if (mode >= UNWIND_LIBUNWIND && (kind == RULE_SIMPLE || kind == RULE_END))
        kind = RULE_HARD;
    if (kind == RULE_END)
        return WALK_END;
    /* The trampoline is entered by a return: its own pc, not the one before. */
    if (kind != RULE_SIGNAL && !w->exact)
        kind =
            unwind_rule_kind(unwind_rule_of_sigsafe(w->at.pc)) == RULE_SIGNAL ? RULE_SIGNAL : kind;
    if (kind == RULE_SIGNAL)
        return step_signal(w);
    if (kind == RULE_NOWHERE)
        return step_stray(w);
    if (kind == RULE_HARD && mode != UNWIND_FP)
        return step_hard(w, rule, mode);
    return step_guess(w, mode == UNWIND_FP ? TRACE_UNWINDING_ASKED : TRACE_UNWINDING_NO_TABLE);
}

/* Adds the frame looked at to the walk; false when it was met in the walk before. */
static bool add_frame(struct walker *w, uint32_t max_depth)
{
    struct walk *walk = w->walk;
    uint64_t code = w->at.pc << TRACE_NODE_BITS | w->guessed | (w->exact ? TRACE_NODE_EXACT : 0);
    if (w->join >= 0 && remembered_walk_joins_sigsafe(&walk->memory, &w->at, code, &w->join)) {
        if (walk->depth + (uint32_t)w->join < max_depth) {
            walk->reused = (uint32_t)w->join + 1;
            return false;
        }
        w->join = -1; /* deeper than wanted: the leaf side is kept */
    }
    if (walk->depth < REMEMBERED_MAX)
        *remembered_walk_fresh(&walk->memory, walk->depth) =
            (struct fresh_frame){.sp = w->at.sp, .fp = w->at.fp, .guessed = w->guessed != 0};
    walk->codes[walk->depth++] = code;
    w->guessed = 0;
    return true;
}

/* Keeps what the next walk may reuse. */
static void remember(struct walker *w)
{
    struct walk *walk = w->walk;
    if (walk->root == TRACE_STACK_COMPLETE && walk->depth <= REMEMBERED_MAX)
        remembered_walk_keep_sigsafe(&walk->memory, walk->reused, walk->codes, walk->depth,
                                     w->at.sp, w->bounds->low, w->bounds->high);
    else
        walk->memory.count = 0;
}

void unwind_sigsafe(struct walk *walk, const ucontext_t *context, const struct stack_bounds *bounds,
                    uint32_t max_depth, enum unwind_mode mode)
{
    struct walker w = {.walk = walk, .bounds = bounds, .join = -1};
    enum outcome outcome = WALK_ON;

    walk->depth = walk->reused = walk->rules_hit = walk->rules_made = 0;
    walk->by_states = walk->by_registers = 0;
    walk->cause = 0;
    if (walk->remember && mode == UNWIND_AUTO)
        w.join = (int)walk->memory.count - 1;
    hard_scratch_begin_sigsafe(&walk->hard);
    enter_context(&w, context);
    while (add_frame(&w, max_depth)) {
        outcome = step(&w, mode);
        if (outcome != WALK_ON || walk->depth == max_depth)
            break;
    }
    if (!walk->reused && outcome == WALK_ON)
        blame(&w, TRACE_UNWINDING_DEPTH);
    walk->root = walk->reused             ? TRACE_STACK_COMPLETE
                 : outcome == WALK_ON     ? TRACE_STACK_TRUNCATED
                 : outcome == WALK_BROKEN ? TRACE_STACK_BROKEN
                                          : TRACE_STACK_COMPLETE;
    if (walk->remember && mode == UNWIND_AUTO)
        remember(&w);
}
