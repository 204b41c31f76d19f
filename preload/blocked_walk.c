/*
 * The walk of a thread that is not running. Its own file beside unwind.c because it
 * starts with two registers instead of all, and reads copies instead of memory.
 */
#include "preload/blocked_walk.h"

#include "preload/blocked_memory.h"
#include "preload/call_site.h"
#include "preload/cfi_step.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/unwind_rules.h"

#include <stdbool.h>
#include <string.h>

#define SEARCH_BYTES (64u << 10) /* of stack looked through for a lost frame */

/* What is known of one frame. */
struct frame {
    uint64_t values[CFI_REG_COUNT];
    uint32_t known; /* bit per register */
    bool exact;     /* its pc was interrupted, not a return address */
};

struct walker {
    struct blocked_walk *walk;
    struct blocked_memory *memory;
    struct frame at;
    struct frame base;   /* from where registers are followed again for a hard row */
    uint32_t base_depth; /* frames of the walk below it */
    unsigned guessed;    /* TRACE_NODE_GUESSED when `at` was found by a guess */
};

enum outcome { WALK_ON, WALK_END, WALK_BROKEN };

static uint64_t key_of(const struct frame *frame)
{
    return frame->values[CFI_REG_RIP] - !frame->exact;
}

static void set(struct frame *frame, unsigned number, uint64_t value)
{
    frame->values[number] = value;
    frame->known |= 1u << number;
}

static bool knows(const struct frame *frame, unsigned number)
{
    return frame->known >> number & 1;
}

static struct frame frame_at(uint64_t pc, uint64_t sp, bool exact)
{
    struct frame frame = {.exact = exact};
    set(&frame, CFI_REG_RIP, pc);
    set(&frame, CFI_REG_RSP, sp);
    return frame;
}

static void start_from(struct walker *w, const struct frame *frame)
{
    w->at = w->base = *frame;
    w->base_depth = w->walk->depth;
}

/* The caller by a simple rule; false when what it needs is not known or not there. */
static bool simple_caller(struct blocked_memory *memory, const struct frame *frame,
                          unwind_rule rule, uint64_t cfa, struct frame *caller)
{
    uint64_t distance = unwind_rule_fp_distance(rule), ra, fp;
    if (cfa <= frame->values[CFI_REG_RSP] - frame->exact ||
        !blocked_memory_word(memory, cfa - 8, &ra))
        return false;
    *caller = frame_at(ra, cfa, false);
    if (distance && !blocked_memory_word(memory, cfa - distance, &fp))
        return false;
    if (distance)
        set(caller, CFI_REG_RBP, fp);
    else if (knows(frame, CFI_REG_RBP))
        set(caller, CFI_REG_RBP, frame->values[CFI_REG_RBP]);
    return true;
}

static bool simple_address(const struct frame *frame, unwind_rule rule, uint64_t *cfa)
{
    unsigned number = unwind_rule_from_fp(rule) ? CFI_REG_RBP : CFI_REG_RSP;
    *cfa = frame->values[number] + unwind_rule_cfa_offset(rule);
    return knows(frame, number);
}

static bool function_of(uint64_t pc, uint64_t *start)
{
    struct module_tables tables;
    return modules_find_sigsafe(pc, &tables) && cfi_function_sigsafe(&tables, pc, start);
}

/* True when a walk could go on from `frame`: it is the last, or a call ends at its
 * return address, or it cannot be told. */
static bool leads_on(struct blocked_memory *memory, const struct frame *frame)
{
    unwind_rule rule = unwind_rule_of_sigsafe(key_of(frame));
    struct frame caller;
    uint64_t cfa, start;
    if (unwind_rule_kind(rule) != RULE_SIMPLE)
        return unwind_rule_kind(rule) == RULE_END || unwind_rule_kind(rule) == RULE_HARD;
    if (!simple_address(frame, rule, &cfa))
        return true;
    return simple_caller(memory, frame, rule, cfa, &caller) && function_of(key_of(frame), &start) &&
           call_site_at(memory, caller.values[CFI_REG_RIP], start) != CALL_NONE;
}

