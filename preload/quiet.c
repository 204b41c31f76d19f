/* Judging a walk. Its own file because two ask, who nap and who do chores. */
#include "preload/quiet.h"

#include "preload/modules.h"
#include "preload/unwind_libunwind.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stddef.h>
#include <stdlib.h>

/* Making the file and the thread goes 12 KiB deep. */
#define STACK_NEEDED (64u << 10)
/* From the root on: _start, two of the C library's, or three of a thread's. */
#define ROOT_FRAMES 3u

#define DELICATE_MAX 32u

static uint64_t delicate[DELICATE_MAX]; /* an address in each module that is */
static uint32_t delicate_count;
static uint64_t allocator_at; /* 0: not known */
static bool found;

static bool is_in_one_sigsafe(uint64_t pc, const uint64_t *others, uint32_t count)
{
    struct module_tables here, other;
    if (!modules_find_sigsafe(pc, &here))
        return true;
    for (uint32_t i = 0; i < count; i++)
        if (modules_find_sigsafe(others[i], &other) && other.start == here.start)
            return true;
    return false;
}

static void add(const void *address)
{
    if (address && delicate_count < DELICATE_MAX &&
        !is_in_one_sigsafe((uint64_t)address, delicate, delicate_count))
        delicate[delicate_count++] = (uint64_t)address;
}

/* Besides the C library, the loader and us: whoever stands before them with functions that we
 * call there, and may be in the middle of one with a lock held; and libunwind, which the
 * program may use as well, and which does not keep our signal out where it holds its locks. */
static void find(void)
{
    static const char *const called[] = {
        "open",           "read",   "close",  "stat",    "unlink",           "ftruncate",
        "mmap",           "munmap", "mremap", "madvise", "mincore",          "syscall",
        "prctl",          "fcntl",  "getpid", "ioctl",   "process_vm_readv", "pthread_mutex_lock",
        "pthread_create", "malloc",
    };
    found = true;
    add((const void *)&gnu_get_libc_version);
    add((const void *)&quiet_init);
    add((const void *)modules_loader_sigsafe());
    add((const void *)libunwind_calls.init_local2);
    for (size_t i = 0; i < sizeof called / sizeof called[0]; i++) {
        add(dlsym(RTLD_DEFAULT, called[i]));
        add(dlsym(RTLD_NEXT, called[i]));
    }
}

void quiet_init(uint64_t allocator)
{
    if (!found) /* not in a handler, where fork children begin: they have it of the parent */
        find();
    allocator_at = allocator;
}

/* Where code may hold a lock that our work takes. */
static bool is_delicate_sigsafe(uint64_t pc)
{
    return is_in_one_sigsafe(pc, delicate, delicate_count) ||
           (allocator_at && is_in_one_sigsafe(pc, &allocator_at, 1));
}

/* True when nothing but code of the target's own is under way. What is at work is looked at in any
 * case: the C library itself may stand on so few frames, at a thread's start and end. A walk that had
 * to guess may have passed over frames. */
static bool is_alone_sigsafe(const struct walk *walk)
{
    uint32_t outer = walk->reused < ROOT_FRAMES ? ROOT_FRAMES - walk->reused : 0;
    if (walk->root != TRACE_STACK_COMPLETE || walk->cause)
        return false;
    for (uint32_t i = 0; i + outer < walk->depth || i == 0; i++)
        if (is_delicate_sigsafe(walk->codes[i] >> TRACE_NODE_BITS))
            return false;
    for (uint32_t i = ROOT_FRAMES; i < walk->reused; i++)
        if (is_delicate_sigsafe(walk->memory.frames[i].code >> TRACE_NODE_BITS))
            return false;
    return true;
}

/* On the thread's own stack, with room. */
static bool has_room_sigsafe(const struct stack_bounds *bounds)
{
    uint64_t here = (uint64_t)__builtin_frame_address(0);
    return here < bounds->high && here >= bounds->low && here - bounds->low >= STACK_NEEDED;
}

bool quiet_is_here_sigsafe(const struct thread *thread)
{
    return has_room_sigsafe(&thread->bounds) && is_alone_sigsafe(&thread->walk);
}
