/*
 * Following paths. Its own file because what makes it sound, and what makes it fast, are
 * both delicate.
 */
#include "preload/heap_path.h"

#include "preload/contract/trace_format.h"
#include "preload/stack_table.h"

#include <string.h>

#define UNREADABLE_BY_SANITIZERS __attribute__((no_sanitize("address")))

/* The walk before. */
static void forget_walk(struct heap_path *path)
{
    path->hash = 0;
    path->count = path->interned = path->saved = 0;
}

void heap_path_begin(struct heap_path *path, uint64_t owner, uint64_t low, uint64_t high,
                     uint32_t max_depth)
{
    path->owner = owner;
    path->low = low;
    path->high = high;
    path->max_depth = max_depth < HEAP_PATH_FRAMES ? max_depth : HEAP_PATH_FRAMES;
    forget_walk(path);
}

void heap_path_recover(struct heap_path *path)
{
    memset(path->rules, 0, sizeof path->rules);
    memset(path->seen, 0, sizeof path->seen);
    forget_walk(path);
}

static void begin_generation(struct heap_path *path, uint32_t generation)
{
    if (path->generation)
        heap_path_recover(path);
    forget_walk(path);
    path->generation = generation;
}

static inline uint64_t share_of(uint64_t pc, uint64_t sp)
{
    uint64_t hash = (pc ^ (sp << 20 | sp >> 44)) * 0x9E3779B97F4A7C15u;
    hash = (hash ^ hash >> 32) * 0xD6E8FEB86659FD93u;
    return hash ^ hash >> 29;
}

/* Addresses outside modules may become code of one at any time: not kept. */
static __attribute__((noinline)) unwind_rule make_rule(struct heap_path_rule *entry, uint64_t pc)
{
    unwind_rule rule = unwind_rule_of_sigsafe(pc - 1);
    bool keep = unwind_rule_kind(rule) != RULE_NOWHERE;
    entry->pc = keep ? pc : 0;
    entry->rule = rule;
    return rule;
}

static inline unwind_rule rule_of(struct heap_path *path, uint64_t pc)
{
    uint64_t place = (pc ^ pc >> HEAP_PATH_RULE_BITS) & ((1u << HEAP_PATH_RULE_BITS) - 1);
    struct heap_path_rule *entry = &path->rules[place];
    return PLATFORM_LIKELY(entry->pc == pc) ? entry->rule : make_rule(entry, pc);
}

UNREADABLE_BY_SANITIZERS static inline uint64_t word_at(uint64_t address)
{
    return *(const uint64_t *)address;
}

/* One bit for each of the frames [from, from + number) to which another return address leads
 * now; number <= 64. */
UNREADABLE_BY_SANITIZERS static inline uint64_t changed_in(const struct heap_path *path,
                                                           uint32_t from, uint32_t number)
{
    const uint64_t *sp = &path->sp[from], *pc = &path->pc[from];
    uint64_t changed = 0;
    uint32_t i = 0;
    for (; i + 4 <= number; i += 4) {
        uint64_t four = (uint64_t)(word_at(sp[i] - 8) != pc[i]) |
                        (uint64_t)(word_at(sp[i + 1] - 8) != pc[i + 1]) << 1 |
                        (uint64_t)(word_at(sp[i + 2] - 8) != pc[i + 2]) << 2 |
                        (uint64_t)(word_at(sp[i + 3] - 8) != pc[i + 3]) << 3;
        changed |= four << i;
    }
    for (; i < number; i++)
        changed |= (uint64_t)(word_at(sp[i] - 8) != pc[i]) << i;
    return changed;
}

/* True when frame `i` may have `pc` instead: its callers are where they were then, and what
 * they need of frame pointers is saved in the same place. */
static bool exchange(struct heap_path *path, uint32_t i, uint64_t pc)
{
    unwind_rule rule = rule_of(path, pc), old = path->rule[i];
    if (rule != old) {
        bool simple = unwind_rule_kind(rule) == RULE_SIMPLE &&
                      unwind_rule_kind(old) == RULE_SIMPLE && !unwind_rule_from_fp(rule) &&
                      !unwind_rule_from_fp(old) &&
                      unwind_rule_cfa_offset(rule) == unwind_rule_cfa_offset(old);
        bool needed = i > 0 && path->needs_fp[i - 1];
        if (!simple || (needed && unwind_rule_fp_distance(rule) != unwind_rule_fp_distance(old)))
            return false;
    }
    uint64_t share = share_of(pc, path->sp[i]);
    path->hash += share - path->share[i];
    path->share[i] = share;
    path->pc[i] = pc;
    path->rule[i] = rule;
    if (i < path->interned)
        path->interned = i;
    return true;
}

