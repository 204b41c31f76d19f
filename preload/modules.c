/*
 * Module lookup for the handler, by glibc's _dl_find_object (2.35): no lock, no
 * list to walk. Its own file because everything else about modules happens in
 * the drain, from /proc.
 */
#include "preload/modules.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#define PAGE 4096u

static int (*find_object)(void *, struct dl_find_object *);
static const ElfW(Phdr) * own_headers; /* of the program itself, as the kernel gave them */
static ElfW(Half) own_headers_count;
static uint32_t generation = 1;
static uint32_t *told;   /* in the ring */
static uint32_t closing; /* dlclose calls under way */
static bool held;

struct order {
    bool libc, ours_first;
};

static bool holds(const struct dl_phdr_info *info, uint64_t address)
{
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && address >= start && address - start < segment->p_memsz)
            return true;
    }
    return false;
}

static int note_order(struct dl_phdr_info *info, size_t size, void *data)
{
    struct order *order = data;
    (void)size;
    order->libc |= holds(info, (uint64_t)&gnu_get_libc_version);
    if (holds(info, (uint64_t)&note_order))
        order->ours_first = !order->libc;
    return 0;
}

bool modules_came_first(void)
{
    struct order order = {0};
    dl_iterate_phdr(note_order, &order);
    return order.ours_first;
}

void modules_init(void)
{
    /* By name: a direct reference would keep the library from loading with an
     * older C library, where frames then go by frame pointer. */
    find_object = (int (*)(void *, struct dl_find_object *))dlsym(RTLD_DEFAULT, "_dl_find_object");
    own_headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    own_headers_count = (ElfW(Half))getauxval(AT_PHNUM);
}

bool modules_find_sigsafe(uint64_t pc, struct module_tables *tables)
{
    struct dl_find_object found;
    if (!find_object || find_object((void *)pc, &found) != 0)
        return false;
    uint8_t *header = found.dlfo_eh_frame;
    /* Of a module with holes between its segments (GNU make is one) each segment
     * is an object of its own; the tables may lie in another than the code. */
    if (header &&
        (header < (uint8_t *)found.dlfo_map_start || header >= (uint8_t *)found.dlfo_map_end) &&
        find_object(header, &found) != 0)
        header = NULL;
    tables->start = (uint64_t)found.dlfo_map_start;
    tables->end = (uint64_t)found.dlfo_map_end;
    tables->eh_frame_hdr = header;
    return true;
}

uint64_t modules_loader_sigsafe(void)
{
    return (uint64_t)find_object;
}

/* The headers at the module's load address, where linkers put them and the loader has read
 * them: within a page, in what may have been overwritten since. Of the program itself, which
 * may lie anywhere, where the kernel says. */
static bool find_headers(const struct link_map *map, struct dl_phdr_info *info)
{
    const ElfW(Ehdr) *header = (const ElfW(Ehdr) *)map->l_addr;
    struct dl_find_object found;
    if (own_headers && find_object((void *)(uintptr_t)own_headers, &found) == 0 &&
        found.dlfo_link_map == map) {
        info->dlpi_phdr = own_headers;
        info->dlpi_phnum = own_headers_count;
        return true;
    }
    if (!header || find_object((void *)(uintptr_t)header, &found) != 0 ||
        found.dlfo_link_map != map || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_phoff > PAGE || header->e_phoff + header->e_phnum * sizeof(ElfW(Phdr)) > PAGE)
        return false;
    info->dlpi_phdr = (const ElfW(Phdr) *)((const uint8_t *)header + header->e_phoff);
    info->dlpi_phnum = header->e_phnum;
    return true;
}

bool modules_describe_sigsafe(uint64_t pc, struct dl_phdr_info *info)
{
    struct dl_find_object found;
    if (!find_object || find_object((void *)pc, &found) != 0)
        return false;
    *info = (struct dl_phdr_info){.dlpi_addr = found.dlfo_link_map->l_addr,
                                  .dlpi_name = found.dlfo_link_map->l_name};
    return find_headers(found.dlfo_link_map, info);
}

bool modules_readable_sigsafe(uint64_t pc, uint64_t *start, uint64_t *end)
{
    struct dl_phdr_info info;
    if (!modules_describe_sigsafe(pc, &info))
        return false;
    for (int i = 0; i < info.dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info.dlpi_phdr[i];
        *start = info.dlpi_addr + segment->p_vaddr;
        *end = *start + segment->p_filesz;
        if (segment->p_type == PT_LOAD && segment->p_flags & PF_R && pc >= *start && pc < *end)
            return true;
    }
    return false;
}

uint32_t modules_generation_sigsafe(void)
{
    return __atomic_load_n(&generation, __ATOMIC_RELAXED);
}

void modules_tell_generation(uint32_t *word)
{
    told = word;
    *word = modules_generation_sigsafe();
}

void modules_begin_era_sigsafe(void)
{
    __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
}

uint32_t modules_told_generation(void)
{
    return told ? __atomic_load_n(told, __ATOMIC_ACQUIRE) : modules_generation_sigsafe();
}

void modules_advance_generation(void)
{
    uint32_t now = __atomic_add_fetch(&generation, 1, __ATOMIC_RELAXED);
    if (told)
        __atomic_store_n(told, now, __ATOMIC_RELEASE);
}

bool modules_hold(void)
{
    /* Sequentially consistent, as in modules_begin_closing(): one of the two sees the
     * other. */
    __atomic_store_n(&held, true, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&closing, __ATOMIC_SEQ_CST) == 0)
        return true;
    modules_release();
    return false;
}

void modules_release(void)
{
    __atomic_store_n(&held, false, __ATOMIC_RELEASE);
}

void modules_begin_closing(void)
{
    __atomic_add_fetch(&closing, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&held, __ATOMIC_SEQ_CST))
        sched_yield();
}

void modules_end_closing(void)
{
    __atomic_sub_fetch(&closing, 1, __ATOMIC_RELEASE);
}

void modules_fork_child(void)
{
    if (closing || held) /* else the page stays the parent's */
        closing = 0, held = false;
}
