/* Populating pages. Its own file because the ring, the stacks and the threads all do
 * it, and an old kernel is known to one of them only. */
#include "preload/pages.h"

#include "preload/platform.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define PAGE 4096u

int pages_populate_sigsafe(const void *address, size_t size)
{
    uintptr_t start = (uintptr_t)address & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)address + size + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    long status = platform_syscall4_sigsafe(SYS_madvise, (long)start, (long)(end - start),
                                            MADV_POPULATE_WRITE, 0);
    return status == 0 || status == -EINVAL ? 0 : -ENOSPC;
}

int pages_populate(const void *address, size_t size)
{
    return pages_populate_sigsafe(address, size);
}

void pages_drop(const void *address, size_t size)
{
    uintptr_t start = ((uintptr_t)address + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    uintptr_t end = ((uintptr_t)address + size) & ~(uintptr_t)(PAGE - 1);
    int saved_errno = errno;
    if (start < end)
        madvise((void *)start, end - start, MADV_DONTNEED); /* not what is locked */
    errno = saved_errno;
}
