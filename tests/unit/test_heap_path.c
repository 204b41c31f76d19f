/* Paths found, against the C library's own backtrace. */
#include "preload/heap_path.h"

#include "preload/contract/node_room.h"
#include "preload/modules.h"
#include "preload/stack_table.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <execinfo.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#define NOINLINE __attribute__((noinline, noclone))
#define DEPTH_MAX 200

static struct heap_path *path;
static uint32_t generation = 1;
static unsigned long compared, unlike, not_found, known;
static volatile int after;

static void start(void)
{
    pthread_attr_t attributes;
    void *low;
    size_t size;
    ring_start();
    modules_init();
    unwind_rules_init();
    if (stack_table_init() != 0)
        abort();
    path = mmap(NULL, sizeof *path, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &low, &size);
    pthread_attr_destroy(&attributes);
    heap_path_begin(path, 1, (uint64_t)low, (uint64_t)low + size, 512);
}

TestSuite(heap_path, .init = start, .fini = ring_stop);

/* The frames found are those, the first one at `pc`. */
static bool is_path(uint64_t pc, void *const *pcs, int depth)
{
    int i = 0;
    while (i < depth && (uint64_t)pcs[i] != pc) /* backtrace() itself, sanitizers */
        i++;
    ring_extend_nodes(ring);
    uint32_t node = heap_path_node(path, ring);
    for (; i < depth && node >= TRACE_STACK_FIRST; i++, node = ring_node_at(ring, node)->parent)
        if (ring_node_at(ring, node)->code >> TRACE_NODE_BITS != (uint64_t)pcs[i])
            return false;
    return i == depth && node == TRACE_STACK_COMPLETE;
}

/* The same frames, this function's caller's first, in the ring: met once, or so often that the
 * path is known. */
NOINLINE static void compare(void)
{
    void *pcs[DEPTH_MAX + 50];
    const struct registers at = {.pc = (uint64_t)__builtin_return_address(0),
                                 .sp = (uint64_t)__builtin_frame_address(0) + 16,
                                 .fp = *(const uint64_t *)__builtin_frame_address(0)};
    int depth = backtrace(pcs, DEPTH_MAX + 50);
    for (long times = random() % 4; times >= 0; times--) {
        compared++;
        node_room_recycle(ring, node_room_era_start_sigsafe(ring)); /* as if all were drained */
        if (!heap_path_find(path, &at, generation + modules_generation_sigsafe())) {
            not_found++;
            return;
        }
        known += path->known != NULL;
        unlike += !is_path(at.pc, pcs, depth);
    }
}

static void descend(int depth);

NOINLINE static void plain(int depth)
{
    descend(depth);
    after++;
}

/* Another frame of the same size. */
NOINLINE static void alike(int depth)
{
    descend(depth);
    after--;
}

NOINLINE static void large(int depth)
{
    volatile char room[300];
    room[0] = (char)depth;
    descend(depth);
    after += room[0];
}

/* Its frame pointer is needed: the size is known when it runs. */
NOINLINE static void variable(int depth)
{
    volatile char *room = __builtin_alloca(16 + (size_t)(random() % 64));
    room[0] = (char)depth;
    descend(depth);
    after += room[0];
}

NOINLINE __attribute__((optimize("no-omit-frame-pointer"))) static void framed(int depth)
{
    descend(depth);
    after++;
}

static void (*const ways[])(int) = {plain, alike, large, framed, variable};
static unsigned ways_used = sizeof ways / sizeof *ways;

static void descend(int depth)
{
    if (depth <= 0) {
        compare();
        return;
    }
    ways[(unsigned long)random() % ways_used](depth - 1);
    if (random() % 3 == 0)
        ways[(unsigned long)random() % ways_used](depth - 2);
}

static void check(const char *what)
{
    cr_log_info("%s: %lu compared, %lu known", what, compared, known);
    cr_assert_gt(compared, 1000);
    cr_assert_gt(known, compared / 5); /* of 1 to 4 in a row those from the third on */
    cr_assert_eq(unlike, 0);
    cr_assert_eq(not_found, 0);
}

Test(heap_path, frames_of_one_size_exchange)
{
    ways_used = 2;
    for (int i = 0; i < 2000; i++)
        descend(18);
    check("alike");
}

Test(heap_path, frames_of_every_kind_and_size)
{
    for (int i = 0; i < 1000; i++)
        descend((int)(random() % 24));
    check("every kind");
}

Test(heap_path, deep_stacks)
{
    ways_used = 4;
    for (int i = 0; i < 2000; i++)
        plain(i % 3 ? 4 : 0);
    for (int depth = 0; depth < 60; depth++)
        plain(depth / 4);
    check("deep");
}