/* Drops the frames from `count` on. */
static void cut(struct heap_path *path, uint32_t count)
{
    for (uint32_t i = count; i < path->count; i++)
        path->hash -= path->share[i];
    while (path->saved && path->slots[path->saved - 1] >= count)
        path->saved--;
    if (path->interned > count)
        path->interned = count;
    path->count = count;
}

/* Frames [0, count) are as they were, but for return addresses, which are followed. Else those
 * are left of which that is so, as far as it has been looked at. */
static bool verify(struct heap_path *path, uint32_t count)
{
    if (path->root_cfa && word_at(path->root_cfa - 8) != 0) {
        cut(path, 0);
        return false;
    }
    for (uint32_t i = 0; i < path->saved && path->slots[i] < count; i++) {
        uint32_t frame = path->slots[i];
        uint64_t distance = unwind_rule_fp_distance(path->rule[frame]);
        if (word_at(path->sp[frame - 1] - distance) != path->fp[frame - 1]) {
            cut(path, frame);
            return false;
        }
    }
    for (uint32_t from = 0; from + 1 < count; from += 64) {
        uint32_t number = count - 1 - from < 64 ? count - 1 - from : 64;
        for (uint64_t changed = changed_in(path, from, number); changed; changed &= changed - 1) {
            uint32_t i = from + (uint32_t)__builtin_ctzll(changed);
            if (!exchange(path, i, word_at(path->sp[i] - 8))) {
                cut(path, i);
                return false;
            }
        }
    }
    return true;
}

/* The walk has come to where frame `i` was: true when from here on all is known. */
static bool joins(struct heap_path *path, uint32_t i, uint64_t pc, uint64_t fp)
{
    if (path->needs_fp[i] && path->fp[i] != fp) {
        cut(path, i);
        return false;
    }
    if (!verify(path, i + 1))
        return false;
    if (path->pc[i] == pc || exchange(path, i, pc))
        return true;
    cut(path, i);
    return false;
}

/* Adds the frame that called for `at`, or the root. */
static void append(struct heap_path *path, const struct heap_path_step *at)
{
    uint32_t i = path->count++;
    uint64_t distance = unwind_rule_fp_distance(at->rule);
    bool simple = unwind_rule_kind(at->rule) == RULE_SIMPLE;
    bool above = i > 0 && path->needs_fp[i - 1];
    path->sp[i] = at->sp;
    path->pc[i] = at->pc;
    path->fp[i] = at->fp;
    path->rule[i] = at->rule;
    path->needs_fp[i] = simple && (unwind_rule_from_fp(at->rule) || (above && !distance));
    if (simple && above && distance)
        path->slots[path->saved++] = i;
    path->share[i] = share_of(at->pc, at->sp);
    path->hash += path->share[i];
}

/* The root was come to: what is remembered is another stack's. */
static void begin_anew(struct heap_path *path, uint64_t cfa)
{
    cut(path, 0);
    path->root_cfa = cfa;
}

/* Walks until it comes to a frame of the path before, or to the root. The frame looked at is
 * in three variables, and not in memory, where writing a part and reading the whole would
 * take 4 ns. */
