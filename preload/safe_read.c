/*
 * Probing pages by rt_sigprocmask: with an invalid `how` the call changes nothing,
 * but reads its new mask first: EFAULT means unreadable, EINVAL readable. 160 ns,
 * against 400 ns of process_vm_readv, which sandboxes forbid.
 */
#include "preload/safe_read.h"

#include "preload/platform.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define INVALID_HOW (-1)
#define KERNEL_SIGSET_SIZE 8

static bool usable;

static long probe_sigsafe(uint64_t address)
{
    return platform_syscall4_sigsafe(SYS_rt_sigprocmask, INVALID_HOW, (long)(address & ~7ull), 0,
                                     KERNEL_SIGSET_SIZE);
}

void safe_read_init(void)
{
    void *page = mmap(NULL, SAFE_READ_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return;
    usable = probe_sigsafe((uint64_t)page) == -EFAULT && probe_sigsafe((uint64_t)&page) == -EINVAL;
    munmap(page, SAFE_READ_PAGE);
}

bool safe_read_page_sigsafe(uint64_t address)
{
    return usable && probe_sigsafe(address) == -EINVAL;
}
