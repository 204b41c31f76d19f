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

static uint32_t bell;

void bell_wait_word(const uint32_t *word, uint32_t value, uint64_t timeout_ns)
{
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000u),
                               .tv_nsec = (long)(timeout_ns % 1000000000u)};
    platform_syscall4_sigsafe(SYS_futex, (long)word, FUTEX_WAIT_PRIVATE, (long)value,
                              (long)&timeout);
}

void bell_wake_word_sigsafe(const uint32_t *word)
{
    platform_syscall4_sigsafe(SYS_futex, (long)word, FUTEX_WAKE_PRIVATE, INT_MAX, 0);
}

void bell_ring_sigsafe(void)
{
    __atomic_add_fetch(&bell, 1, __ATOMIC_RELEASE); /* pairs with bell_rings() */
    bell_wake_word_sigsafe(&bell);
}

uint32_t bell_rings(void)
{
    return __atomic_load_n(&bell, __ATOMIC_ACQUIRE);
}

void bell_wait(uint32_t rings, uint64_t timeout_ns)
{
    bell_wait_word(&bell, rings, timeout_ns);
}
