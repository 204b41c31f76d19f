/*
 * The hooks of map_hooks.h. One file because they share the real functions and what is
 * large, anonymous and the program's own.
 */
#include "preload/map_hooks.h"

#include "preload/confinement.h"
#include "preload/contract/libc_clock.h"
#include "preload/mapping_events.h"
#include "preload/mapping_table.h"
#include "preload/modules.h"
#include "preload/own_code.h"
#include "preload/platform.h"
#include "preload/profinject.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096u
#define FILES 1024u /* power of two */

static struct {
    void *(*mmap)(void *, size_t, int, int, int, off_t);
    int (*munmap)(void *, size_t);
    void *(*mremap)(void *, size_t, size_t, int, ...);
    int (*brk)(void *);
    void *(*sbrk)(intptr_t);
} real;

static uint64_t allocator_start, allocator_end;

/* Small mappings of files, by address: one that grows is no anonymous one. */
static uint64_t files[FILES];

/* The break's growth that was too small to be told alone. */
static uint64_t grown_start, grown_end;

void map_hooks_init(void)
{
    *(void **)&real.mmap = dlsym(RTLD_NEXT, "mmap");
    *(void **)&real.munmap = dlsym(RTLD_NEXT, "munmap");
    *(void **)&real.mremap = dlsym(RTLD_NEXT, "mremap");
    *(void **)&real.brk = dlsym(RTLD_NEXT, "brk");
    *(void **)&real.sbrk = dlsym(RTLD_NEXT, "sbrk");
}

void map_hooks_know_allocator(uint64_t address)
{
    struct module_tables module;
    if (!address || !modules_find_sigsafe(address, &module))
        return;
    allocator_start = module.start;
    allocator_end = module.end;
    mapping_table_assign(MAPPING_ALLOCATOR); /* nobody else has mapped so much so early */
}

/* The real functions, or, called before the constructor, perhaps by the allocator in the
 * middle of its own beginning, what they do: looking for them would allocate. */