/* The frame of the function at `frame` ends where a return address into its caller
 * is: looks for it up the stack. `rule` is RULE_SIMPLE, or says nothing of rbp. */
static enum call_site search_caller(struct blocked_memory *memory, const struct frame *frame,
                                    unwind_rule rule, struct frame *found)
{
    uint64_t sp = (frame->values[CFI_REG_RSP] + 7) & ~7ull, start, word;
    uint64_t nearest = unwind_rule_from_fp(rule) ? unwind_rule_cfa_offset(rule) : 8;
    struct module_tables tables;
    if (!function_of(key_of(frame), &start))
        return CALL_NONE;
    for (uint64_t cfa = sp + nearest; cfa < sp + SEARCH_BYTES; cfa += 8) {
        if (!blocked_memory_word(memory, cfa - 8, &word))
            return CALL_NONE;
        if (!modules_find_sigsafe(word, &tables))
            continue;
        enum call_site site = call_site_at(memory, word, start);
        bool simple = unwind_rule_kind(rule) == RULE_SIMPLE;
        if (site == CALL_NONE || (simple && !simple_caller(memory, frame, rule, cfa, found)))
            continue;
        if (!simple)
            *found = frame_at(word, cfa, false);
        if (leads_on(memory, found))
            return site;
    }
    return CALL_NONE;
}

static enum outcome step_search(struct walker *w, unwind_rule rule)
{
    struct frame found;
    enum call_site site = search_caller(w->memory, &w->at, rule, &found);
    if (site == CALL_NONE)
        return WALK_BROKEN;
    start_from(w, &found);
    w->guessed = site == CALL_EXACT ? 0 : TRACE_NODE_GUESSED;
    return WALK_ON;
}

static enum outcome step_simple(struct walker *w, unwind_rule rule)
{
    struct frame caller;
    uint64_t cfa;
    if (!simple_address(&w->at, rule, &cfa))
        return step_search(w, rule);
    if (!simple_caller(w->memory, &w->at, rule, cfa, &caller))
        return WALK_BROKEN;
    w->at = caller;
    return caller.values[CFI_REG_RIP] ? WALK_ON : WALK_END;
}

/* The registers a thread had when it was interrupted, from its signal frame. */
static enum outcome step_signal(struct walker *w)
{
    static const struct {
        unsigned number, greg;
    } order[] = {{3, REG_RBX},  {CFI_REG_RBP, REG_RBP}, {CFI_REG_RSP, REG_RSP}, {12, REG_R12},
                 {13, REG_R13}, {14, REG_R14},          {15, REG_R15},          {16, REG_RIP}};
    uint64_t context = (uint64_t)platform_signal_context_sigsafe(w->at.values[CFI_REG_RSP]) +
                       offsetof(ucontext_t, uc_mcontext.gregs);
    struct frame frame = {.exact = true};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        uint64_t value;
        if (!blocked_memory_word(w->memory, context + 8u * order[i].greg, &value))
            return WALK_BROKEN;
        set(&frame, order[i].number, value);
    }
    w->walk->codes[w->walk->depth - 1] |= TRACE_NODE_EXACT; /* entered by a return */
    start_from(w, &frame);
    return WALK_ON;
}

/* Registers of `frame` as the rows of call frame information want them. */
struct reader {
    const struct frame *frame;
    struct blocked_memory *memory;
};

static bool get_register(void *context, unsigned number, uint64_t *value)
{
    const struct reader *reader = context;
    if (number >= CFI_REG_COUNT || !knows(reader->frame, number))
        return false;
    *value = reader->frame->values[number];
    return true;
}

static bool read_word(void *context, uint64_t address, uint64_t *value)
{
    const struct reader *reader = context;
    return blocked_memory_word(reader->memory, address, value);
}

