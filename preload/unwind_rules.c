/*
 * Rules and their cache. Its own file because the cache's one-word entries, torn
 * by nobody, are what makes unwinding in a handler free of locks.
 */
#include "preload/unwind_rules.h"

#include "preload/cfi.h"
#include "preload/modules.h"
#include "preload/platform.h"
#include "preload/safe_read.h"
#include "preload/straight_code.h"

#include <stddef.h>

#define OFFSET_MAX (4095 * 8)

uint64_t unwind_rule_cache[UNWIND_CACHE_SIZE];

static bool fits(int64_t offset)
{
    return offset >= 0 && offset <= OFFSET_MAX && offset % 8 == 0;
}

static unwind_rule encode_simple(const struct cfi_row *row)
{
    const struct cfi_register rbp = row->registers[CFI_REG_RBP], ra = row->registers[CFI_REG_RIP];
    bool saved = rbp.place == CFI_SAVED;
    if (ra.place != CFI_SAVED || ra.offset != -8 || !fits(row->cfa_offset) ||
        (row->cfa_register != CFI_REG_RSP && row->cfa_register != CFI_REG_RBP) ||
        rbp.place > CFI_SAVED ||
        (saved && (rbp.offset >= 0 || rbp.offset < -OFFSET_MAX || rbp.offset % 8)))
        return RULE_HARD;
    unwind_rule rule = RULE_SIMPLE | (unwind_rule)(row->cfa_offset / 8) << 4;
    if (row->cfa_register == CFI_REG_RBP)
        rule |= 8;
    if (saved)
        rule |= 1u << 16 | (unwind_rule)(-rbp.offset / 8) << 17;
    return rule;
}

/* Lazy PLT entries push the relocation's index before they jump. */
static bool resolve_plt(struct cfi_row *row, uint64_t key)
{
    unsigned threshold;
    if (!cfi_is_plt_sigsafe(&row->cfa_expression, &threshold))
        return false;
    row->cfa_register = CFI_REG_RSP;
    row->cfa_offset = 8 + ((key & 15) >= threshold ? 8 : 0);
    row->cfa_by_expression = false;
    return true;
}

/* The way back from a handler of ours, or of a library that leaves it to unwinders to
 * know it by its bytes. */
static bool is_bare_signal_return(uint64_t key)
{
    return safe_read_page_sigsafe(key) && safe_read_page_sigsafe(key + 8) &&
           platform_is_signal_return_sigsafe((const uint8_t *)key);
}

/* The C runtime's own start and end. `key` is in the middle of an instruction when it is
 * a return address less one: then the next one is where to begin. Not inlined: its row
 * would lie on the handler's stack beside that of the tables. */
__attribute__((noinline)) static unwind_rule
rule_from_code_sigsafe(const struct module_tables *tables, uint64_t key)
{
    struct straight_code found;
    uint64_t start = key + 1 - STRAIGHT_CODE_BEFORE, end = key + STRAIGHT_CODE_MAX;
    end = end < tables->end ? end : tables->end;
    if (start < tables->start || !safe_read_page_sigsafe(start) || !safe_read_page_sigsafe(end - 1))
        return RULE_UNKNOWN;
    if (straight_code_is_outermost_sigsafe((const uint8_t *)key + 1))
        return RULE_END;
    if (!straight_code_follow_sigsafe((const uint8_t *)key, end - key, &found) &&
        !straight_code_follow_sigsafe((const uint8_t *)key + 1, end - key - 1, &found))
        return RULE_UNKNOWN;
    const struct cfi_row row = {
        .cfa_register = CFI_REG_RSP,
        .cfa_offset = found.cfa_offset,
        .registers[CFI_REG_RIP] = {.offset = -8, .place = CFI_SAVED},
        .registers[CFI_REG_RBP] = {.offset = -found.fp_distance,
                                   .place = found.fp_distance ? CFI_SAVED : CFI_SAME},
    };
    unwind_rule rule = encode_simple(&row);
    return unwind_rule_kind(rule) == RULE_SIMPLE ? rule : RULE_UNKNOWN;
}

static unwind_rule rule_from_tables_sigsafe(uint64_t key)
{
    struct module_tables tables;
    struct cfi_row row;
    if (!modules_find_sigsafe(key, &tables))
        return RULE_NOWHERE;
    if (!cfi_row_sigsafe(&tables, key, &row))
        return is_bare_signal_return(key) ? RULE_SIGNAL : rule_from_code_sigsafe(&tables, key);
    if (row.signal_frame)
        return platform_is_signal_return_sigsafe((const uint8_t *)key) ? RULE_SIGNAL : RULE_HARD;
    if (row.registers[CFI_REG_RIP].place == CFI_UNDEFINED)
        return RULE_END;
    if (row.cfa_by_expression && !resolve_plt(&row, key))
        return RULE_HARD;
    return encode_simple(&row);
}

unwind_rule unwind_rule_make_sigsafe(uint64_t key)
{
    uint64_t tag = key >> UNWIND_CACHE_BITS;
    uint64_t *entry = &unwind_rule_cache[(key ^ tag) & (UNWIND_CACHE_SIZE - 1)];
    unwind_rule rule = rule_from_tables_sigsafe(key);
    /* Addresses outside modules may become code of one at any time. */
    if (unwind_rule_kind(rule) != RULE_NOWHERE)
        __atomic_store_n(entry, tag << UNWIND_RULE_BITS | rule, __ATOMIC_RELAXED);
    return rule;
}

void unwind_rules_forget(void)
{
    for (size_t i = 0; i < UNWIND_CACHE_SIZE; i++)
        __atomic_store_n(&unwind_rule_cache[i], 0, __ATOMIC_RELAXED);
}
