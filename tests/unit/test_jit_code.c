/* Owners of addresses over time. */
#include "analyzer/symbols/jit_code.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct jit_code *code;

static void start(void)
{
    code = jit_code_new();
}

static void stop(void)
{
    jit_code_free(code);
}

static uint32_t add(uint64_t from, uint64_t size, uint64_t time_ns, const char *name)
{
    return jit_code_add(code, from, size, time_ns, name, strlen(name));
}

/* "" where nobody is. */
static const char *name_at(uint64_t pc, uint64_t time_ns)
{
    struct jit_owner owner;

    return jit_code_find(code, pc, time_ns, &owner) ? jit_code_name(code, owner.entry) : "";
}

TestSuite(jit_code, .init = start, .fini = stop);

Test(jit_code, an_address_has_the_owner_of_the_time)
{
    add(0x1000, 0x100, 10, "f");
    add(0x1080, 0x100, 20, "g");
    add(0x1000, 0x10, 30, "h");
    cr_assert_str_eq(name_at(0xfff, 15), "");
    cr_assert_str_eq(name_at(0x1000, 15), "f");
    cr_assert_str_eq(name_at(0x10ff, 19), "f");
    cr_assert_str_eq(name_at(0x10ff, 20), "g");
    cr_assert_str_eq(name_at(0x117f, 99), "g");
    cr_assert_str_eq(name_at(0x1180, 99), "");
    cr_assert_str_eq(name_at(0x100f, 29), "f");
    cr_assert_str_eq(name_at(0x100f, 30), "h");
    cr_assert_str_eq(name_at(0x1010, 99), "f");
}

Test(jit_code, an_owner_says_how_long_it_is_one)
{
    struct jit_owner owner;

    add(0x1000, 0x100, 10, "f");
    add(0x1000, 0x100, 20, "g");
    add(0x1000, 0x100, 30, "g");
    add(0x1000, 0x100, 40, "h");
    cr_assert(jit_code_find(code, 0x1000, 5, &owner));
    cr_assert_eq(owner.from_ns, 0, "files tell a little late");
    cr_assert_eq(owner.until_ns, 20);
    cr_assert(jit_code_find(code, 0x1000, 35, &owner));
    cr_assert_eq(owner.from_ns, 20, "the same again changes nothing");
    cr_assert_eq(owner.until_ns, 40);
    cr_assert(jit_code_find(code, 0x1000, UINT64_MAX, &owner));
    cr_assert_eq(owner.until_ns, UINT64_MAX);
}

Test(jit_code, of_owners_told_together_the_last_counts_before_that_as_well)
{
    struct jit_owner owner;

    add(0x1000, 0x100, 10, "f");
    add(0x1000, 0x100, 10, "g");
    add(0x1000, 0x100, 20, "h");
    cr_assert(jit_code_find(code, 0x1000, 5, &owner));
    cr_assert_str_eq(jit_code_name(code, owner.entry), "g");
    cr_assert_eq(owner.from_ns, 0);
    cr_assert_eq(owner.until_ns, 20);
}

Test(jit_code, times_that_go_back_count_as_the_one_before)
{
    add(0x1000, 0x100, 10, "f");
    add(0x1000, 0x100, 50, "g");
    add(0x1000, 0x100, 20, "h");
    cr_assert_str_eq(name_at(0x1000, 49), "f");
    cr_assert_str_eq(name_at(0x1000, 50), "h");
}

Test(jit_code, what_moves_keeps_its_name_and_lines)
{
    struct jit_owner owner;
    uint32_t f = add(0x1000, 0x10, 10, "f");

    jit_code_add_line(code, &(struct jit_line){0, 7, "a.c"});
    jit_code_add_line(code, &(struct jit_line){8, 9, "a.c"});
    jit_code_move(code, f, 0x2000, 20);
    add(0x1000, 0x10, 30, "g");
    cr_assert_str_eq(name_at(0x1000, 15), "f");
    cr_assert_str_eq(name_at(0x2008, 25), "f");
    cr_assert_str_eq(name_at(0x1000, 35), "g");
    cr_assert(jit_code_find(code, 0x2009, 25, &owner));
    cr_assert_eq(jit_code_line(code, owner.entry, 0x2009)->line, 9);
    cr_assert_eq(jit_code_line(code, owner.entry, 0x2007)->line, 7);
    cr_assert_eq(jit_code_first_line(code, owner.entry), 7);
}

Test(jit_code, what_cannot_be_code_is_refused)
{
    cr_assert_eq(add(0x1000, 0, 1, "f"), JIT_CODE_NONE);
    cr_assert_eq(add(0x1000, 1, 1, ""), JIT_CODE_NONE);
    cr_assert_eq(add(UINT64_MAX, 2, 1, "f"), JIT_CODE_NONE);
    cr_assert_eq(add(1ull << 63, 2, 1, "f"), JIT_CODE_NONE);
    cr_assert_str_eq(name_at(0, 1), "");
}

Test(jit_code, random_intervals_agree_with_looking_at_all)
{
    struct {
        uint64_t start, size, from;
        char name[8];
    } all[400];
    unsigned seed = 7;

    for (unsigned i = 0; i < 400; i++) {
        all[i].start = 0x1000 + (uint64_t)(rand_r(&seed) % 500);
        all[i].size = 1 + (uint64_t)(rand_r(&seed) % (i % 10 ? 20 : 400));
        all[i].from = 10ull * i;
        snprintf(all[i].name, sizeof(all[i].name), "f%u", i);
        add(all[i].start, all[i].size, all[i].from, all[i].name);
    }
    for (unsigned i = 0; i < 5000; i++) {
        uint64_t pc = 0x1000 + (uint64_t)(rand_r(&seed) % 1000);
        uint64_t time = (uint64_t)(rand_r(&seed) % 4000);
        const char *first = "", *wanted = "";
        for (unsigned n = 0; n < 400; n++) {
            if (pc < all[n].start || pc - all[n].start >= all[n].size)
                continue;
            first = *first == '\0' ? all[n].name : first;
            wanted = all[n].from <= time ? all[n].name : wanted;
        }
        cr_assert_str_eq(name_at(pc, time), *wanted != '\0' ? wanted : first);
    }
}

Test(jit_code, a_million_names_of_one_address_are_quick, .timeout = 20)
{
    struct jit_owner owner;
    char name[16];

    for (unsigned i = 0; i < 1000000; i++) {
        snprintf(name, sizeof(name), "%u", i);
        add(0x1000, 0x1000, i, name);
    }
    for (unsigned i = 0; i < 1000; i++)
        cr_assert(jit_code_find(code, 0x1000 + i, UINT64_MAX, &owner));
    cr_assert_str_eq(jit_code_name(code, owner.entry), "999999");
}
