/*
 * Finding the allocator behind ours, and the little memory that serves calls made while finding
 * it. Its own file because hooks of every kind stand in front of it.
 */
#include "preload/next_allocator.h"

#include "preload/modules.h"
#include "preload/own_code.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What is called first: finds the real functions, or serves the search itself. */
static void *first_malloc(size_t size);
static void *first_calloc(size_t count, size_t size);
static void *first_realloc(void *block, size_t size);
static void first_free(void *block);
static int first_posix_memalign(void **block, size_t alignment, size_t size);
static void *first_aligned_alloc(size_t alignment, size_t size);
static void *first_memalign(size_t alignment, size_t size);
static void *first_valloc(size_t size);
static void *first_pvalloc(size_t size);

struct allocator next_allocator = {.malloc = first_malloc,
                                   .calloc = first_calloc,
                                   .realloc = first_realloc,
                                   .free = first_free,
                                   .posix_memalign = first_posix_memalign,
                                   .aligned_alloc = first_aligned_alloc,
                                   .memalign = first_memalign,
                                   .valloc = first_valloc,
                                   .pvalloc = first_pvalloc};

bool next_allocator_is_libc;
static struct allocator found; /* once it is */
_Alignas(16) char next_allocator_boot[NEXT_ALLOCATOR_BOOT];
static size_t boot_used;
__thread bool next_allocator_works __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Size kept in front of the block, for realloc. */
static void *boot_alloc(size_t size)
{
    size_t need = (size + 31) & ~(size_t)15;
    if (size > NEXT_ALLOCATOR_BOOT || need > NEXT_ALLOCATOR_BOOT - boot_used) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = next_allocator_boot + boot_used + 16;
    memcpy(block - 16, &size, sizeof size);
    boot_used += need;
    return block;
}

/* False for calls made by the search itself. */
static bool find_real(void)
{
    static bool finding;
    struct allocator next;
    if (finding)
        return false;
    finding = true;
    *(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next.free = dlsym(RTLD_NEXT, "free");
    *(void **)&next.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&next.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&next.memalign = dlsym(RTLD_NEXT, "memalign");
    *(void **)&next.valloc = dlsym(RTLD_NEXT, "valloc");
    *(void **)&next.pvalloc = dlsym(RTLD_NEXT, "pvalloc");
    *(void **)&next.usable_size = dlsym(RTLD_NEXT, "malloc_usable_size");
    next_allocator = found = next;
    finding = false;
    return true;
}

static void *first_malloc(size_t size)
{
    return find_real() ? next_allocator.malloc(size) : boot_alloc(size);
}

static void *first_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (find_real())
        return next_allocator.calloc(count, size);
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : boot_alloc(bytes);
}

static void *first_realloc(void *block, size_t size)
{
    return find_real() ? next_allocator.realloc(block, size) : boot_alloc(size);
}

static void first_free(void *block)
{
    if (find_real())
        next_allocator.free(block);
}

static int first_posix_memalign(void **block, size_t alignment, size_t size)
{
    return find_real() ? next_allocator.posix_memalign(block, alignment, size) : ENOMEM;
}

static void *first_aligned_alloc(size_t alignment, size_t size)
{
    return find_real() ? next_allocator.aligned_alloc(alignment, size) : NULL;
}

static void *first_memalign(size_t alignment, size_t size)
{
    return find_real() ? next_allocator.memalign(alignment, size) : NULL;
}

static void *first_valloc(size_t size)
{
    return find_real() ? next_allocator.valloc(size) : NULL;
}

static void *first_pvalloc(size_t size)
{
    return find_real() ? next_allocator.pvalloc(size) : NULL;
}

__attribute__((noinline, cold)) void *next_allocator_leave_boot(void *block, size_t size)
{
    size_t old;
    memcpy(&old, (char *)block - 16, sizeof old);
    void *copy = next_allocator.malloc(size);
    return copy ? memcpy(copy, block, old < size ? old : size) : NULL;
}

const void *next_allocator_address(void)
{
    return (const void *)found.malloc;
}

/* --- whether it is at work ------------------------------------------------------ */

static struct module_tables module; /* the allocator's */

bool next_allocator_may_call(const void *pc)
{
    uint64_t at = (uint64_t)pc;
    return own_code_has_sigsafe(at) || (at >= module.start && at < module.end);
}

/* The function of that name, and that it is at work meanwhile. */
#define WORKING(type, name, parameters, arguments) \
    static type working_##name parameters          \
    {                                              \
        bool before = next_allocator_works;        \
        next_allocator_works = true;               \
        __atomic_signal_fence(__ATOMIC_SEQ_CST);   \
        type result = found.name arguments;        \
        __atomic_signal_fence(__ATOMIC_SEQ_CST);   \
        next_allocator_works = before;             \
        return result;                             \
    }
WORKING(void *, malloc, (size_t size), (size))
WORKING(void *, calloc, (size_t count, size_t size), (count, size))
WORKING(void *, realloc, (void *block, size_t size), (block, size))
WORKING(int, posix_memalign, (void **block, size_t alignment, size_t size),
        (block, alignment, size))
WORKING(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
WORKING(void *, memalign, (size_t alignment, size_t size), (alignment, size))
WORKING(void *, valloc, (size_t size), (size))
WORKING(void *, pvalloc, (size_t size), (size))
#undef WORKING

static void working_free(void *block)
{
    bool before = next_allocator_works;
    next_allocator_works = true;
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    found.free(block);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    next_allocator_works = before;
}

void next_allocator_mark(void)
{
    if (!modules_find_sigsafe((uint64_t)found.malloc, &module))
        return;
    next_allocator = (struct allocator){.malloc = working_malloc,
                                        .calloc = working_calloc,
                                        .realloc = working_realloc,
                                        .free = working_free,
                                        .posix_memalign = working_posix_memalign,
                                        .aligned_alloc = working_aligned_alloc,
                                        .memalign = working_memalign,
                                        .valloc = working_valloc,
                                        .pvalloc = working_pvalloc,
                                        .usable_size = found.usable_size};
}
