/* Rules for functions whose unwind tables are written below, and the cache. */
#include "preload/cfi.h"
#include "preload/modules.h"
#include "preload/unwind_rules.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PCS 200000u
#define THREADS 4

/* One nop per label, the call frame instructions before it apply. The PLT entry
 * is linkers' expression: rsp + 8 + ((pc & 15) >= 11) * 8. */
#define ROW(name, instructions) \
    ".globl " name "\n" name ":\n.cfi_startproc\n" instructions "\nnop\n.cfi_endproc\n"

__asm__(
    ".text\n" ROW("row_plain", "") ROW("row_rsp", ".cfi_def_cfa_offset 32760")
        ROW("row_rbp", ".cfi_def_cfa rbp, 16\n.cfi_offset rbp, -16") ROW(
            "row_saved", ".cfi_def_cfa_offset 48\n.cfi_offset rbp, -40")
            ROW("row_deep", ".cfi_def_cfa_offset 4096\n.cfi_offset rbp, -2040") ROW(
                "row_far", ".cfi_def_cfa_offset 32768") ROW("row_odd", ".cfi_def_cfa_offset 12")
                ROW("row_negative", ".cfi_def_cfa_offset -8") ROW("row_r10", ".cfi_def_cfa r10, 8")
                    ROW("row_rip_elsewhere", ".cfi_offset rip, -16") ROW(
                        "row_rip_register", ".cfi_register rip, rdx") ROW("row_rbp_register",
                                                                          ".cfi_register rbp, rax")
                        ROW("row_rbp_above", ".cfi_offset rbp, 8") ROW(
                            "row_rbp_far", ".cfi_offset rbp, -2048") ROW("row_end",
                                                                         ".cfi_undefined rip")
                            ROW("row_expression", ".cfi_escape 0x0f, 2, 0x77, 8") ROW(
                                "row_signal",
                                ".cfi_signal_frame") ".globl row_none\nrow_none:\nnop\n"
                                                     ".balign 16\n.globl "
                                                     "row_plt\nrow_plt:\n.cfi_startproc\n"
                                                     ".cfi_escape 0x0f, 11, 0x77, 8, 0x80, 0, "
                                                     "0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22\n"
                                                     ".fill 16, 1, 0x90\n.cfi_endproc\n");

extern const char row_plain[], row_rsp[], row_rbp[], row_saved[], row_deep[], row_far[], row_odd[],
    row_negative[], row_r10[], row_rip_elsewhere[], row_rip_register[], row_rbp_register[],
    row_rbp_above[], row_rbp_far[], row_end[], row_expression[], row_signal[], row_none[],
    row_plt[];

static unwind_rule rule_at(const void *pc)
{
    return unwind_rule_of_sigsafe((uint64_t)pc);
}

static void check_simple(const char *pc, bool from_fp, uint64_t offset, uint64_t distance)
{
    unwind_rule rule = rule_at(pc);

    cr_assert_eq(unwind_rule_kind(rule), RULE_SIMPLE);
    cr_assert_eq(unwind_rule_from_fp(rule), from_fp);
    cr_assert_eq(unwind_rule_cfa_offset(rule), offset);
    cr_assert_eq(unwind_rule_fp_distance(rule), distance);
    cr_assert_eq(rule >> UNWIND_RULE_BITS, 0, "twenty-four bits");
}

TestSuite(unwind_rules, .init = modules_init);

Test(unwind_rules, rows_that_fit_a_word)
{
    for (int again = 0; again < 2; again++) {
        check_simple(row_plain, false, 8, 0);
        check_simple(row_rsp, false, 32760, 0);
        check_simple(row_rbp, true, 16, 16);
        check_simple(row_saved, false, 48, 40);
        check_simple(row_deep, false, 4096, 2040);
    }
}

Test(unwind_rules, rows_that_do_not)
{
    const char *const hard[] = {row_far,          row_odd,           row_negative,
                                row_r10,          row_rip_elsewhere, row_rip_register,
                                row_rbp_register, row_rbp_above,     row_rbp_far,
                                row_expression,   row_signal};

    for (size_t i = 0; i < sizeof(hard) / sizeof(hard[0]); i++)
        cr_assert_eq(unwind_rule_kind(rule_at(hard[i])), RULE_HARD, "row %zu", i);
}

Test(unwind_rules, addresses_without_a_row)
{
    char local;
    void *heap = malloc(1);

    cr_assert_eq(unwind_rule_kind(rule_at(row_none)), RULE_UNKNOWN);
    cr_assert_eq(unwind_rule_kind(rule_at(NULL)), RULE_NOWHERE);
    cr_assert_eq(unwind_rule_kind(rule_at(&local)), RULE_NOWHERE);
    cr_assert_eq(unwind_rule_kind(rule_at(heap)), RULE_NOWHERE);
    cr_assert_eq(unwind_rule_kind(unwind_rule_of_sigsafe(UINT64_MAX)), RULE_NOWHERE);
    cr_assert_eq(unwind_rule_kind(unwind_rule_of_sigsafe(1ull << 63)), RULE_NOWHERE);
    free(heap);
}

