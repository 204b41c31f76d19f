/* Unit tests of analyzer/model/reachability.c: small heaps with known answers. */
#include "analyzer/model/reachability.h"
#include "analyzer/util/memory.h"

#include <criterion/criterion.h>
#include <string.h>

#define BREAK 0x55550000ull      /* the first heap */
#define MAPPED 0x7f0000000000ull /* an arena, aligned as glibc's are */
#define ROOT 0x1000ull

static struct reachability *heap;

/* Blocks of 64 bytes at BREAK + 0x100 * number, and what is asked besides. */
static void start(size_t count, const struct reachability_block *more, bool all)
{
    struct reachability_block *blocks = memory_alloc((count + 1) * sizeof(*blocks));

    for (size_t i = 0; i < count; i++)
        blocks[i] =
            (struct reachability_block){.address = BREAK + 0x100 * i, .size = 64, .owner = i};
    if (more != NULL)
        blocks[count++] = *more;
    heap = reachability_new(blocks, count, all);
}

/* In a mapping of 128 MiB around it. */
static void hold(enum trace_memory kind, uint64_t address, uint64_t value)
{
    struct trace_word word = {
        .kind = kind, .start = address & ~0x7ffffffull, .address = address, .value = value};

    word.end = word.start + 0x8000000;
    reachability_word(heap, &word);
}

static void point(uint64_t from, uint64_t to)
{
    hold(TRACE_MEMORY_HEAP, BREAK + 0x100 * from, BREAK + 0x100 * to);
}

static void root(uint64_t value)
{
    hold(TRACE_MEMORY_DATA, ROOT, value);
}

/* "dir.." : direct, indirect, reachable, in order of address. */
static void expect(const char *kinds)
{
    const struct reachability_block *blocks = reachability_finish(heap);

    for (size_t i = 0; kinds[i] != '\0'; i++)
        cr_expect_eq(blocks[i].kind,
                     kinds[i] == 'd'   ? LEAK_DIRECT
                     : kinds[i] == 'i' ? LEAK_INDIRECT
                                       : LEAK_REACHABLE,
                     "block %zu should be %c", i, kinds[i]);
    reachability_free(heap);
}

Test(reachability, what_a_lost_head_leads_to_is_indirectly_lost)
{
    start(4, NULL, true);
    point(0, 1);
    point(1, 2);
    expect("diid");
}

Test(reachability, of_a_lost_ring_all_is_indirect)
{
    start(3, NULL, true);
    point(0, 1);
    point(1, 0);
    point(2, 2); /* to itself: does not count */
    expect("iid");
}

Test(reachability, roots_keep_what_they_lead_to)
{
    start(5, NULL, true);
    root(BREAK + 0x100);
    point(1, 2);
    point(2, 1);
    point(3, 2); /* a lost block's pointer changes nothing */
    expect("drrdd");
}

Test(reachability, pointers_into_a_block_count_behind_it_they_do_not)
{
    const struct reachability_block empty = {.address = BREAK + 0x900, .size = 0};

    start(3, &empty, true);
    root(BREAK + 63);
    root(BREAK + 0x100 + 64);
    root(BREAK + 0x200 - 1);
    root(BREAK + 0x900);
    expect("rddr");
}

Test(reachability, registers_stacks_and_mapped_memory_are_roots)
{
    start(4, NULL, true);
    hold(TRACE_MEMORY_REGISTERS, 8, BREAK);
    hold(TRACE_MEMORY_STACK, 0x7ffe00000000, BREAK + 0x100);
    hold(TRACE_MEMORY_ANONYMOUS, MAPPED, BREAK + 0x200);
    expect("rrrd");
}

Test(reachability, left_overs_of_freed_blocks_say_nothing)
{
    start(2, NULL, true);
    hold(TRACE_MEMORY_HEAP, BREAK + 0x80, BREAK + 0x100);
    hold(TRACE_MEMORY_HEAP, BREAK + 60, BREAK + 0x100); /* not whole in it */
    expect("dd");
}

Test(reachability, where_blocks_are_unknown_such_words_may_be_theirs)
{
    start(2, NULL, false);
    hold(TRACE_MEMORY_HEAP, BREAK + 0x80, BREAK + 0x100);
    expect("dr");
}

Test(reachability, left_overs_in_an_arena_say_nothing_beside_a_large_block_they_are_the_programs)
{
    const struct reachability_block in_arena = {.address = MAPPED + 0x8a0, .size = 32};

    start(1, &in_arena, true);
    hold(TRACE_MEMORY_ANONYMOUS, MAPPED + 0x2000, BREAK);
    expect("dd");

    const struct reachability_block large = {.address = MAPPED + 0x10, .size = 1 << 20};
    start(1, &large, true);
    hold(TRACE_MEMORY_ANONYMOUS, MAPPED + (2 << 20), BREAK);
    expect("rd");
}

/* The data of a program lies near its heap, in the same 64 MiB. */
Test(reachability, words_of_another_mapping_than_the_blocks_are_the_programs)
{
    const struct trace_word word = {.kind = TRACE_MEMORY_ANONYMOUS,
                                    .start = BREAK - 0x2000,
                                    .end = BREAK - 0x1000,
                                    .address = BREAK - 0x1800,
                                    .value = BREAK};

    start(1, NULL, true);
    reachability_word(heap, &word);
    expect("r");
}

Test(reachability, no_blocks_and_no_words)
{
    start(0, NULL, true);
    root(BREAK);
    expect("");
    reachability_free(NULL);
}

/* Against the definition, computed in the simplest way there is. */
Test(reachability, random_graphs_are_as_the_definition_says)
{
    enum { BLOCKS = 24, WORDS = 30, GRAPHS = 2000 };

    for (unsigned seed = 1; seed <= GRAPHS; seed++) {
        bool points[BLOCKS][BLOCKS] = {{false}}, kept[BLOCKS] = {false};
        char kinds[BLOCKS + 1] = {0};

        srand(seed);
        start(BLOCKS, NULL, true);
        for (int i = 0; i < WORDS; i++) {
            int from = rand() % BLOCKS, to = rand() % BLOCKS;
            points[from][to] = true;
            point((uint64_t)from, (uint64_t)to);
        }
        for (int i = 0; i < (int)seed % 4; i++) {
            int to = rand() % BLOCKS;
            kept[to] = true;
            root(BREAK + 0x100 * (uint64_t)to);
        }
        for (int round = 0; round < BLOCKS; round++)
            for (int from = 0; from < BLOCKS; from++)
                for (int to = 0; to < BLOCKS; to++)
                    kept[to] |= kept[from] && points[from][to];
        for (int to = 0; to < BLOCKS; to++) {
            bool pointed = false;
            for (int from = 0; from < BLOCKS; from++)
                pointed |= from != to && !kept[from] && points[from][to];
            kinds[to] = (char)(kept[to] ? 'r' : pointed ? 'i' : 'd');
        }
        expect(kinds);
    }
}