/* Replaces `frame` by its caller, with all registers the row tells of. */
static bool step_row(struct blocked_memory *memory, struct frame *frame, bool *end)
{
    struct reader reader = {frame, memory};
    const struct cfi_machine machine = {&reader, get_register, read_word};
    struct module_tables tables;
    struct cfi_row row;
    struct frame caller = {.exact = false};
    uint64_t cfa, value;

    if (!modules_find_sigsafe(key_of(frame), &tables) ||
        !cfi_row_sigsafe(&tables, key_of(frame), &row))
        return false;
    *end = row.registers[CFI_REG_RIP].place == CFI_UNDEFINED;
    if (*end)
        return true;
    if (row.signal_frame || !cfi_frame_address_sigsafe(&row, &machine, &cfa))
        return false;
    for (unsigned i = 0; i < CFI_REG_COUNT; i++)
        if (cfi_caller_register_sigsafe(&row, i, cfa, &machine, &value))
            set(&caller, i, value);
    if (row.registers[CFI_REG_RSP].place == CFI_SAME)
        set(&caller, CFI_REG_RSP, cfa); /* that is what the CFA is */
    bool grows = caller.values[CFI_REG_RSP] > frame->values[CFI_REG_RSP] - frame->exact;
    *frame = caller;
    return grows && knows(frame, CFI_REG_RIP) && knows(frame, CFI_REG_RSP);
}

/* A row that is more than a rule: follows every register from where all were known. */
static enum outcome step_hard(struct walker *w, unwind_rule rule)
{
    struct frame frame = w->base;
    uint32_t steps = w->walk->depth - w->base_depth;
    bool end = false;
    while (steps-- > 0 && !end)
        if (!step_row(w->memory, &frame, &end))
            return step_search(w, rule);
    if (end)
        return WALK_END;
    start_from(w, &frame); /* later hard rows need not begin at the bottom again */
    return frame.values[CFI_REG_RIP] ? WALK_ON : WALK_END;
}

/* Code without a description: by rbp, where it is known. */
static enum outcome step_guess(struct walker *w)
{
    uint64_t fp = w->at.values[CFI_REG_RBP], next, ra;
    if (!knows(&w->at, CFI_REG_RBP) || fp < w->at.values[CFI_REG_RSP] ||
        !blocked_memory_word(w->memory, fp, &next) || !blocked_memory_word(w->memory, fp + 8, &ra))
        return WALK_BROKEN;
    struct frame caller = frame_at(ra, fp + 16, false);
    set(&caller, CFI_REG_RBP, next);
    start_from(w, &caller);
    w->guessed = TRACE_NODE_GUESSED;
    return ra ? WALK_ON : WALK_END;
}

static enum outcome step(struct walker *w)
{
    unwind_rule rule = unwind_rule_of_sigsafe(key_of(&w->at));
    enum unwind_rule_kind kind = unwind_rule_kind(rule);

    if (kind == RULE_SIMPLE)
        return step_simple(w, rule);
    if (kind == RULE_END)
        return WALK_END;
    if (unwind_rule_kind(unwind_rule_of_sigsafe(w->at.values[CFI_REG_RIP])) == RULE_SIGNAL)
        return step_signal(w);
    return kind == RULE_HARD ? step_hard(w, rule) : step_guess(w);
}

void blocked_walk_take(struct blocked_walk *walk, int memory, uint64_t pc, uint64_t sp,
                       uint32_t max_depth)
{
    static struct blocked_memory copy;
    struct walker w = {.walk = walk, .memory = &copy};
    struct frame leaf = frame_at(pc, sp, true);
    enum outcome outcome = WALK_ON;

    blocked_memory_init(&copy, memory);
    walk->depth = 0;
    start_from(&w, &leaf);
    do {
        walk->codes[walk->depth++] = w.at.values[CFI_REG_RIP] << TRACE_NODE_BITS | w.guessed |
                                     (w.at.exact ? TRACE_NODE_EXACT : 0);
        w.guessed = 0;
        outcome = step(&w);
    } while (outcome == WALK_ON && walk->depth < max_depth && walk->depth < BLOCKED_DEPTH_MAX);
    walk->root = outcome == WALK_ON       ? TRACE_STACK_TRUNCATED
                 : outcome == WALK_BROKEN ? TRACE_STACK_BROKEN
                                          : TRACE_STACK_COMPLETE;
}
