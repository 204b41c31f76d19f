/* Walks where stacks are not as they should be: none may fault or run away. */
#include "tests/unit/walks.h"

#include <criterion/criterion.h>
#include <setjmp.h>

#define NO_ASAN __attribute__((no_sanitize("address", "undefined")))

static sigjmp_buf escape;

static void on_fault(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    unwind_sigsafe(&walk, context, &bounds, max_depth, UNWIND_AUTO);
    siglongjmp(escape, 1);
}

TestSuite(unwind_hostile, .init = walks_init);

NOINLINE static void call(void (*function)(void))
{
    volatile char place[8];

    place[0] = 0;
    function(); /* NOLINT(clang-analyzer-core.CallAndMessage): that is the point */
    __asm__ volatile("" : : "r"(place) : "memory");
}

static void check_call_of(uint64_t address)
{
    if (sigsetjmp(escape, 1) == 0)
        call((void (*)(void))address);
    cr_assert_eq(pc_of(0), address & (UINT64_MAX >> TRACE_NODE_BITS));
    cr_assert_gt(walk.depth, 3);
    cr_assert(pc_of(1) > (uint64_t)call && pc_of(1) < (uint64_t)call + 256);
    cr_assert(walk.codes[1] & TRACE_NODE_GUESSED);
    cr_assert_eq(walk.root, TRACE_STACK_COMPLETE);
}

Test(unwind_hostile, a_call_of_nothing)
{
    void *heap = malloc(16);

    on(SIGSEGV, on_fault, 0);
    check_call_of(0);
    check_call_of(8);
    check_call_of((uint64_t)heap);
    free(heap);
}

static ucontext_t outside, fibre;

static void run_fibre(void)
{
    recurse(10, raise_it);
}

Test(unwind_hostile, fibres_have_stacks_of_their_own)
{
    getcontext(&fibre);
    fibre.uc_stack.ss_sp = malloc(1 << 17);
    fibre.uc_stack.ss_size = 1 << 17;
    fibre.uc_link = &outside;
    makecontext(&fibre, run_fibre, 0);
    swapcontext(&outside, &fibre);
    free(fibre.uc_stack.ss_sp);
    cr_assert_geq(count_frames_of_recurse(), 10);
    cr_assert(walk.root == TRACE_STACK_COMPLETE || walk.root == TRACE_STACK_BROKEN);
    cr_assert_leq(walk.depth, 30);
}

static void on_smashed(int signal, siginfo_t *info, void *context)
{
    (void)signal;
    (void)info;
    unwind_sigsafe(&walk, context, &bounds, max_depth, UNWIND_AUTO);
}

/* Overwrites the saved rbp and the return address of its frame for the time of a
 * signal. */
NOINLINE NO_ASAN static void smash(uint64_t fp, uint64_t ra)
{
    uint64_t *frame = __builtin_frame_address(0);
    const uint64_t saved[2] = {frame[0], frame[1]};

    frame[0] = fp;
    frame[1] = ra;
    __asm__ volatile("" : : "r"(frame) : "memory");
    raise(SIGUSR1);
    frame[0] = saved[0];
    frame[1] = saved[1];
    __asm__ volatile("" : : "r"(frame) : "memory");
}

Test(unwind_hostile, smashed_stacks_are_survived)
{
    void *library = &qsort;
    uint64_t state = 20261120;
    static const uint64_t junk[] = {0, 1, 7, 0x1000, 0x7fffffffffffu, 1ull << 63, UINT64_MAX};
    const size_t count = sizeof(junk) / sizeof(junk[0]);

    on(SIGUSR1, on_smashed, 0);
    for (size_t i = 0; i < count * count; i++)
        smash(junk[i % count], junk[i / count]);
    for (int round = 0; round < 20000; round++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t ra = (uint64_t)library + (state >> 45) - (1 << 18);
        uint64_t fp = (uint64_t)&state + (state >> 20) % 8192 - 1024 + (round % 5 == 0);
        smash(fp, ra);
        cr_assert(walk.depth > 0 && walk.depth < UNWIND_DEPTH_MAX);
    }
}
