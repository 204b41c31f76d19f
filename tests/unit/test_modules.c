/* Modules as the lock-free lookup tells them, against the loader's own list. */
#include "preload/modules.h"

#include <criterion/criterion.h>
#include <string.h>

static int modules, code;

static int compare(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    modules++;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        struct dl_phdr_info found;
        if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
            continue;
        code++;
        cr_assert(modules_describe(info->dlpi_addr + segment->p_vaddr, &found), "%s",
                  info->dlpi_name);
        cr_assert_eq(found.dlpi_addr, info->dlpi_addr);
        cr_assert_eq(found.dlpi_phnum, info->dlpi_phnum);
        cr_assert_eq(memcmp(found.dlpi_phdr, info->dlpi_phdr, found.dlpi_phnum * sizeof *segment),
                     0);
        cr_assert_str_eq(found.dlpi_name, info->dlpi_name);
    }
    return 0;
}

Test(modules, are_described_as_by_the_loader)
{
    modules_init();
    dl_iterate_phdr(compare, NULL);
    cr_assert_gt(modules, 2);
    cr_assert_geq(code, modules);
}

Test(modules, outside_code_there_is_none)
{
    struct dl_phdr_info info;
    char local;

    modules_init();
    cr_assert_not(modules_describe((uint64_t)&local, &info));
}
