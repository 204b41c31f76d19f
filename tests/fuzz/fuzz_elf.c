/*
 * Files with code in them: what is read of ELF by ourselves, on top of libelf. DWARF is left
 * out: libdwarf reads it in a process of its own, fuzz_lines.c what we read of it.
 */
#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/dwarf_package.h"
#include "analyzer/symbols/function_bounds.h"
#include "analyzer/symbols/mini_debug.h"
#include "analyzer/symbols/plt_symbols.h"
#include "analyzer/symbols/symbol_table.h"
#include "tests/fuzz/fuzz.h"

#define ROWS 64

static void look_up(const struct symbol_table *table, const struct function_bounds *bounds,
                    const struct elf_image *image, uint64_t address)
{
    struct address_range range;
    uint32_t section = symbol_section_at(image, address);
    const struct symbol *symbol = symbol_table_find(table, address, section);

    if (symbol != NULL)
        fuzz_touch(symbol->name, strlen(symbol->name));
    if (function_bounds_find(bounds, address, &range) &&
        (range.low > address || range.high <= address))
        abort();
}

/* Files that it refers to: there are none, only what is said about them is read. */
static void read_links(const struct elf_image *image)
{
    struct elf_image supplement;
    struct mini_debug mini;
    const char *name;

    if (debug_file_init_supplement(&supplement, NULL, "/nonexistent", image, "/nonexistent/file",
                                   &name) == 0)
        elf_image_release(&supplement);
    else if (name != NULL)
        fuzz_touch(name, strlen(name));
    if (mini_debug_init(&mini, image) == 0)
        mini_debug_release(&mini);
}

/* As if it were a package of split units. */
static void read_package(const struct elf_image *image)
{
    struct dwarf_slice slices[DWARF_PACKAGE_SLICES_MAX];
    struct dwarf_object *object = dwarf_object_new(image);

    for (uint64_t id = 0; object != NULL && id < 4; id++) {
        size_t count = dwarf_package_find(object, id * 0x123456789abcdef1u, slices);

        if (count > 0)
            dwarf_object_free(dwarf_object_new_part(object, slices, count));
    }
    dwarf_object_free(object);
}

static void read_image(const struct elf_image *image)
{
    struct symbol_table table;
    struct function_bounds bounds;
    uint32_t crc;
    const char *link = elf_image_debuglink(image, &crc);

    if (link != NULL)
        fuzz_touch(link, strlen(link));
    read_links(image);
    read_package(image);
    symbol_table_init(&table);
    symbol_table_add_image(&table, image);
    plt_symbols_add(&table, image);
    symbol_table_sort(&table);
    function_bounds_init(&bounds, image);
    look_up(&table, &bounds, image, 0);
    look_up(&table, &bounds, image, UINT64_MAX);
    for (size_t i = 0; i < table.count && i < ROWS; i++)
        look_up(&table, &bounds, image, table.symbols[i].start + 1);
    for (uint64_t address = image->code_start; address < image->code_start + 2048; address += 64)
        look_up(&table, &bounds, image, address);
    symbol_table_release(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct elf_image image;
    struct problem problem;

    if (elf_image_init(&image, fuzz_file(data, size), &problem) == 0) {
        read_image(&image);
        elf_image_release(&image);
    }
    return 0;
}
