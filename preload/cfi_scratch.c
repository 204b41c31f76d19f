/*
 * A few hundred scratches and a bit for each. Its own file because it is the only
 * state the interpreter has. The first free one is taken, so that few are ever
 * touched.
 */
#include "preload/cfi_scratch.h"

#define WORDS 4u
#define BITS 64u

static struct cfi_scratch scratches[WORDS * BITS];
static uint64_t taken[WORDS];

struct cfi_scratch *cfi_scratch_take_sigsafe(void)
{
    for (uint32_t word = 0; word < WORDS; word++) {
        uint64_t seen = __atomic_load_n(&taken[word], __ATOMIC_RELAXED);
        while (~seen) {
            uint32_t number = (uint32_t)__builtin_ctzll(~seen);
            uint64_t bit = (uint64_t)1 << number;
            /* Pairs with the release below: what its user before wrote is written. */
            seen = __atomic_fetch_or(&taken[word], bit, __ATOMIC_ACQUIRE);
            if (!(seen & bit))
                return &scratches[word * BITS + number];
        }
    }
    return NULL;
}

void cfi_scratch_give_back_sigsafe(struct cfi_scratch *scratch)
{
    uint32_t number = (uint32_t)(scratch - scratches);
    __atomic_fetch_and(&taken[number / BITS], ~((uint64_t)1 << number % BITS), __ATOMIC_RELEASE);
}

void cfi_scratch_fork_child(void)
{
    for (uint32_t word = 0; word < WORDS; word++)
        __atomic_store_n(&taken[word], 0, __ATOMIC_RELAXED);
}
