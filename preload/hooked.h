/*
 * What hooks of calls that wait are made of: a table of the real functions, the call made again
 * where our signal ended it (retry.h), and the wait told (waits.h).
 *
 * A hook file has one table, REAL_FUNCTIONS(X), of X(type of the result, name, parameters), and
 * names its constructor by HOOK_TABLE. The hooks of a file are called `real.name` onward. All macros are for
 * the hooks themselves: they take the caller to be theirs, and may return. Hooks stay
 * cancellation points and may be called in handlers, before our constructor too.
 */
#ifndef PROFINJECT_HOOKED_H
#define PROFINJECT_HOOKED_H

#include "preload/own_code.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/retry.h"
#include "preload/socket_wait.h"
#include "preload/waits.h"
#include "preload/wakers.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOOK_POINTER(type, name, parameters) type(*name) parameters;
#define HOOK_FIND(type, name, parameters) *(void **)&real.name = dlsym(RTLD_NEXT, #name);

/* find_late(): a hook is called before our constructor, by one of another library. */
#define HOOK_TABLE_BY(init, find)                               \
    static struct {                                             \
        REAL_FUNCTIONS(HOOK_POINTER)                            \
    } real;                                                     \
    void init(void)                                             \
    {                                                           \
        REAL_FUNCTIONS(find)                                    \
    }                                                           \
    static __attribute__((noinline, cold)) void find_late(void) \
    {                                                           \
        int saved_errno = errno;                                \
        init();                                                 \
        errno = saved_errno;                                    \
    }
#define HOOK_TABLE(init) HOOK_TABLE_BY(init, HOOK_FIND)

#define FIND(name)                         \
    if (PLATFORM_UNLIKELY(real.name == 0)) \
    find_late()

/* As a jump where nobody wants to know. */
#define PASS_UNLESS_WATCHED(call)                \
    if (PLATFORM_UNLIKELY(!waits_are_watched())) \
    return call

/* True when the call that returned `failed` is to be made again; errno is then what
 * it was before. */
static inline bool hooked_again(bool failed, int saved_errno)
{
    if (PLATFORM_LIKELY(!failed || errno != EINTR || !retry_noted))
        return false;
    errno = saved_errno;
    return true;
}

/* `result` becomes that of `call`, which is made again where our signal ended it; `before_again`
 * comes in between. */
#define RETRY_INTO(result, call, before_again)          \
    int saved_errno = errno;                            \
    for (;;) {                                          \
        retry_noted = 0;                                \
        (result) = (call);                              \
        if (!hooked_again((result) == -1, saved_errno)) \
            break;                                      \
        before_again;                                   \
    }

#define CALLER __builtin_return_address(0)
#define IS_OWN PLATFORM_UNLIKELY(own_code_has_sigsafe((uint64_t)CALLER)) /* not the program's */

/* The wait is over. `peer` and `bytes` are only looked at when it is told of; then `ended` is
 * when that was. */
#define END_WAIT_OF(caller_, wait, kind_, object_, peer_, bytes_)               \
    do {                                                                        \
        uint64_t ended;                                                         \
        if (waits_end(&(wait), &ended)) {                                       \
            const struct waits_facts waits_facts_ = {.kind = (kind_),           \
                                                     .peer = (uint32_t)(peer_), \
                                                     .object = (object_),       \
                                                     .bytes = (bytes_),         \
                                                     .caller = (caller_)};      \
            waits_record(&(wait), ended, &waits_facts_);                        \
        }                                                                       \
    } while (0)
#define END_WAIT(wait, kind, object, peer, bytes) \
    END_WAIT_OF(CALLER, wait, kind, object, peer, bytes)

/* Who is known to have ended the wait; of END_WAIT. */
#define WAKER_OF(wait, object) wakers_find(object, waits_tid(), (wait).ticks, ended)

/* The rest of a hook: `result` is that of `call`. */
#define WAIT_IN(kind, object, peer, bytes, call) \
    struct wait wait;                            \
    waits_begin(&wait, kind, object, 0);         \
    const __typeof__(call) result = (call);      \
    END_WAIT(wait, kind, object, peer, bytes);   \
    return result

/* Likewise, made again where our signal ended it. */
#define RETRY_IN(kind, object, bytes, call, before_again) \
    struct wait wait;                                     \
    waits_begin(&wait, kind, object, 0);                  \
    __typeof__(call) result;                              \
    RETRY_INTO(result, call, before_again)                \
    END_WAIT(wait, kind, object, 0, bytes);               \
    return result

/* Sockets, and what may be one: the call fails with EINTR only where it has a time-out, which goes on
 * when it is made again. Until there is one, and where nobody wants to know, it is passed on as a
 * jump: behind a system call a return is not foreseen and costs 20 ns. `before`: the first call;
 * `count`: one that did not fail. */
#define SOCKET_IN(kind, sends, before, peer, bytes, count, call)                \
    if (PLATFORM_UNLIKELY(!waits_are_watched()) && !socket_wait_used)           \
        return call;                                                            \
    if (io_counts_never_waits(fd)) {                                            \
        const __typeof__(call) result = (call);                                 \
        if (result >= 0 && !IS_OWN)                                             \
            count;                                                              \
        return result;                                                          \
    }                                                                           \
    struct wait wait;                                                           \
    __typeof__(call) result;                                                    \
    uint64_t begin_ns = socket_wait_begin();                                    \
    waits_begin(&wait, kind, waits_descriptor(fd), 0);                          \
    before;                                                                     \
    RETRY_INTO(result, call, if (!socket_wait_rest(fd, sends, begin_ns)) break) \
    END_WAIT(wait, kind, waits_descriptor(fd), peer, bytes);                    \
    if (result >= 0 && !IS_OWN)                                                 \
        count;                                                                  \
    return result

/* Bytes that came or went, by a result that is their number, or negative. */
static inline uint64_t hooked_bytes(long result)
{
    return result > 0 ? (uint64_t)result : 0;
}

#endif
