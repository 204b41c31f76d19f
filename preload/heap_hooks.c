/*
 * The allocation hooks. One file because they share the real functions, found
 * together, and the little memory that serves calls made while finding them.
 *
 * Each hook is the real call and a count: 3 ns. A free is counted before the
 * block is gone, an allocation after it is there. Which allocations are sampled is
 * counted down in bytes; which frees free one of those a filter tells, see heap_live.h.
 */
#include "preload/heap_hooks.h"

#include "preload/heap_exact.h"
#include "preload/heap_sample.h"
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

/* For dlsym(), which may allocate before we know where from. Never freed. */
#define BOOT_SIZE (64u << 10)

struct allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*usable_size)(void *);
};

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

static struct allocator real = {.malloc = first_malloc,
                                .calloc = first_calloc,
                                .realloc = first_realloc,
                                .free = first_free,
                                .posix_memalign = first_posix_memalign,
                                .aligned_alloc = first_aligned_alloc,
                                .memalign = first_memalign,
                                .valloc = first_valloc,
                                .pvalloc = first_pvalloc};
static bool counting; /* blocks have sizes, and they are wanted */
static bool headers;  /* likewise, and they can be read in front of them */
static bool exact;    /* instead of both: every event is wanted */
static bool exact_headers;
static _Alignas(16) char boot[BOOT_SIZE];
static size_t boot_used;

static bool is_boot(const void *block)
{
    return (uintptr_t)block - (uintptr_t)boot < BOOT_SIZE;
}

/* Size kept in front of the block, for realloc. */
static void *boot_alloc(size_t size)
{
    size_t need = (size + 31) & ~(size_t)15;
    if (size > BOOT_SIZE || need > BOOT_SIZE - boot_used) {
        errno = ENOMEM;
        return NULL;
    }
    char *block = boot + boot_used + 16;
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
    real = next;
    finding = false;
    return true;
}

static void *first_malloc(size_t size)
{
    return find_real() ? real.malloc(size) : boot_alloc(size);
}

static void *first_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (find_real())
        return real.calloc(count, size);
    return __builtin_mul_overflow(count, size, &bytes) ? NULL : boot_alloc(bytes);
}

static void *first_realloc(void *block, size_t size)
{
    return find_real() ? real.realloc(block, size) : boot_alloc(size);
}

static void first_free(void *block)
{
    if (find_real())
        real.free(block);
}

static int first_posix_memalign(void **block, size_t alignment, size_t size)
{
    return find_real() ? real.posix_memalign(block, alignment, size) : ENOMEM;
}

static void *first_aligned_alloc(size_t alignment, size_t size)
{
    return find_real() ? real.aligned_alloc(alignment, size) : NULL;
}

static void *first_memalign(size_t alignment, size_t size)
{
    return find_real() ? real.memalign(alignment, size) : NULL;
}

static void *first_valloc(size_t size)
{
    return find_real() ? real.valloc(size) : NULL;
}

static void *first_pvalloc(size_t size)
{
    return find_real() ? real.pvalloc(size) : NULL;
}

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
    return PLATFORM_LIKELY(headers) ? header_size(block) : real.usable_size(block);
}

/* Adds to a count of the thread's that the drain may be reading. */
static inline void add(uint64_t *count, uint64_t value)
{
    __atomic_store_n(count, __atomic_load_n(count, __ATOMIC_RELAXED) + value, __ATOMIC_RELAXED);
}

static inline void *count_sized(struct ring_memory *memory, void *block, size_t usable, size_t size,
                                bool resized)
{
    add(&memory->alloc_bytes, usable);
    add(&memory->alloc_count, 1);
    memory->until_sample -= heap_sample_charge(size);
    return PLATFORM_LIKELY(memory->until_sample >= 0) ? block
                                                      : heap_sample_alloc(block, size, resized);
}

static inline size_t exact_size(void *block)
{
    return PLATFORM_LIKELY(exact_headers) ? header_size(block) : real.usable_size(block);
}

static __attribute__((noinline)) void *count_asking(void *block, size_t size, bool resized)
{
    if (PLATFORM_LIKELY(exact && block))
        return heap_exact_alloc(block, size, exact_size(block));
    struct ring_memory *memory = threads_memory(); /* wakes who naps, if nothing counts as well */
    return counting && block ? count_sized(memory, block, usable_size(block), size, resized)
                             : block;
}

/* A block just allocated: every way out is a tail call, so that registers need not be
 * saved for what hardly ever happens. */
static inline void *count_new(void *block, size_t size, bool resized)
{
    struct ring_memory *memory = threads_memory_pointer;
    return PLATFORM_LIKELY(headers && block && memory)
               ? count_sized(memory, block, header_size(block), size, resized)
               : count_asking(block, size, resized);
}

static inline void *count_alloc(void *block, size_t size)
{
    return count_new(block, size, false);
}

static inline void count_free(struct ring_memory *memory, size_t usable)
{
    add(&memory->free_bytes, usable);
    add(&memory->free_count, 1);
}

