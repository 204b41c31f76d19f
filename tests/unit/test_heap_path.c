/* Paths found, against the C library's own backtrace. */
#include "preload/heap_path.h"
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
static unsigned long compared, unlike, not_found;
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

/* The same frames, this function's caller's first, in the ring. */
NOINLINE static void compare(void)
{
    void *pcs[DEPTH_MAX + 50];
    const struct ring_node *nodes = ring_nodes(ring);
    const struct registers at = {.pc = (uint64_t)__builtin_return_address(0),
                                 .sp = (uint64_t)__builtin_frame_address(0) + 16,
                                 .fp = *(const uint64_t *)__builtin_frame_address(0)};
    int depth = backtrace(pcs, DEPTH_MAX + 50), i = 0;
    compared++;
    if (!heap_path_find(path, &at, generation)) {
        not_found++;
        return;
    }
    while (i < depth && (uint64_t)pcs[i] != at.pc) /* backtrace() itself, sanitizers */
        i++;
    ring_extend_nodes(ring);
    uint32_t node = heap_path_node(path, ring);
    for (; i < depth && node >= TRACE_STACK_FIRST; i++, node = nodes[node].parent)
        unlike += nodes[node].code >> TRACE_NODE_BITS != (uint64_t)pcs[i];
    unlike += i != depth || node != TRACE_STACK_COMPLETE;
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
    cr_log_info("%s: %lu compared", what, compared);
    cr_assert_gt(compared, 1000);
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
