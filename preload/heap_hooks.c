/*
 * The allocation hooks. One file because what they do to a block's counts must agree.
 *
 * Each hook is the real call and a count: 3 ns. A free is counted before the
 * block is gone, an allocation after it is there. Which allocations are sampled is
 * counted down in bytes; which frees free one of those a filter tells, see heap_live.h.
 */
#include "preload/heap_hooks.h"

#include "preload/heap_exact.h"
#include "preload/heap_sample.h"
#include "preload/next_allocator.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

static bool counting; /* blocks have sizes, and they are wanted */
static bool headers;  /* likewise, and they can be read in front of them */
static bool exact;    /* instead of both: every event is wanted */

/* What the C library's malloc has in front of a block: its size with what lies before
 * it, and three flags. Of one from mmap the word before counts as well. Reading it takes
 * less than 1 ns; malloc_usable_size(), which looks at the next block's too, 2. */
static inline size_t header_size(const void *block)
{
    size_t word = ((const size_t *)block)[-1], size = (word & ~(size_t)7) - sizeof word;
    bool from_mmap = word & 2;
    return PLATFORM_UNLIKELY(from_mmap) ? size - sizeof word : size;
}

static inline size_t usable_size(void *block)
{
    return PLATFORM_LIKELY(headers) ? header_size(block) : next_allocator.usable_size(block);
}

static inline void *count_sized(struct ring_memory *memory, void *block, size_t usable, size_t size,
                                bool resized)
{
    platform_add_own_sigsafe(&memory->alloc_bytes, usable);
    platform_add_own_sigsafe(&memory->alloc_count, 1);
    bool due = platform_take_own_sigsafe(&memory->until_sample, heap_sample_charge(size));
    return PLATFORM_UNLIKELY(due) ? heap_sample_alloc(block, size, resized) : block;
}

static inline size_t exact_size(void *block)
{
    return PLATFORM_LIKELY(next_allocator_is_libc) ? header_size(block)
                                                   : next_allocator.usable_size(block);
}

/* Where the hook was called from, in what is inlined into it. */
#define CALLER __builtin_return_address(0)
#define INLINED inline __attribute__((always_inline))

static __attribute__((noinline)) void *count_asking(void *block, size_t size, bool resized,
                                                    const void *caller)
{
    if (next_allocator_is_inner(caller))
        return block;
    if (PLATFORM_LIKELY(exact && block))
        return heap_exact_alloc(block, size, exact_size(block));
    struct ring_memory *memory = threads_memory(); /* wakes who naps, if nothing counts as well */
    return counting && block ? count_sized(memory, block, usable_size(block), size, resized)
                             : block;
}

/* A block just allocated: every way out is a tail call, so that registers need not be
 * saved for what hardly ever happens. */
static INLINED void *count_new(void *block, size_t size, bool resized)
{
    struct ring_memory *memory = threads_memory_pointer;
    return PLATFORM_LIKELY(headers && block && memory)
               ? count_sized(memory, block, header_size(block), size, resized)
               : count_asking(block, size, resized, CALLER);
}

static INLINED void *count_alloc(void *block, size_t size)
{
    return count_new(block, size, false);
}

static inline void count_free(struct ring_memory *memory, size_t usable)
{
    platform_add_own_sigsafe(&memory->free_bytes, usable);
    platform_add_own_sigsafe(&memory->free_count, 1);
}

PROFINJECT_API void *malloc(size_t size)
{
    return count_alloc(next_allocator.malloc(size), size);
}

PROFINJECT_API void *calloc(size_t count, size_t size)
{
    return count_alloc(next_allocator.calloc(count, size), count * size);
}

static __attribute__((noinline, cold)) void release_block(void *block)
{
    struct heap_release release;
    if (heap_sample_release(block, &release))
        heap_sample_released(&release, false);
}

static inline void note_free(void *block)
{
    if (PLATFORM_LIKELY(counting)) {
        count_free(threads_memory(), usable_size(block));
        if (PLATFORM_UNLIKELY(heap_live_may_hold(block)))
            release_block(block);
    } else if (exact) {
        heap_exact_free(block, exact_size(block));
    }
}

static __attribute__((noinline)) void free_asking(void *block, const void *caller)
{
    if (!next_allocator_is_inner(caller))
        note_free(block);
    next_allocator.free(block);
}

/* As with allocations: what hardly ever happens is a tail call. */
PROFINJECT_API void free(void *block)
{
    struct ring_memory *memory = threads_memory_pointer;
    if (PLATFORM_UNLIKELY(next_allocator_is_boot(block) || !block))
        return;
    if (PLATFORM_UNLIKELY(!headers || !memory || heap_live_may_hold(block))) {
        free_asking(block, CALLER);
        return;
    }
    count_free(memory, header_size(block));
    next_allocator.free(block);
}

/* Other names of it, of C23 and of long ago; not all C libraries have them. */
PROFINJECT_API void free_sized(void *block, size_t size);
PROFINJECT_API void free_sized(void *block, size_t size)
{
    (void)size;
    free(block);
}

PROFINJECT_API void free_aligned_sized(void *block, size_t alignment, size_t size);
PROFINJECT_API void free_aligned_sized(void *block, size_t alignment, size_t size)
{
    (void)alignment, (void)size;
    free(block);
}

PROFINJECT_API void cfree(void *block);
PROFINJECT_API void cfree(void *block)
{
    free(block);
}

/* A resized block is one freed and one allocated; a failure changes nothing. A size of
 * 0 frees it. */
