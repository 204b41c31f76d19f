/*
 * The allocation hooks. One file because they share the real functions, found
 * together, and the little memory that serves calls made while finding them.
 *
 * Each hook is the real call and a count: 3 ns. A free is counted before the
 * block is gone, an allocation after it is there. Which allocations are sampled is
 * counted down in bytes; which frees free one of those a filter tells, see heap_live.h.
 */
#include "preload/heap_hooks.h"

#include "preload/heap_sample.h"
#include "preload/platform.h"
#include "preload/profinject.h"
#include "preload/threads.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

/* For dlsym(), which may allocate before we know where from. Never freed. */
#define BOOT_SIZE (64u << 10)

struct allocator {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*reallocarray)(void *, size_t, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*valloc)(size_t);
    void *(*pvalloc)(size_t);
    size_t (*usable_size)(void *);
};

static struct allocator real;
static bool found, finding, counting;
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

static __attribute__((noinline, cold)) bool find_real(void)
{
    struct allocator next;
    if (finding)
        return false;
    finding = true;
    *(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
    *(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next.reallocarray = dlsym(RTLD_NEXT, "reallocarray");
    *(void **)&next.free = dlsym(RTLD_NEXT, "free");
    *(void **)&next.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    *(void **)&next.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    *(void **)&next.memalign = dlsym(RTLD_NEXT, "memalign");
    *(void **)&next.valloc = dlsym(RTLD_NEXT, "valloc");
    *(void **)&next.pvalloc = dlsym(RTLD_NEXT, "pvalloc");
    *(void **)&next.usable_size = dlsym(RTLD_NEXT, "malloc_usable_size");
    real = next;
    __atomic_store_n(&found, true, __ATOMIC_RELEASE);
    finding = false;
    return true;
}

/* False only for calls made by the search itself. */
static inline bool ready(void)
{
    return PLATFORM_LIKELY(__atomic_load_n(&found, __ATOMIC_ACQUIRE)) || find_real();
}

static inline void *count_new(void *block, size_t size, bool resized)
{
    if (PLATFORM_LIKELY(counting && block)) {
        struct ring_memory *memory = threads_memory();
        memory->alloc_bytes += real.usable_size(block);
        memory->alloc_count++;
        memory->until_sample -= (int64_t)size;
        if (PLATFORM_UNLIKELY(memory->until_sample < 0))
            heap_sample_alloc(block, size, resized);
    }
    return block;
}

static inline void *count_alloc(void *block, size_t size)
{
    return count_new(block, size, false);
}

static inline void count_free(size_t usable)
{
    struct ring_memory *memory = threads_memory();
    memory->free_bytes += usable;
    memory->free_count++;
}

PROFINJECT_API void *malloc(size_t size)
{
    if (PLATFORM_UNLIKELY(!ready()))
        return boot_alloc(size);
    return count_alloc(real.malloc(size), size);
}

PROFINJECT_API void *calloc(size_t count, size_t size)
{
    if (PLATFORM_UNLIKELY(!ready())) {
        size_t bytes;
        return __builtin_mul_overflow(count, size, &bytes) ? NULL : boot_alloc(bytes);
    }
    return count_alloc(real.calloc(count, size), count * size);
}

static __attribute__((noinline, cold)) void release_block(void *block)
{
    struct heap_release release;
    if (heap_sample_release(block, &release))
        heap_sample_released(&release, false);
}

PROFINJECT_API void free(void *block)
{
    if (PLATFORM_UNLIKELY(is_boot(block) || !ready()))
        return;
    if (PLATFORM_LIKELY(counting && block)) {
        count_free(real.usable_size(block));
        if (PLATFORM_UNLIKELY(heap_live_may_hold(block)))
            release_block(block);
    }
    real.free(block);
}

/* Moves a block out of the boot memory. */
static __attribute__((noinline, cold)) void *leave_boot(void *block, size_t size)
{
    size_t old;
    memcpy(&old, (char *)block - 16, sizeof old);
    void *copy = ready() ? real.malloc(size) : boot_alloc(size);
    return copy ? memcpy(copy, block, old < size ? old : size) : NULL;
}

/* A resized block is one freed and one allocated; a failure changes nothing. A size of
 * 0 frees it. */
static void *resize(void *old, size_t size)
{
    struct heap_release release;
    size_t usable = real.usable_size(old);
    bool sampled = heap_live_may_hold(old) && heap_sample_release(old, &release);
    void *block = real.realloc(old, size);
    bool gone = block || size == 0;
    if (gone)
        count_free(usable);
    if (sampled && gone)
        heap_sample_released(&release, block != NULL);
    else if (sampled)
        heap_sample_kept(&release);
    return count_new(block, size, true);
}

PROFINJECT_API void *realloc(void *block, size_t size)
{
    if (PLATFORM_UNLIKELY(is_boot(block) || !ready()))
        return is_boot(block) ? leave_boot(block, size) : boot_alloc(size);
    if (!counting)
        return real.realloc(block, size);
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
    if (PLATFORM_UNLIKELY(!ready()))
        return ENOMEM;
    int status = real.posix_memalign(block, alignment, size);
    if (status == 0)
        count_alloc(*block, size);
    return status;
}

PROFINJECT_API void *aligned_alloc(size_t alignment, size_t size)
{
    return PLATFORM_LIKELY(ready()) ? count_alloc(real.aligned_alloc(alignment, size), size) : NULL;
}

PROFINJECT_API void *memalign(size_t alignment, size_t size)
{
    return PLATFORM_LIKELY(ready()) ? count_alloc(real.memalign(alignment, size), size) : NULL;
}

PROFINJECT_API void *valloc(size_t size)
{
    return PLATFORM_LIKELY(ready()) ? count_alloc(real.valloc(size), size) : NULL;
}

PROFINJECT_API void *pvalloc(size_t size)
{
    return PLATFORM_LIKELY(ready()) ? count_alloc(real.pvalloc(size), size) : NULL;
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

const char *heap_hooks_init(void)
{
    if (program_defines_malloc())
        return "program defines malloc";
    if (!ready() || !real.usable_size ||
        module_of((const void *)real.usable_size) != module_of((const void *)real.malloc))
        return "allocator has no malloc_usable_size";
    counting = true;
    return NULL;
}