/* Numbers are given out anew when the index forgets. */
static bool same_stack(uint32_t a, uint32_t b)
{
    const struct ring_node *nodes = ring_nodes(ring);
    while (a != b && a >= TRACE_STACK_FIRST && b >= TRACE_STACK_FIRST &&
           nodes[a].code == nodes[b].code) {
        a = nodes[a].parent;
        b = nodes[b].parent;
    }
    return a == b;
}

Test(heap_path, equal_paths_have_equal_hashes_and_others_do_not)
{
    struct heap_path_seen *seen;
    ways_used = 2;
    for (int i = 0; i < 2000; i++) {
        descend(10);
        uint64_t hash = heap_path_hash(path, 0);
        ring_extend_nodes(ring);
        uint32_t node = heap_path_node(path, ring);
        seen = heap_path_seen(path, hash);
        if (seen->hash == hash)
            cr_assert(same_stack(seen->node, node));
        *seen = (struct heap_path_seen){.hash = hash, .node = node};
        cr_assert_neq(heap_path_hash(path, 1), hash);
    }
}

Test(heap_path, a_stack_elsewhere_is_not_for_it)
{
    struct registers at = {.pc = (uint64_t)&compare, .sp = (uint64_t)path, .fp = 0};
    cr_assert_not(heap_path_find(path, &at, generation));
}

Test(heap_path, code_that_went_is_looked_up_again)
{
    for (; generation < 200; generation++)
        for (int i = 0; i < 10; i++)
            descend(8);
    check("generations");
}

Test(heap_path, garbage_on_the_stack_ends_it)
{
    static _Alignas(16) uint64_t stack[512];
    heap_path_begin(path, 2, (uint64_t)stack, (uint64_t)(stack + 512), 512);
    for (int i = 0; i < 20000; i++) {
        for (int word = 0; word < 512; word++)
            stack[word] = random() % 2 ? (uint64_t)&plain + (uint64_t)(random() % 500)
                                       : (uint64_t)(stack + random() % 600);
        const struct registers at = {.pc = (uint64_t)&plain + 5,
                                     .sp = (uint64_t)(stack + random() % 512),
                                     .fp = (uint64_t)(stack + random() % 512)};
        heap_path_find(path, &at, generation);
    }
}

/* Return addresses in a function whose frames are found by their frame pointers, from the one
 * after `after` on. */
static uint64_t framed_pc(uint64_t after)
{
    for (uint64_t pc = after + 1; pc < (uint64_t)&framed + 40; pc++) {
        unwind_rule rule = unwind_rule_of_sigsafe(pc - 1);
        if (unwind_rule_kind(rule) == RULE_SIMPLE && unwind_rule_from_fp(rule) &&
            unwind_rule_cfa_offset(rule) == 16 && unwind_rule_fp_distance(rule) == 16)
            return pc;
    }
    abort();
}

/* A frame at `fp` whose caller has `caller_fp` and goes on at `pc`. */
static void set_frame(uint64_t *fp, const uint64_t *caller_fp, uint64_t pc)
{
    fp[0] = (uint64_t)caller_fp;
    fp[1] = pc;
}

static uint64_t found_pc(const struct registers *at, uint32_t above_leaf)
{
    cr_assert(heap_path_find(path, at, generation));
    ring_extend_nodes(ring);
    uint32_t node = heap_path_node(path, ring);
    while (above_leaf--)
        node = ring_nodes(ring)[node].parent;
    return ring_nodes(ring)[node].code >> TRACE_NODE_BITS;
}

/* No return address of the known path changes, but they are not on the way any more. */
Test(heap_path, a_known_path_is_left_by_its_frame_pointers)
{
    static _Alignas(16) uint64_t stack[64];
    uint64_t a = framed_pc((uint64_t)&framed), b = framed_pc(a);
    struct registers at = {.pc = a, .sp = (uint64_t)stack, .fp = (uint64_t)&stack[10]};
    heap_path_begin(path, 2, (uint64_t)stack, (uint64_t)(stack + 64), 512);
    set_frame(&stack[10], &stack[20], a);
    set_frame(&stack[20], &stack[24], a);
    set_frame(&stack[24], NULL, 0);
    set_frame(&stack[40], &stack[44], b);
    set_frame(&stack[44], NULL, 0);
    for (int times = 0; times < 3; times++)
        cr_assert_eq(found_pc(&at, 2), a);
    cr_assert(path->known);
    stack[10] = (uint64_t)&stack[40];
    cr_assert_eq(found_pc(&at, 2), b);
    stack[10] = (uint64_t)&stack[20];
    for (int times = 0; times < 3; times++)
        cr_assert_eq(found_pc(&at, 1), a);
    cr_assert(path->known);
    at.fp = (uint64_t)&stack[40];
    cr_assert_eq(found_pc(&at, 1), b);
}
