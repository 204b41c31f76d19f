/*
 * The hooks of operator_hooks.h. Its own file because names and rules of C++ stand here
 * only, though the library is C: its functions have the compiler's names for them.
 *
 * Every hook is one jump through a pointer. It leads to what comes next, or, where the
 * allocator behind ours is reached without malloc, to a call of it and a count. In a program
 * without a C++ library (C, with plugins in C++) nothing comes next, and the hooks withdraw: what
 * a plugin brings is met as without us.
 */
#include "preload/operator_hooks.h"

#include "preload/heap_hooks.h"
#include "preload/next_allocator.h"
#include "preload/profinject.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define PAGE 4096u

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

#define X(name, kind) +1
enum { OPERATOR_COUNT = OPERATORS(X) };
#undef X

#define X(name, kind)                      \
    PROFINJECT_API operator_function name; \
    static operator_function first_##name;
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

/* Of this library, by the linker. */
extern const char __ehdr_start __attribute__((visibility("hidden")));

/* --- nothing comes next -------------------------------------------------------- */

/* Our symbol of that function; NULL where the program has its own, which is met first. */
static ElfW(Sym) * symbol_of(operator_function *function)
{
    Dl_info info;
    ElfW(Sym) *symbol = NULL;
    bool found = dladdr1((const void *)function, &info, (void **)&symbol, RTLD_DL_SYMENT) != 0;
    return found && info.dli_fbase == &__ehdr_start ? symbol : NULL;
}

/* The loader passes by symbols without a value. A plugin that defines some forms only, for
 * itself, would otherwise have its blocks freed by ours of the others. */
static void withdraw(operator_function *const *functions, size_t count)
{
    ElfW(Sym) * symbols[OPERATOR_COUNT];
    uint64_t low = UINT64_MAX, high = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t at = (uint64_t)(symbols[i] = symbol_of(functions[i]));
        low = at && at < low ? at : low;
        high = at + sizeof *symbols[i] > high ? at + sizeof *symbols[i] : high;
    }
    void *page = (void *)(low & -(uint64_t)PAGE);
    if (low > high || mprotect(page, high - (uint64_t)page, PROT_READ | PROT_WRITE) != 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (symbols[i])
            __atomic_store_n(&symbols[i]->st_value, 0, __ATOMIC_RELAXED);
    mprotect(page, high - (uint64_t)page, PROT_READ);
}

/* For who has found ours before it withdrew. */
static void *do_without(enum kind kind, uintptr_t a, uintptr_t b)
{
    void *block = NULL;
    bool aligned = kind == NEW_ALIGNED || kind == ALIGNED_NOTHROW;
    if (kind >= DELETE)
        free((void *)a);
    else if (!aligned)
        block = malloc(a);
    else if (posix_memalign(&block, b < sizeof block ? sizeof block : b, a + !a) != 0)
        block = NULL;
    if (!block && (kind == NEW || kind == NEW_ALIGNED))
        abort(); /* it must not return null, and nobody here can throw */
    return block;
}

#define X(name, kind)                                                  \
    static void *without_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                  \
        (void)c;                                                       \
        return do_without(kind, a, b);                                 \
    }
OPERATORS(X)
#undef X

/* --- the allocator's own comes next -------------------------------------------- */

/* One form may be in terms of another: what the program called is counted already. */
#define X(name, kind)                                                  \
    static void *counted_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                  \
        if (next_allocator_may_call(__builtin_return_address(0)))      \
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
    operator_function *alone[OPERATOR_COUNT];
    size_t count = 0;
    /* Others' hooks find what they need now: a search that fails frees what is left of the
     * failure before, and theirs of free might search in turn, and so on. */
    void *volatile block = malloc(1);
    free(block);
    bool any = dlsym(RTLD_NEXT, "_Znwm") != NULL;
#define X(name, kind)                                            \
    *(void **)&real.name = any ? dlsym(RTLD_NEXT, #name) : NULL; \
    hook.name = real.name ? real.name : without_##name;          \
    if (!real.name)                                              \
        alone[count++] = name;
    OPERATORS(X)
#undef X
    withdraw(alone, count);
    dlerror(); /* not for the program */
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
#define X(name, kind)                            \
    if (real.name && is_direct(real.name, kind)) \
        hook.name = counted_##name;
    OPERATORS(X)
#undef X
}

#define X(name, kind)                                                \
    static void *first_##name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                \
        operator_hooks_find();                                       \
        return hook.name(a, b, c);                                   \
    }                                                                \
    PROFINJECT_API void *name(uintptr_t a, uintptr_t b, uintptr_t c) \
    {                                                                \
        return hook.name(a, b, c);                                   \
    }
OPERATORS(X)
#undef X
