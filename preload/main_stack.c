/* Where the first stack lies. Its own file because only the loader knows where it ends. */
#include "preload/main_stack.h"

#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE_MOST (1ull << 30) /* believed of an unlimited one */

struct stack_bounds main_stack_bounds(void)
{
    struct rlimit limit;
    uint64_t size = SIZE_MOST;
    /* By name: the symbol is the loader's, which we do not link to. */
    void *const *begin = dlsym(RTLD_DEFAULT, "__libc_stack_end");
    uint64_t high = begin ? ((uint64_t)*begin + 4095) & ~4095ull : 0;
    if (getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur < size)
        size = limit.rlim_cur;
    return (struct stack_bounds){.low = high > size ? high - size : 0, .high = high};
}

struct stack_bounds main_stack_of_caller(void)
{
    const struct stack_bounds unknown = {0, 0};
    return syscall(SYS_gettid) == getpid() ? main_stack_bounds() : unknown;
}
