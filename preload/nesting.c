/* Finding out what was abandoned. Its own file because it is the only part that takes time. */
#include "preload/nesting.h"

#include <errno.h>
#include <signal.h>

/* True when the thread runs on a stack it has set up for signals, which may be part of its
 * ordinary one. */
static bool is_on_signal_stack(void)
{
    stack_t now;
    int saved_errno = errno;
    bool is = sigaltstack(NULL, &now) == 0 && now.ss_flags & SS_ONSTACK;
    errno = saved_errno;
    return is;
}

static bool is_in(const struct stack_bounds *bounds, uint64_t sp)
{
    return sp >= bounds->low && sp < bounds->high;
}

bool nesting_is_abandoned(const struct nesting *nesting, const struct stack_bounds *bounds,
                          uint64_t sp)
{
    uint64_t then = nesting->innermost & ~(uint64_t)NESTING_DEPTH_MASK;
    return then && sp >= then && is_in(bounds, sp) && is_in(bounds, then) && !is_on_signal_stack();
}

void nesting_forget(struct nesting *nesting)
{
    uint32_t depth = nesting_depth(nesting);
    if (depth)
        nesting->innermost = nesting->outer[depth - 1];
}
