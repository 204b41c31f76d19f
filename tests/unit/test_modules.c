/* Modules as the lock-free lookup tells them, against the loader's own list. */
#include "preload/modules.h"

#include "tests/unit/compiled.h"

#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
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
        cr_assert(modules_describe_sigsafe(info->dlpi_addr + segment->p_vaddr, &found), "%s",
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
    cr_assert_not(modules_describe_sigsafe((uint64_t)&local, &info));
}

/* The protection of the mapping that holds `address`, as the kernel has it: "r-xp". */
static const char *protection(uint64_t address)
{
    static char found[8];
    unsigned long start, end;
    char line[1024];
    FILE *maps = fopen("/proc/self/maps", "r");

    strcpy(found, "none");
    cr_assert_not_null(maps);
    while (fgets(line, sizeof line, maps)) {
        char here[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, here) == 3 && address >= start &&
            address < end)
            strcpy(found, here);
    }
    fclose(maps);
    return found;
}

static int read_segments(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uint64_t first = info->dlpi_addr + segment->p_vaddr, last = first + segment->p_filesz - 1;
        uint64_t start, end;
        if (segment->p_type != PT_LOAD)
            continue;
        for (uint64_t at = first; at <= last;
             at = at < last && last - at < 4096 ? last : at + 4096) {
            cr_assert(modules_readable_sigsafe(at, &start, &end), "%s", info->dlpi_name);
            cr_assert_eq(start, first);
            cr_assert_eq(end, last + 1);
            cr_assert_eq(protection(at)[0], 'r', "%s: %lx", info->dlpi_name, (long)at);
        }
        code++;
    }
    return 0;
}

Test(modules, what_headers_call_readable_the_kernel_has_mapped_so)
{
    modules_init();
    dl_iterate_phdr(read_segments, NULL);
    cr_assert_gt(code, 4);
}

Test(modules, outside_them_nothing_is_known_to_be_readable)
{
    uint64_t start, end;
    char local;

    modules_init();
    cr_assert_not(modules_readable_sigsafe((uint64_t)&local, &start, &end));
    cr_assert_not(modules_readable_sigsafe(0, &start, &end));
    cr_assert_not(modules_readable_sigsafe(UINT64_MAX, &start, &end));
}

/* Takes PF_R from the library's code. */
static void forbid_reading_code(const char *name)
{
    ElfW(Ehdr) header;
    ElfW(Phdr) segment;
    FILE *file = fopen(name, "r+");

    cr_assert(file && fread(&header, sizeof header, 1, file) == 1);
    for (int i = 0; i < header.e_phnum; i++) {
        long at = (long)(header.e_phoff + (size_t)i * sizeof segment);
        cr_assert(fseek(file, at, SEEK_SET) == 0 && fread(&segment, sizeof segment, 1, file) == 1);
        if (segment.p_flags & PF_X && segment.p_type == PT_LOAD)
            segment.p_flags = PF_X;
        cr_assert(fseek(file, at, SEEK_SET) == 0 && fwrite(&segment, sizeof segment, 1, file) == 1);
    }
    fclose(file);
}

TestSuite(modules_made, .init = scratch_init, .fini = scratch_release);

/* A library with holes between its segments, as linkers left them for large pages. */
Test(modules_made, holes_and_code_that_may_not_be_read)
{
    uint64_t start, end;

    scratch_write("made.c", "const char text[] = \"read\"; int made(void) { return text[1]; }");
    compiled_run(
        "cc -shared -fPIC -o ./made.so made.c -Wl,-z,separate-code,-z,max-page-size=0x200000");
    compiled_run("cp made.so executed.so");
    forbid_reading_code("executed.so");
    modules_init();
    for (int executed = 0; executed < 2; executed++) {
        void *library = dlopen(executed ? "./executed.so" : "./made.so", RTLD_NOW);
        cr_assert_not_null(library, "%s", dlerror());
        uint64_t made = (uint64_t)dlsym(library, "made"), text = (uint64_t)dlsym(library, "text");
        cr_assert_eq(modules_readable_sigsafe(made, &start, &end), !executed);
        cr_assert(modules_readable_sigsafe(text, &start, &end));
        cr_assert_not(modules_readable_sigsafe(end + 0x10000, &start, &end), "a hole");
    }
}