static void *call_mmap(void *address, size_t length, int protection, int flags, int fd,
                       off_t offset)
{
    return PLATFORM_LIKELY(real.mmap != NULL)
               ? real.mmap(address, length, protection, flags, fd, offset)
               : (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

static int call_munmap(void *address, size_t length)
{
    return PLATFORM_LIKELY(real.munmap != NULL) ? real.munmap(address, length)
                                                : (int)syscall(SYS_munmap, address, length);
}

static void *call_mremap(void *old, size_t old_length, size_t length, int flags, void *address)
{
    return PLATFORM_LIKELY(real.mremap != NULL)
               ? real.mremap(old, old_length, length, flags, address)
               : (void *)syscall(SYS_mremap, old, old_length, length, flags, address);
}

static uint64_t page_round(uint64_t length)
{
    return (length + PAGE - 1) & ~(uint64_t)(PAGE - 1);
}

static uint64_t *file_place(uint64_t address)
{
    return &files[(address / PAGE * 0x9E3779B97F4A7C15u) >> 32 & (FILES - 1)];
}

static bool is_file(uint64_t address)
{
    return __atomic_load_n(file_place(address), __ATOMIC_RELAXED) == address;
}

static bool is_own(const void *caller)
{
    return own_code_has_sigsafe((uint64_t)caller);
}

static enum mapping_owner owner_of(const void *caller, int flags)
{
    uint64_t pc = (uint64_t)caller;
    bool allocator = pc >= allocator_start && pc < allocator_end;
    return allocator ? MAPPING_ALLOCATOR : (flags & MAP_SHARED) ? MAPPING_SHARED : MAPPING_PROGRAM;
}

/* There is a new range. */
static __attribute__((noinline, cold)) void note_made(enum trace_mapping kind, uint64_t address,
                                                      uint64_t length, enum mapping_owner owner)
{
    int saved_errno = errno;
    mapping_events_begin();
    struct mapping mapping = {address, page_round(length), owner, false};
    struct mapping_event event = {kind, libc_clock_now_sigsafe(), address, mapping.length};
    mapping.told = owner != MAPPING_ALLOCATOR && mapping_events_add(&event);
    mapping_table_put_sigsafe(&mapping);
    errno = saved_errno;
}

/* The range is about to go, as far as it is part of one that is known. */
static void note_gone(enum trace_mapping kind, uint64_t address, uint64_t length)
{
    struct mapping_event event = {kind, 0, address, page_round(length)};
    if (PLATFORM_LIKELY(!mapping_table_touches_sigsafe(address, length)) ||
        confinement_is_strict_sigsafe())
        return;
    int saved_errno = errno;
    mapping_events_begin();
    event.time_ns = libc_clock_now_sigsafe();
    if (mapping_table_cut_sigsafe(event.address, event.length))
        mapping_events_add(&event);
    errno = saved_errno;
}

/* Memory that cannot be touched is reserved, not used. */
static inline bool is_wanted(size_t length, int protection, int flags)
{
    return length >= MAP_HOOKS_LEAST && (flags & MAP_ANONYMOUS) && protection != PROT_NONE;
}

static void note_small(uint64_t address, bool anonymous)
{
    uint64_t *place = file_place(address);
    if (!anonymous)
        __atomic_store_n(place, address, __ATOMIC_RELAXED);
    else if (__atomic_load_n(place, __ATOMIC_RELAXED) == address)
        __atomic_store_n(place, 0, __ATOMIC_RELAXED);
}

static inline void *map(void *wish, size_t length, int protection, int flags, int fd, off_t offset,
                        const void *caller)
{
    bool own = is_own(caller);
    if (PLATFORM_UNLIKELY((flags & MAP_FIXED) && !own))
        note_gone(TRACE_MAPPING_UNMAP, (uint64_t)wish, length);
    void *address = call_mmap(wish, length, protection, flags, fd, offset);
    if (address == MAP_FAILED || own)
        return address;
    if (PLATFORM_UNLIKELY(is_wanted(length, protection, flags)))
        note_made(TRACE_MAPPING_MAP, (uint64_t)address, length, owner_of(caller, flags));
    else if (length < MAP_HOOKS_LEAST)
        note_small((uint64_t)address, flags & MAP_ANONYMOUS);
    return address;
}

PROFINJECT_API void *mmap(void *wish, size_t length, int protection, int flags, int fd,
                          off_t offset)
{
    return map(wish, length, protection, flags, fd, offset, __builtin_return_address(0));
}

PROFINJECT_API void *mmap64(void *wish, size_t length, int protection, int flags, int fd,
                            off_t offset)
{
    return map(wish, length, protection, flags, fd, offset, __builtin_return_address(0));
}

PROFINJECT_API int munmap(void *address, size_t length)
{
    /* Else it fails. */
    if (PLATFORM_LIKELY((uint64_t)address % PAGE == 0 && length))
        note_gone(TRACE_MAPPING_UNMAP, (uint64_t)address, length);
    return call_munmap(address, length);
}

/* A range before mremap: what of it may move is out of the table, because others may map
 * there before we hear of it. */
struct moving {
    uint64_t start, length, time_ns;
    bool known, told;
};

static struct moving begin_moving(uint64_t start, uint64_t length, bool may_move)
{
    struct moving old = {start, page_round(length), libc_clock_now_sigsafe(), false, false};
    old.known = mapping_table_touches_sigsafe(start, old.length);
    if (old.known && may_move)
        old.told = mapping_table_cut_sigsafe(start, old.length);
    return old;
}

static void put_back(const struct moving *old, const void *caller)
{
    struct mapping mapping = {old->start, old->length, owner_of(caller, 0), old->told};
    mapping_table_put_sigsafe(&mapping);
}

/* What grew where it was is told by what is new, and what was too small to be known as a
 * whole, unless it is a file's. */
static void note_resized(const struct moving *old, uint64_t address, uint64_t length,
                         const void *caller)
{
    struct mapping_event moved = {TRACE_MAPPING_MOVED, old->time_ns, old->start, old->length};
    if (old->known && address != old->start) {
        if (old->told)
            mapping_events_add(&moved);
        note_made(TRACE_MAPPING_MOVE, address, length, owner_of(caller, 0));
    } else if (old->known && page_round(length) > old->length) {
        note_made(TRACE_MAPPING_MAP, old->start + old->length, length - old->length,
                  owner_of(caller, 0));
    } else if (!old->known && length >= MAP_HOOKS_LEAST && old->length < MAP_HOOKS_LEAST &&
               !is_file(old->start)) {
        note_made(TRACE_MAPPING_MAP, address, length, owner_of(caller, 0));
    }
}

static void *remap(void *from, size_t from_length, size_t length, int flags, void *wish,
                   const void *caller)
{
    uint64_t start = (uint64_t)from, kept = page_round(length);
    bool stays = flags & MREMAP_DONTUNMAP, may_move = (flags & MREMAP_MAYMOVE) && !stays;
    if (flags & MREMAP_FIXED)
        note_gone(TRACE_MAPPING_UNMAP, (uint64_t)wish, length);
    if (kept < page_round(from_length) && !stays) {
        note_gone(TRACE_MAPPING_UNMAP, start + kept, page_round(from_length) - kept);
        return call_mremap(from, from_length, length, flags, wish);
    }
    struct moving old = begin_moving(start, from_length, may_move);
    void *address = call_mremap(from, from_length, length, flags, wish);
    int saved_errno = errno;
    if (old.known && may_move && (address == MAP_FAILED || address == from))
        put_back(&old, caller);
    if (address != MAP_FAILED && stays)
        note_made(TRACE_MAPPING_MAP, (uint64_t)address, length, owner_of(caller, 0));
    else if (address != MAP_FAILED)
        note_resized(&old, (uint64_t)address, length, caller);
    errno = saved_errno;
    return address;
}

/* The C library's own takes the last argument in any case, and so do we. */
PROFINJECT_API void *mremap(void *from, size_t from_length, size_t length, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    void *wish = va_arg(arguments, void *);
    va_end(arguments);
    const void *caller = __builtin_return_address(0);
    bool passes = is_own(caller) || confinement_is_strict_sigsafe();
    return passes ? call_mremap(from, from_length, length, flags, wish)
                  : remap(from, from_length, length, flags, wish, caller);
}

/* The break is where one thread moves it: nobody else may. */
static void note_break(uint64_t old, uint64_t new, const void *caller)
{
    if (is_own(caller))
        return;
    if (new < old) {
        note_gone(TRACE_MAPPING_UNMAP, new, old - new);
        grown_start = grown_end = 0;
        return;
    }
    grown_start = old == grown_end ? grown_start : old;
    grown_end = new;
    if (grown_end - grown_start < MAP_HOOKS_LEAST)
        return;
    note_made(TRACE_MAPPING_MAP, grown_start, grown_end - grown_start, owner_of(caller, 0));
    grown_start = grown_end;
}

static __attribute__((noinline, cold)) void find_late(void)
{
    int saved_errno = errno;
    map_hooks_init();
    errno = saved_errno;
}

PROFINJECT_API void *sbrk(intptr_t increment)
{
    if (PLATFORM_UNLIKELY(!real.sbrk))
        find_late();
    void *old = real.sbrk(increment);
    if (increment && old != (void *)-1)
        note_break((uint64_t)old, (uint64_t)old + (uint64_t)increment, __builtin_return_address(0));
    return old;
}

PROFINJECT_API int brk(void *address)
{
    if (PLATFORM_UNLIKELY(!real.brk))
        find_late();
    void *old = real.sbrk(0);
    int status = real.brk(address);
    if (status == 0)
        note_break((uint64_t)old, (uint64_t)address, __builtin_return_address(0));
    return status;
}