/* The loader's entry calls constructors with the frame pointer cleared. Where the kernel is not
 * asked (safe_read_init() was not called), code is read by what modules say of it. */
__asm__(".text\ncode_entry:\nxor %ebp, %ebp\ncall code_framed\ncode_entry_after:\nhlt\nhlt\n"
        "code_framed:\nsub $40, %rsp\ncode_framed_body:\nnop\nadd $40, %rsp\nret\n"
        "code_return:\nmov $15, %rax\nsyscall\nhlt\n");
extern const char code_entry_after[], code_framed[], code_framed_body[], code_return[];

Test(unwind_rules, code_without_a_row_is_read_and_nobody_asked)
{
    check_simple(code_framed, false, 8, 0);
    check_simple(code_framed_body, false, 48, 0);
    cr_assert_eq(unwind_rule_kind(unwind_rule_of_sigsafe((uint64_t)code_entry_after - 1)),
                 RULE_END);
    cr_assert_eq(unwind_rule_kind(rule_at(code_return)), RULE_SIGNAL);
    cr_assert_eq(unwind_rule_kind(rule_at(code_entry_after)), RULE_UNKNOWN);
}

static void *trampoline;

static void handler(int signal)
{
    (void)signal;
    trampoline = __builtin_return_address(0);
}

Test(unwind_rules, where_stacks_end_and_signals_return)
{
    extern const char _start[];

    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    cr_assert_eq(unwind_rule_kind(rule_at(trampoline)), RULE_SIGNAL);
    cr_assert_eq(unwind_rule_kind(rule_at(row_end)), RULE_END);
    cr_assert_eq(unwind_rule_kind(rule_at(_start + 16)), RULE_END);
}

Test(unwind_rules, entries_of_the_plt_push_before_they_jump)
{
    for (unsigned i = 0; i < 16; i++)
        check_simple(row_plt + i, false, i >= 11 ? 16 : 8, 0);
}

Test(unwind_rules, the_linkers_expression_is_known_and_no_other)
{
    uint8_t bytes[] = {0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22};
    struct cfi_expression expression = {bytes, sizeof(bytes)};
    unsigned threshold = 99;

    cr_assert(cfi_is_plt_sigsafe(&expression, &threshold));
    cr_assert_eq(threshold, 11);
    bytes[6] = 0x36;
    cr_assert(cfi_is_plt_sigsafe(&expression, &threshold));
    cr_assert_eq(threshold, 6);
    bytes[6] = 0x40;
    cr_assert_not(cfi_is_plt_sigsafe(&expression, &threshold));
    bytes[6] = 0x2f;
    cr_assert_not(cfi_is_plt_sigsafe(&expression, &threshold));
    bytes[6] = 0x3b;
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] ^= 0x40;
        cr_assert_not(cfi_is_plt_sigsafe(&expression, &threshold), "byte %zu", i);
        bytes[i] ^= 0x40;
    }
    for (expression.size = 0; expression.size < sizeof(bytes); expression.size++)
        cr_assert_not(cfi_is_plt_sigsafe(&expression, &threshold));
}

static uint64_t code_start, code_size;
static unwind_rule *known;

static int find_code(struct dl_phdr_info *info, size_t size, void *data)
{
    const uint64_t inside = (uint64_t)data - info->dlpi_addr;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && inside - segment->p_vaddr < segment->p_memsz) {
            code_start = info->dlpi_addr + segment->p_vaddr;
            code_size = segment->p_memsz;
        }
    }
    return 0;
}

/* Spread over all of libc's code, and all different. */
static uint64_t pc_number(uint32_t number)
{
    return code_start + number * (code_size / PCS);
}

static void learn(void)
{
    modules_init();
    dl_iterate_phdr(find_code, dlsym(RTLD_DEFAULT, "gnu_get_libc_version"));
    known = malloc(PCS * sizeof(*known));
    for (uint32_t i = 0; i < PCS; i++)
        known[i] = unwind_rule_of_sigsafe(pc_number(i));
}

static void unlearn(void)
{
    free(known);
}

/* The number of answers that are not as they were, from `first` on. */
static uintptr_t count_wrong(uint32_t first)
{
    uintptr_t wrong = 0;

    for (uint32_t i = 0; i < PCS; i++) {
        uint32_t number = (first + i) % PCS;
        wrong += unwind_rule_of_sigsafe(pc_number(number)) != known[number];
    }
    return wrong;
}

