/*
 * The hooks of operator_hooks.h. Its own file because names and rules of C++ stand here
 * only, though the library is C: its functions have the compiler's names for them.
 *
 * Every hook is one jump through a pointer. It leads to what comes next, or, where the
 * allocator behind ours is reached without malloc, to a call of it and a count. In a program
 * without a C++ library (C, with plugins in C++) nothing comes next: then to malloc and
 * free, as in the C++ library's own.
 */
#include "preload/operator_hooks.h"

#include "preload/heap_hooks.h"
#include "preload/modules.h"
#include "preload/profinject.h"
#include "preload/threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* X(name, kind): arguments are a size, perhaps an alignment, perhaps a reference; or a block
 * and more that is of no interest. Three registers hold them all. */
#define OPERATORS(X)                                       \
    X(_Znwm, NEW)                                          \
    X(_Znam, NEW)                                          \
    X(_ZnwmRKSt9nothrow_t, NEW_NOTHROW)                    \
    X(_ZnamRKSt9nothrow_t, NEW_NOTHROW)                    \
    X(_ZnwmSt11align_val_t, NEW_ALIGNED)                   \
    X(_ZnamSt11align_val_t, NEW_ALIGNED)                   \
    X(_ZnwmSt11align_val_tRKSt9nothrow_t, ALIGNED_NOTHROW) \
    X(_ZnamSt11align_val_tRKSt9nothrow_t, ALIGNED_NOTHROW) \
    X(_ZdlPv, DELETE)                                      \
    X(_ZdaPv, DELETE)                                      \
    X(_ZdlPvm, SIZED)                                      \
    X(_ZdaPvm, SIZED)                                      \
    X(_ZdlPvRKSt9nothrow_t, DELETE)                        \
    X(_ZdaPvRKSt9nothrow_t, DELETE)                        \
    X(_ZdlPvSt11align_val_t, DELETE_ALIGNED)               \
    X(_ZdaPvSt11align_val_t, DELETE_ALIGNED)               \
    X(_ZdlPvmSt11align_val_t, SIZED_ALIGNED)               \
    X(_ZdaPvmSt11align_val_t, SIZED_ALIGNED)               \
    X(_ZdlPvSt11align_val_tRKSt9nothrow_t, DELETE_ALIGNED) \
    X(_ZdaPvSt11align_val_tRKSt9nothrow_t, DELETE_ALIGNED)

enum kind {
    NEW,
    NEW_NOTHROW,
    NEW_ALIGNED,
    ALIGNED_NOTHROW,
    DELETE, /* from here on: of delete */
    SIZED,
    DELETE_ALIGNED,
    SIZED_ALIGNED,
};

typedef void *operator_function(uintptr_t, uintptr_t, uintptr_t);

#define X(name, kind) static operator_function first_##name;
OPERATORS(X)
#undef X

/* What comes next, NULL: nothing. */
static struct {
#define X(name, kind) operator_function *name;
    OPERATORS(X)
#undef X
} real;

/* What the hooks lead to: what comes next, or a count and a call of it. First they look for it:
 * constructors of other libraries run before ours. */
static struct {
#define X(name, kind) operator_function *name;
    OPERATORS(X)
#undef X
} hook = {
#define X(name, kind) .name = first_##name,
    OPERATORS(X)
#undef X
};
static bool something_next = true; /* malloc and free will do where it is false */

/* --- nothing comes next -------------------------------------------------------- */

/* What the caller's library would have used: asked for when memory is short only, because
 * it knows how to say so. The loader is not called otherwise: it may be waiting for us. */
static operator_function *find_for(const char *name, const void *caller)
{
    Dl_info info;
    threads_pause_counts();
    void *handle = dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    if (!handle && dladdr(caller, &info))
        handle = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    operator_function *next = handle ? (operator_function *)dlsym(handle, name) : NULL;
    threads_resume_counts();
    return next;
}

static __attribute__((noinline, cold)) void *fail(enum kind kind, const char *name, uintptr_t a,
                                                  uintptr_t b, uintptr_t c, const void *caller)
{
    operator_function *next = find_for(name, caller);
    if (next)
        return next(a, b, c);
    if (kind == NEW || kind == NEW_ALIGNED)
        abort(); /* it must not return null, and nobody here can throw */
    return NULL;
}

static __attribute__((noinline, cold)) void *fail_plainly(uintptr_t size, const void *caller)
{
    return fail(NEW, "_Znwm", size, 0, 0, caller);
}

static void *allocate(enum kind kind, size_t size, size_t alignment)
{
    void *block = NULL;
    if (kind == NEW || kind == NEW_NOTHROW)
        return malloc(size);
    if (alignment < sizeof(void *))
        alignment = sizeof(void *);
    return posix_memalign(&block, alignment, size + (size == 0)) == 0 ? block : NULL;
}

/* Inline, and with few registers to save for the usual forms: a little more, or an indirect
 * jump beside it, and an exception of a C++ plugin in a C program, which comes here twice, took
 * a tenth longer (AMD EPYC, why is not known). */