static bool walk(struct heap_path *path, const struct registers *leaf)
{
    uint64_t pc = leaf->pc, sp = leaf->sp, fp = leaf->fp;
    uint32_t depth = 0, join = path->count;
    for (;;) {
        while (join > 0 && path->sp[join - 1] < sp)
            join--;
        if (join > 0 && path->sp[join - 1] == sp) {
            if (joins(path, join - 1, pc, fp))
                break;
            join = path->count;
        }
        if (depth == path->max_depth)
            return false;
        unwind_rule rule = rule_of(path, pc);
        struct heap_path_step *step = &path->steps[depth++];
        step->sp = sp;
        step->pc = pc;
        step->fp = fp;
        step->rule = rule;
        if (PLATFORM_UNLIKELY(unwind_rule_kind(rule) != RULE_SIMPLE)) {
            if (unwind_rule_kind(rule) != RULE_END)
                return false;
            begin_anew(path, 0);
            join = 0;
            break;
        }
        uint64_t cfa = (unwind_rule_from_fp(rule) ? fp : sp) + unwind_rule_cfa_offset(rule);
        uint64_t distance = unwind_rule_fp_distance(rule);
        /* Nothing below is to be trusted. */
        if (PLATFORM_UNLIKELY(cfa <= sp || cfa > path->high || cfa & 7 || distance > cfa - sp))
            return false;
        if (distance)
            fp = word_at(cfa - distance);
        pc = word_at(cfa - 8);
        sp = cfa;
        if (PLATFORM_UNLIKELY(!pc)) {
            begin_anew(path, cfa);
            join = 0;
            break;
        }
    }
    if (join + depth > path->max_depth)
        return false;
    cut(path, join);
    while (depth-- > 0)
        append(path, &path->steps[depth]);
    return true;
}

/* Finds it by the walk before. */
static bool follow(struct heap_path *path, const struct registers *at)
{
    uint32_t last = path->count - 1;
    if (PLATFORM_LIKELY(path->count && path->sp[last] == at->sp &&
                        joins(path, last, at->pc, at->fp)))
        return true;
    if (walk(path, at))
        return true;
    forget_walk(path);
    return false;
}

/* What was followed is known from now on if there is room. */
static void know(const struct heap_path *path, struct known_path *known, const struct registers *at,
                 uint64_t epoch)
{
    uint32_t callers = path->count - 1;
    if (callers + path->saved >= KNOWN_PATH_WORDS)
        return;
    bool fits = true;
    known_path_begin(known, at, path->needs_fp[callers], epoch);
    for (uint32_t i = callers; i-- > 0;)
        fits &= known_path_add(known, path->sp[i] - 8, path->pc[i]);
    if (path->root_cfa)
        fits &= known_path_add(known, path->root_cfa - 8, 0);
    for (uint32_t i = 0; i < path->saved; i++) {
        uint32_t frame = path->slots[i];
        uint64_t distance = unwind_rule_fp_distance(path->rule[frame]);
        fits &= known_path_add(known, path->sp[frame - 1] - distance, path->fp[frame - 1]);
    }
    if (fits)
        known_path_finish(known, callers);
}

bool heap_path_find(struct heap_path *path, const struct registers *at, uint32_t generation)
{
    if (PLATFORM_UNLIKELY(at->sp < path->low || at->sp >= path->high))
        return false;
    uint64_t epoch = path->owner << 32 | generation;
    struct known_path *known = known_path_of(path->paths, at);
    if (PLATFORM_LIKELY(known_path_holds(known, at, epoch))) {
        path->known = known;
        path->found = known->hash;
        return true;
    }
    if (PLATFORM_UNLIKELY(path->generation != generation))
        begin_generation(path, generation);
    path->known = NULL;
    if (!follow(path, at))
        return false;
    path->found = path->hash;
    known->count = 0;
    if (known->hash == path->hash)
        know(path, known, at, epoch);
    known->hash = path->hash;
    return true;
}

static uint32_t add_node(const struct heap_path *path, struct ring_file *ring, uint32_t node,
                         uint64_t pc)
{
    return stack_table_intern_sigsafe(ring, node, pc << TRACE_NODE_BITS, path->generation);
}

/* The path's own, once it has one: the index of nodes may forget them, and make others. */
static uint32_t node_of_known(const struct heap_path *path, struct ring_file *ring)
{
    struct known_path *known = path->known;
    uint32_t node = TRACE_STACK_COMPLETE;
    if (known->node)
        return known->node;
    for (uint32_t i = known->callers; i-- > 0;) {
        node = add_node(path, ring, node, known->value[i]);
        if (!node)
            return 0;
    }
    known->node = add_node(path, ring, node, known->pc);
    return known->node;
}

uint32_t heap_path_node(struct heap_path *path, struct ring_file *ring)
{
    if (path->known)
        return node_of_known(path, ring);
    uint32_t node = path->interned ? path->node[path->interned - 1] : TRACE_STACK_COMPLETE;
    for (; path->interned < path->count; path->interned++) {
        node = add_node(path, ring, node, path->pc[path->interned]);
        if (!node)
            return 0;
        path->node[path->interned] = node;
    }
    return node;
}
