/*
 * Waiting and waking by futex. Its own file because those who ring stand below
 * the servant and need not know it.
 */
#include "preload/bell.h"

#include "preload/platform.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>

static uint32_t own; /* until there is a ring file, and without one */
static uint32_t *bell = &own;

void bell_use(uint32_t *word)
{
    __atomic_store_n(&bell, word ? word : &own, __ATOMIC_RELEASE);
}

void bell_wait_word(const uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000u),
                               .tv_nsec = (long)(timeout_ns % 1000000000u)};
    platform_syscall4_sigsafe(SYS_futex, (long)word, FUTEX_WAIT, (long)value, (long)&timeout);
}

void bell_wake_word_sigsafe(const uint32_t *word)
{
    platform_syscall4_sigsafe(SYS_futex, (long)word, FUTEX_WAKE, INT_MAX, 0);
}

void bell_ring_sigsafe(void)
{
    uint32_t *word = __atomic_load_n(&bell, __ATOMIC_ACQUIRE);
    __atomic_add_fetch(word, 1, __ATOMIC_RELEASE); /* pairs with bell_rings() */
    bell_wake_word_sigsafe(word);
}

uint32_t bell_rings(void)
{
    return __atomic_load_n(bell, __ATOMIC_ACQUIRE);
}

void bell_wait(uint32_t rings, uint64_t timeout_ns)
{
    bell_wait_word(bell, rings, timeout_ns);
}