PROFINJECT_API void *malloc(size_t size)
{
    return count_alloc(real.malloc(size), size);
}

PROFINJECT_API void *calloc(size_t count, size_t size)
{
    return count_alloc(real.calloc(count, size), count * size);
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

static __attribute__((noinline)) void free_asking(void *block)
{
    note_free(block);
    real.free(block);
}

/* As with allocations: what hardly ever happens is a tail call. */
PROFINJECT_API void free(void *block)
{
    struct ring_memory *memory = threads_memory_pointer;
    if (PLATFORM_UNLIKELY(is_boot(block) || !block))
        return;
    if (PLATFORM_UNLIKELY(!headers || !memory || heap_live_may_hold(block))) {
        free_asking(block);
        return;
    }
    count_free(memory, header_size(block));
    real.free(block);
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

/* Moves a block out of the boot memory. */
static __attribute__((noinline, cold)) void *leave_boot(void *block, size_t size)
{
    size_t old;
    memcpy(&old, (char *)block - 16, sizeof old);
    void *copy = real.malloc(size);
    return copy ? memcpy(copy, block, old < size ? old : size) : NULL;
}

/* A resized block is one freed and one allocated; a failure changes nothing. A size of
 * 0 frees it. */
static void *resize(void *old, size_t size)
{
    struct heap_release release;
    struct ring_memory *memory = threads_memory(); /* first: a fork child forgets its parent's */
    size_t usable = usable_size(old);
    bool sampled = heap_live_may_hold(old) && heap_sample_release(old, &release);
    void *block = real.realloc(old, size);
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
    void *block = real.realloc(old, size);
    return heap_exact_end_resize(&resize, block, size, block ? exact_size(block) : 0, size == 0);
}

PROFINJECT_API void *realloc(void *block, size_t size)
{
    if (PLATFORM_UNLIKELY(is_boot(block)))
        return leave_boot(block, size);
    if (!counting && exact && block)
        return resize_exactly(block, size);
    if (!counting)
        return count_alloc(real.realloc(block, size), size);
    return block ? resize(block, size) : count_alloc(real.realloc(NULL, size), size);
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
    int status = real.posix_memalign(block, alignment, size);
    if (status == 0)
        count_alloc(*block, size);
    return status;
}

PROFINJECT_API void *aligned_alloc(size_t alignment, size_t size)
{
    return count_alloc(real.aligned_alloc(alignment, size), size);
}

PROFINJECT_API void *memalign(size_t alignment, size_t size)
{
    return count_alloc(real.memalign(alignment, size), size);
}

PROFINJECT_API void *valloc(size_t size)
{
    return count_alloc(real.valloc(size), size);
}

PROFINJECT_API void *pvalloc(size_t size)
{
    return count_alloc(real.pvalloc(size), size);
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
    bool same = module_of((const void *)real.malloc) == module_of((const void *)&mallopt);
    for (size_t i = 0; same && i < sizeof sizes / sizeof *sizes; i++) {
        void *block = real.malloc(sizes[i]);
        same = block && header_size(block) == real.usable_size(block);
        real.free(block);
    }
    return same;
}

/* True when what the program calls comes here: a library before ours may serve it alone. */
static bool is_reached(void)
{
    void *(*used)(size_t) = (void *(*)(size_t))dlsym(RTLD_DEFAULT, "malloc");
    void (*give)(void *) = (void (*)(void *))dlsym(RTLD_DEFAULT, "free");
    uint64_t before = heap_hooks_counted();
    if (used && give)
        give(used(1));
    return heap_hooks_counted() != before;
}

static const char *why_not_reached(void)
{
    static char why[128];
    Dl_info info;
    const char *name = "another library";
    if (dladdr(dlsym(RTLD_DEFAULT, "malloc"), &info) && info.dli_fname)
        name = info.dli_fname;
    const char *last = strrchr(name, '/');
    snprintf(why, sizeof why, "malloc of %s comes first", last ? last + 1 : name);
    counting = false;
    return why;
}

const char *heap_hooks_init(bool every_event)
{
    if (program_defines_malloc())
        return "program defines malloc";
    real.free(real.malloc(1)); /* finds the real functions, unless somebody has called them */
    if (!real.usable_size ||
        module_of((const void *)real.usable_size) != module_of((const void *)real.malloc))
        return "allocator has no malloc_usable_size";
    counting = true;
    if (!is_reached())
        return why_not_reached();
    exact_headers = blocks_have_headers();
    exact = every_event;
    counting = !exact;
    headers = counting && exact_headers;
    return NULL;
}

uint64_t heap_hooks_allocator(void)
{
    return real.malloc == first_malloc ? 0 : (uint64_t)real.malloc;
}

bool heap_hooks_allocator_is_libc(void)
{
    return exact_headers;
}

bool heap_hooks_is_allocators(const void *function)
{
    return (counting || exact) && !exact_headers &&
           module_of(function) == module_of((const void *)real.malloc);
}

void *heap_hooks_allocated(void *block, size_t size)
{
    return count_asking(block, size, false);
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