static void *resize(void *old, size_t size)
{
    struct heap_release release;
    struct ring_memory *memory = threads_memory(); /* first: a fork child forgets its parent's */
    size_t usable = usable_size(old);
    bool sampled = heap_live_may_hold(old) && heap_sample_release(old, &release);
    void *block = next_allocator.realloc(old, size);
    bool gone = block || size == 0;
    if (gone)
        count_free(memory, usable);
    if (sampled && gone)
        heap_sample_released(&release, block != NULL);
    else if (sampled)
        heap_sample_kept(&release);
    return count_new(block, size, true);
}

static __attribute__((noinline)) void *resize_exactly(void *old, size_t size)
{
    struct heap_resize resize;
    heap_exact_begin_resize(&resize, old, exact_size(old));
    void *block = next_allocator.realloc(old, size);
    return heap_exact_end_resize(&resize, block, size, block ? exact_size(block) : 0, size == 0);
}

PROFINJECT_API void *realloc(void *block, size_t size)
{
    if (PLATFORM_UNLIKELY(next_allocator_is_boot(block)))
        return next_allocator_leave_boot(block, size);
    if (next_allocator_is_inner(CALLER))
        return next_allocator.realloc(block, size);
    if (!counting && exact && block)
        return resize_exactly(block, size);
    if (!counting)
        return count_alloc(next_allocator.realloc(block, size), size);
    return block ? resize(block, size) : count_alloc(next_allocator.realloc(NULL, size), size);
}

PROFINJECT_API void *reallocarray(void *block, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(block, bytes);
}

PROFINJECT_API int posix_memalign(void **block, size_t alignment, size_t size)
{
    int status = next_allocator.posix_memalign(block, alignment, size);
    if (status == 0)
        count_alloc(*block, size);
    return status;
}

PROFINJECT_API void *aligned_alloc(size_t alignment, size_t size)
{
    return count_alloc(next_allocator.aligned_alloc(alignment, size), size);
}

PROFINJECT_API void *memalign(size_t alignment, size_t size)
{
    return count_alloc(next_allocator.memalign(alignment, size), size);
}

PROFINJECT_API void *valloc(size_t size)
{
    return count_alloc(next_allocator.valloc(size), size);
}

PROFINJECT_API void *pvalloc(size_t size)
{
    return count_alloc(next_allocator.pvalloc(size), size);
}

static const void *module_of(const void *address)
{
    Dl_info info;
    return address && dladdr(address, &info) ? info.dli_fbase : NULL;
}

/* True when the executable has a malloc of its own. One that is not position
 * independent may name an undefined malloc too: its PLT entry. */
static bool program_defines_malloc(void)
{
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    const void *used = dlsym(RTLD_DEFAULT, "malloc");
    return module_of(used) == module_of((const void *)getauxval(AT_ENTRY)) &&
           dladdr1(used, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol &&
           symbol->st_shndx != SHN_UNDEF;
}

/* Whether blocks really have such headers: the C library's own allocator, asked about
 * blocks of every kind. Other libraries may replace it, tags (MTE) its layout. */
static bool blocks_have_headers(void)
{
    /* Of the large ones, which have to be mapped, only those above 32 MiB do not change
     * what malloc does from then on when they are freed. */
    static const size_t sizes[] = {0, 24, 1000, 40 << 20};
    bool same = module_of(next_allocator_address()) == module_of((const void *)&mallopt);
    for (size_t i = 0; same && i < sizeof sizes / sizeof *sizes; i++) {
        void *block = next_allocator.malloc(sizes[i]);
        same = block && header_size(block) == next_allocator.usable_size(block);
        next_allocator.free(block);
    }
    return same;
}

/* NULL when what the program calls comes here: a library before ours may serve it alone. What
 * is ours needs no trial, for which there may be no memory. */
static const char *why_not_reached(void)
{
    static char why[128];
    Dl_info info;
    void *(*used)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "malloc");
    void (*give)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "free");
    uint64_t before = heap_hooks_counted();
    if (!used || !give || module_of((const void *)used) == module_of((const void *)heap_hooks_init))
        return NULL;
    void *block = used(1);
    give(block);
    if (!block)
        return "no memory to try the hooks";
    if (heap_hooks_counted() != before)
        return NULL;
    bool known = dladdr((const void *)used, &info) && info.dli_fname;
    const char *name = known ? info.dli_fname : "another library", *last = strrchr(name, '/');
    snprintf(why, sizeof why, "malloc of %s comes first", last ? last + 1 : name);
    return why;
}

const char *heap_hooks_init(bool every_event)
{
    if (program_defines_malloc())
        return "program defines malloc";
    next_allocator.free(
        next_allocator.malloc(1)); /* finds the real functions, unless somebody has called them */
    if (!next_allocator.usable_size ||
        module_of((const void *)next_allocator.usable_size) != module_of(next_allocator_address()))
        return "allocator has no malloc_usable_size";
    counting = true;
    const char *why = why_not_reached();
    counting = false;
    if (why)
        return why;
    next_allocator_is_libc = blocks_have_headers();
    exact = every_event;
    counting = !exact;
    headers = counting && next_allocator_is_libc;
    if (!next_allocator_is_libc)
        next_allocator_mark();
    return NULL;
}

bool heap_hooks_is_allocators(const void *function)
{
    return (counting || exact) && !next_allocator_is_libc &&
           module_of(function) == module_of(next_allocator_address());
}

void *heap_hooks_allocated(void *block, size_t size)
{
    return count_asking(block, size, false, NULL);
}

void heap_hooks_freeing(void *block)
{
    if (block)
        note_free(block);
}

uint64_t heap_hooks_counted(void)
{
    const struct ring_memory *memory = threads_memory();
    return __atomic_load_n(&memory->alloc_count, __ATOMIC_RELAXED) +
           __atomic_load_n(&memory->free_count, __ATOMIC_RELAXED);
}
