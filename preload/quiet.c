/* Judging a walk. Its own file because two ask, who nap and who do chores. */
#include "preload/quiet.h"

#include "preload/modules.h"

#include <gnu/libc-version.h>
#include <stddef.h>
#include <stdlib.h>

/* Making the file and the thread goes 12 KiB deep. */
#define STACK_NEEDED (64u << 10)
/* From the root on: _start, two of the C library's, or three of a thread's. */
#define ROOT_FRAMES 3u

static uint64_t delicate[5]; /* an address in each module that is; 0: none */

void quiet_init(uint64_t allocator)
{
    delicate[0] = (uint64_t)&gnu_get_libc_version;
    delicate[1] = (uint64_t)&quiet_init;
    delicate[2] = modules_loader_sigsafe();
    delicate[3] = (uint64_t)&malloc; /* the program's, where it has one of its own */
    delicate[4] = allocator;
}

/* Where code may hold a lock that making a thread takes: the C library, the loader, the
 * allocator, whosever it is, and ourselves, through whom it is called. */
static bool is_delicate_sigsafe(uint64_t pc)
{
    struct module_tables here, other;
    if (!modules_find_sigsafe(pc, &here))
        return true;
    for (size_t i = 0; i < sizeof delicate / sizeof delicate[0]; i++)
        if (delicate[i] && modules_find_sigsafe(delicate[i], &other) && other.start == here.start)
            return true;
    return false;
}

/* True when nothing but code of the target's own is under way. */
static bool is_alone_sigsafe(const struct walk *walk)
{
    uint32_t outer = walk->reused < ROOT_FRAMES ? ROOT_FRAMES - walk->reused : 0;
    if (walk->root != TRACE_STACK_COMPLETE)
        return false;
    for (uint32_t i = 0; i + outer < walk->depth; i++)
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