TestSuite(unwind_rules_cache, .init = learn, .fini = unlearn);

Test(unwind_rules_cache, answers_stay_the_same)
{
    unsigned simple = 0;

    cr_assert_gt(code_size, PCS);
    for (uint32_t i = 0; i < PCS; i++)
        simple += unwind_rule_kind(known[i]) == RULE_SIMPLE;
    cr_assert_gt(simple, PCS / 10 * 9, "libc's rows are simple");
    cr_assert_eq(count_wrong(0), 0);
    unwind_rules_forget();
    cr_assert_eq(count_wrong(0), 0);
    unwind_rules_forget();
    for (uint32_t i = 0; i < PCS; i += 7) {
        cr_assert_eq(unwind_rule_of_sigsafe(pc_number(i)), known[i]);
        cr_assert_eq(unwind_rule_of_sigsafe(pc_number(i)), known[i], "and from the cache");
    }
}

/* Addresses that share a set of the cache. */
Test(unwind_rules_cache, neighbours_in_the_cache_do_not_mix)
{
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t pc = pc_number(i);
        uint64_t twin =
            pc ^ (1u << (UNWIND_BLOCK_BITS + UNWIND_SET_BITS)) ^ 1u << UNWIND_BLOCK_BITS;
        unwind_rule rule = known[i], of_twin;
        cr_assert_eq(unwind_rule_set(pc >> UNWIND_BLOCK_BITS),
                     unwind_rule_set(twin >> UNWIND_BLOCK_BITS));
        unwind_rules_forget();
        of_twin = unwind_rule_of_sigsafe(twin);
        for (int turn = 0; turn < 3; turn++) {
            cr_assert_eq(unwind_rule_of_sigsafe(pc), rule);
            cr_assert_eq(unwind_rule_of_sigsafe(twin), of_twin);
        }
    }
}

/* Nine rows in 64 bytes of code, more than a set of the cache has places, and rows that
 * end where the block does. */
__asm__(".text\n.balign 64\n.globl rows_many\nrows_many:\n.cfi_startproc\n"
        ".rept 8\n.fill 7, 1, 0x90\n.cfi_adjust_cfa_offset 8\n.endr\n"
        ".fill 8, 1, 0x90\n.cfi_def_cfa_offset 8\n.fill 64, 1, 0x90\n"
        ".cfi_def_cfa_offset 808\n.fill 56, 1, 0x90\n.cfi_endproc\n");
extern const char rows_many[];

static uint64_t offset_of(unsigned place)
{
    return place < 56 ? 8 + place / 7 * 8 : place < 64 ? 72 : place < 128 ? 8 : 808;
}

Test(unwind_rules_cache, rows_that_meet_in_a_block)
{
    const unsigned size = 184;

    for (unsigned first = 0; first < size; first++) {
        unwind_rules_forget();
        for (unsigned i = 0; i < 3 * size; i++) {
            unsigned place = (first + i * 5) % size;
            cr_assert_eq(unwind_rule_cfa_offset(rule_at(rows_many + place)), offset_of(place),
                         "place %u, first %u", place, first);
        }
    }
}

Test(unwind_rules_cache, knows_the_code_around_what_was_met)
{
    unwind_rules_forget();
    cr_assert_eq(unwind_rule_cached_sigsafe((uint64_t)rows_many + 130), 0);
    unwind_rule_make_sigsafe((uint64_t)rows_many + 130);
    for (unsigned place = 56; place < 184; place++)
        cr_assert_eq(
            unwind_rule_cfa_offset(unwind_rule_cached_sigsafe((uint64_t)rows_many + place)),
            offset_of(place), "place %u", place);
    /* What was met is there in any case; short rows only then. */
    unwind_rule_make_sigsafe((uint64_t)rows_many + 8);
    cr_assert_neq(unwind_rule_cached_sigsafe((uint64_t)rows_many + 8), 0);
    cr_assert_eq(unwind_rule_cached_sigsafe((uint64_t)rows_many + 184), 0);
}

static void *ask(void *argument)
{
    return (void *)count_wrong((uint32_t)(uintptr_t)argument);
}

Test(unwind_rules_cache, threads_get_the_same_answers)
{
    pthread_t threads[THREADS];
    void *wrong;

    unwind_rules_forget();
    for (uintptr_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, (void *)(i * 100)), 0);
    for (int i = 0; i < 200; i++)
        unwind_rules_forget();
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &wrong);
        cr_assert_null(wrong);
    }
}

Test(unwind_rules_cache, a_generation_forgets)
{
    uint32_t before = modules_generation_sigsafe();

    modules_advance_generation();
    cr_assert_eq(modules_generation_sigsafe(), before + 1);
    cr_assert_eq(count_wrong(0), 0);
}
