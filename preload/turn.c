/*
 * Turns, by futex. Its own file because a mutex of the C library's with a time-out goes
 * by the wall clock, and may belong to the target's own hooks.
 */
#include "preload/turn.h"

#include "preload/bell.h"
#include "preload/contract/libc_clock.h"

bool turn_take(uint32_t *turn, uint64_t timeout_ns)
{
    uint64_t deadline = libc_clock_now_sigsafe() + timeout_ns;
    for (uint32_t free = 0;
         !__atomic_compare_exchange_n(turn, &free, 1, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
         free = 0) {
        uint64_t now = libc_clock_now_sigsafe();
        if (now >= deadline)
            return false;
        bell_wait_word(turn, 1, deadline - now);
    }
    return true;
}

void turn_leave(uint32_t *turn)
{
    __atomic_store_n(turn, 0, __ATOMIC_RELEASE); /* pairs with turn_take() */
    bell_wake_word_sigsafe(turn);
}
