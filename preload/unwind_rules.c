/*
 * Rules and their cache. Its own file because the cache's one-word entries, torn
 * by nobody, are what makes unwinding in a handler free of locks.
 */
#include "preload/unwind_rules.h"

#include "preload/cfi_entry.h"
#include "preload/cfi_scratch.h"
#include "preload/modules.h"
#include "preload/pages.h"
#include "preload/platform.h"
#include "preload/rule_rows.h"
#include "preload/safe_read.h"
#include "preload/straight_code.h"

#include <stddef.h>

#define OFFSET_MAX (4095 * 8)
#define DISTANCE_MAX (255 * 8)

/* Code on either side of a new place for which the rules are made as well, and how much
 * of it a row has to cover to be worth an entry: prologues and epilogues are not, until
 * they are met. */
#define AROUND 512u
#define ROW_MIN 8u

#define BLOCK_SIZE (1u << UNWIND_BLOCK_BITS)

uint64_t unwind_rule_cache[UNWIND_CACHE_SIZE];

static bool fits(int64_t offset)
{
    return offset >= 0 && offset <= OFFSET_MAX && offset % 8 == 0;
}

unwind_rule unwind_rule_encode_sigsafe(uint32_t cfa_register, int64_t cfa_offset,
                                       struct cfi_register rbp, struct cfi_register ra)
{
    bool saved = rbp.place == CFI_SAVED;
    if (ra.place != CFI_SAVED || ra.offset != -8 || !fits(cfa_offset) ||
        (cfa_register != CFI_REG_RSP && cfa_register != CFI_REG_RBP) || rbp.place > CFI_SAVED ||
        (saved && (rbp.offset >= 0 || rbp.offset < -DISTANCE_MAX || rbp.offset % 8)))
        return RULE_HARD;
    unwind_rule rule = RULE_SIMPLE | (unwind_rule)(cfa_offset / 8) << 4;
    if (cfa_register == CFI_REG_RBP)
        rule |= 8;
    if (saved)
        rule |= (unwind_rule)(-rbp.offset / 8) << 16;
    return rule;
}

/* Puts `rule` for pcs [first, first + more] of one block where there is room, or in the
 * place of another. */
static void keep_in_block_sigsafe(uint64_t first, uint64_t more, unwind_rule rule)
{
    static uint32_t turn;
    uint64_t block = first >> UNWIND_BLOCK_BITS, tag = block >> UNWIND_SET_BITS;
    uint64_t *set = unwind_rule_set(block), *victim = NULL;
    uint64_t word = ((tag << UNWIND_BLOCK_BITS | first % BLOCK_SIZE) << UNWIND_BLOCK_BITS | more)
                        << UNWIND_RULE_BITS |
                    rule;
    for (unsigned way = 0; way < UNWIND_WAYS; way++) {
        uint64_t there = __atomic_load_n(&set[way], __ATOMIC_RELAXED);
        if (there == word)
            return;
        if (!there && !victim)
            victim = &set[way];
    }
    if (!victim)
        victim = &set[__atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % UNWIND_WAYS];
    __atomic_store_n(victim, word, __ATOMIC_RELAXED);
}