static inline __attribute__((always_inline)) void *do_without(enum kind kind, const char *name,
                                                              uintptr_t a, uintptr_t b, uintptr_t c)
{
    const void *caller = __builtin_return_address(0);
    if (kind >= DELETE) {
        free((void *)a);
        return NULL;
    }
    void *block = kind == NEW ? malloc(a) : allocate(kind, a, b);
    if (PLATFORM_LIKELY(block != NULL))
        return block;
    return kind == NEW ? fail_plainly(a, caller) : fail(kind, name, a, b, c, caller);
}

/* --- the allocator's own comes next -------------------------------------------- */

/* Of this library, by the linker. */
extern const char __ehdr_start __attribute__((visibility("hidden")));
extern const char _end __attribute__((visibility("hidden")));

static struct module_tables allocator;

/* One form in terms of another, by a call, or by a jump that leaves our own address: what
 * the program called is counted already. */
static bool is_inner(const void *caller)
{
    uint64_t pc = (uint64_t)caller;
    bool ours = (const char *)caller >= &__ehdr_start && (const char *)caller < &_end;
    return ours || (pc >= allocator.start && pc < allocator.end);
}

#define X(name, kind)                                                  \
    static void *counted_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                  \
        if (is_inner(__builtin_return_address(0)))                     \
            return real.name(a, b, c);                                 \
        if ((kind) < DELETE)                                           \
            return heap_hooks_allocated(real.name(a, b, c), a);        \
        heap_hooks_freeing((void *)a);                                 \
        return real.name(a, b, c);                                     \
    }
OPERATORS(X)
#undef X

/* --- the hooks ----------------------------------------------------------------- */

void operator_hooks_find(void)
{
    int saved_errno = errno;
    bool any = dlsym(RTLD_NEXT, "_Znwm") != NULL;
#define X(name, kind) hook.name = *(void **)&real.name = any ? dlsym(RTLD_NEXT, #name) : NULL;
    OPERATORS(X)
#undef X
    something_next = any;
    errno = saved_errno;
}

/* Of the allocator's own some go by malloc or free all the same (jemalloc's plain delete):
 * true when a call of `function` counts, tried out. */
static bool is_counted(operator_function *function, enum kind kind)
{
    static const char nothrow;
    const uintptr_t size = 192, alignment = 64;
    bool new_is_aligned = kind == NEW_ALIGNED || kind == ALIGNED_NOTHROW;
    bool aligned = new_is_aligned || kind == DELETE_ALIGNED || kind == SIZED_ALIGNED;
    uint64_t before = heap_hooks_counted();
    operator_function *make = aligned ? real._ZnwmSt11align_val_t : real._Znwm;
    operator_function *give = aligned ? real._ZdlPvSt11align_val_t : real._ZdlPv;
    if (kind < DELETE) {
        void *block =
            function(size, aligned ? alignment : (uintptr_t)&nothrow, (uintptr_t)&nothrow);
        bool counted = heap_hooks_counted() != before;
        give((uintptr_t)block, alignment, 0);
        return counted;
    }
    void *block = make(size, alignment, 0);
    bool sized = kind == SIZED || kind == SIZED_ALIGNED;
    before = heap_hooks_counted();
    function((uintptr_t)block,
             sized     ? size
             : aligned ? alignment
                       : (uintptr_t)&nothrow,
             sized ? alignment : (uintptr_t)&nothrow);
    return heap_hooks_counted() != before;
}

static bool is_direct(operator_function *function, enum kind kind)
{
    return heap_hooks_is_allocators((const void *)function) && real._ZnwmSt11align_val_t &&
           real._ZdlPvSt11align_val_t && real._ZdlPv && !is_counted(function, kind);
}

void operator_hooks_init(void)
{
    if (something_next)
        modules_find_sigsafe((uint64_t)real._Znwm, &allocator);
#define X(name, kind)                            \
    if (real.name && is_direct(real.name, kind)) \
        hook.name = counted_##name;
    OPERATORS(X)
#undef X
}

#define X(name, kind)                                                             \
    static void *first_##name(uintptr_t a, uintptr_t b, uintptr_t c)              \
    {                                                                             \
        operator_hooks_find();                                                    \
        return hook.name ? hook.name(a, b, c) : do_without(kind, #name, a, b, c); \
    }
OPERATORS(X)
#undef X

#define X(name, kind)                                                                           \
    static __attribute__((noinline)) void *hooked_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                                           \
        return hook.name ? hook.name(a, b, c) : do_without(kind, #name, a, b, c);               \
    }                                                                                           \
    PROFINJECT_API void *name(uintptr_t a, uintptr_t b, uintptr_t c);                           \
    PROFINJECT_API void *name(uintptr_t a, uintptr_t b, uintptr_t c)                            \
    {                                                                                           \
        if (PLATFORM_UNLIKELY(something_next))                                                  \
            return hooked_##name(a, b, c);                                                      \
        return do_without(kind, #name, a, b, c);                                                \
    }
OPERATORS(X)
#undef X
