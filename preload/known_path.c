/* Filling in what is compared. Its own file beside heap_path.c, which walks. */
#include "preload/known_path.h"

void known_path_begin(struct known_path *known, const struct registers *at, bool needs_fp,
                      uint64_t epoch)
{
    __atomic_store_n(&known->count, 0, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    known->pc = at->pc;
    known->sp = at->sp;
    known->fp = at->fp;
    known->fp_bits = needs_fp ? ~0ull : 0;
    known->epoch = epoch;
    known->added = known->node = 0;
}

bool known_path_add(struct known_path *known, uint64_t address, uint64_t value)
{
    uint64_t at = (address - known->sp) / sizeof value;
    if (known->added == KNOWN_PATH_WORDS || at > UINT16_MAX)
        return false;
    known->at[known->added] = (uint16_t)at;
    known->value[known->added++] = value;
    return true;
}

void known_path_finish(struct known_path *known, uint32_t callers)
{
    known->callers = callers;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    __atomic_store_n(&known->count, known->added, __ATOMIC_RELAXED);
}