static void keep_sigsafe(uint64_t start, uint64_t end, unwind_rule rule)
{
    while (start < end) {
        uint64_t block_end = (start | (BLOCK_SIZE - 1)) + 1;
        uint64_t part_end = block_end < end ? block_end : end;
        keep_in_block_sigsafe(start, part_end - start - 1, rule);
        start = part_end;
    }
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

/* Code around a pc that can be read, [start, end). */
struct readable {
    uint64_t start, end;
};

/* By the module's headers, or the kernel is asked, which takes system calls: only for code that
 * may be executed but not read, which processors with protection keys do not let be read,
 * and for stray addresses between segments. */
static bool readable_code_sigsafe(const struct module_tables *tables, uint64_t key,
                                  struct readable *code)
{
    if (modules_readable_sigsafe(key, &code->start, &code->end))
        return true;
    code->start = key + 1 - STRAIGHT_CODE_BEFORE;
    code->end = key + STRAIGHT_CODE_MAX < tables->end ? key + STRAIGHT_CODE_MAX : tables->end;
    return code->start >= tables->start && safe_read_page_sigsafe(code->start) &&
           safe_read_page_sigsafe(code->end - 1);
}

/* The way back from a handler of ours, or of a library that leaves it to unwinders to
 * know it by its bytes. */
static bool is_signal_return_sigsafe(const struct readable *code, uint64_t key)
{
    return code->end - key >= PLATFORM_SIGNAL_RETURN_SIZE &&
           platform_is_signal_return_sigsafe((const uint8_t *)key);
}

/* The C runtime's own start and end. `key` is in the middle of an instruction when it is
 * a return address less one: then the next one is where to begin. */
static unwind_rule rule_from_code_sigsafe(const struct readable *code, uint64_t key)
{
    struct straight_code found;
    uint64_t size = code->end - key < STRAIGHT_CODE_MAX ? code->end - key : STRAIGHT_CODE_MAX;
    if (key + 1 - code->start >= STRAIGHT_CODE_BEFORE &&
        straight_code_is_outermost_sigsafe((const uint8_t *)key + 1))
        return RULE_END;
    if (!straight_code_follow_sigsafe((const uint8_t *)key, size, &found) &&
        !straight_code_follow_sigsafe((const uint8_t *)key + 1, size - 1, &found))
        return RULE_UNKNOWN;
    const struct cfi_register fp = {.offset = -found.fp_distance,
                                    .place = found.fp_distance ? CFI_SAVED : CFI_SAME};
    const struct cfi_register ra = {.offset = -8, .place = CFI_SAVED};
    unwind_rule rule = unwind_rule_encode_sigsafe(CFI_REG_RSP, found.cfa_offset, fp, ra);
    return unwind_rule_kind(rule) == RULE_SIMPLE ? rule : RULE_UNKNOWN;
}

static unwind_rule rule_without_row_sigsafe(const struct module_tables *tables, uint64_t key)
{
    struct readable code;
    if (!readable_code_sigsafe(tables, key, &code))
        return RULE_UNKNOWN;
    return is_signal_return_sigsafe(&code, key) ? RULE_SIGNAL : rule_from_code_sigsafe(&code, key);
}

static unwind_rule rule_by_row_sigsafe(const struct module_tables *tables, uint64_t key,
                                       struct cfi_row *row)
{
    struct readable code;
    if (!cfi_row_sigsafe(tables, key, row))
        return rule_without_row_sigsafe(tables, key);
    if (row->signal_frame)
        return readable_code_sigsafe(tables, key, &code) && is_signal_return_sigsafe(&code, key)
                   ? RULE_SIGNAL
                   : RULE_HARD;
    if (row->registers[CFI_REG_RIP].place == CFI_UNDEFINED)
        return RULE_END;
    if (row->cfa_by_expression && !resolve_plt(row, key))
        return RULE_HARD;
    return unwind_rule_encode_sigsafe(row->cfa_register, row->cfa_offset,
                                      row->registers[CFI_REG_RBP], row->registers[CFI_REG_RIP]);
}

/* The rule for this very pc, by all that cfi.h knows. */
static __attribute__((noinline)) unwind_rule
rule_from_row_sigsafe(const struct module_tables *tables, uint64_t key)
{
    struct cfi_scratch *scratch = cfi_scratch_take_sigsafe();
    if (!scratch)
        return RULE_UNKNOWN;
    unwind_rule rule = rule_by_row_sigsafe(tables, key, &scratch->row);
    cfi_scratch_give_back_sigsafe(scratch);
    return rule;
}

/* What is sought, and the code around it that is looked at besides. */
struct search {
    uint64_t key, from, to;
    uint32_t generation; /* of modules, when it began */
    uint64_t start, end; /* of the row with the key */
    unwind_rule rule;    /* 0: not found */
};

/* A library may have gone while its tables were read, and all rules with it. */
static bool is_stale_sigsafe(const struct search *search)
{
    return modules_generation_sigsafe() != search->generation;
}

static void visit_row_sigsafe(void *context, uint64_t start, uint64_t end, unwind_rule rule)
{
    struct search *search = context;
    start = start < search->from ? search->from : start;
    end = end > search->to ? search->to : end;
    if (search->key >= start && search->key < end) {
        search->start = start;
        search->end = end;
        search->rule = rule;
    } else if (end - start >= ROW_MIN && !is_stale_sigsafe(search)) {
        keep_sigsafe(start, end, rule);
    }
}

unwind_rule unwind_rule_make_sigsafe(uint64_t key)
{
    struct search search = {.key = key, .generation = modules_generation_sigsafe()};
    struct module_tables tables;
    struct cfi_entry entry;
    /* Addresses outside modules may become code of one at any time. */
    if (!modules_find_sigsafe(key, &tables))
        return RULE_NOWHERE;
    search.from = key - tables.start > AROUND ? key - AROUND : tables.start;
    search.to = key + AROUND;
    if (cfi_entry_find_sigsafe(&tables, key, &entry))
        rule_rows_visit_sigsafe(&entry, search.from, search.to, visit_row_sigsafe, &search);
    if (!search.rule) {
        search.start = key;
        search.end = key + 1;
        search.rule = rule_from_row_sigsafe(&tables, key);
    }
    if (!is_stale_sigsafe(&search))
        keep_sigsafe(search.start, search.end, search.rule);
    return search.rule;
}

void unwind_rules_init(void)
{
    pages_populate(unwind_rule_cache, sizeof unwind_rule_cache);
}

void unwind_rules_forget(void)
{
    for (size_t i = 0; i < UNWIND_CACHE_SIZE; i++)
        __atomic_store_n(&unwind_rule_cache[i], 0, __ATOMIC_RELAXED);
}
