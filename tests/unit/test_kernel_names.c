/* Names kept beside a recording, for the boot they are of and no other. */
#include "analyzer/load/kernel_names.h"
#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>
#include <sys/stat.h>

static struct source source = {.path = (char *)"r/a.pinj", .beside = (char *)"r"};
static const struct sources sources = {.traces = &source, .count = 1};

TestSuite(kernel_names, .init = scratch_init, .fini = scratch_release);

Test(kernel_names, of_the_boot_the_trace_is_of)
{
    mkdir("r", 0700);
    scratch_write("r/kernel.symbols", "# boot here\nffffffff81000000 t entry\n");
    struct kernel_symbols *symbols = kernel_names_for(&sources, "here", 4);

    cr_assert_not_null(symbols);
    cr_assert_str_eq(kernel_symbols_find(symbols, 0xffffffff81000001)->name, "entry");
    kernel_symbols_free(symbols);
    cr_assert_null(kernel_names_for(&sources, "there", 5));
    cr_assert_null(kernel_names_for(&sources, NULL, 0));
}

/* What of the kernel's list is kept: as many names as the trace needs. */
Test(kernel_names, are_kept_where_a_trace_has_such_frames)
{
    struct kernel_symbols *live = kernel_symbols_new(KERNEL_SYMBOLS_LIVE);
    struct bytes payload = {0}, file = made_trace();
    struct stat status;

    mkdir("r", 0700);
    scratch_write("r/manifest", "profinject-recording 1\n");
    make_file("r/a.pinj", &file);
    cr_assert(kernel_names_keep("r"));
    cr_assert_neq(stat("r/kernel.symbols", &status), 0, "no such frames");
    if (live == NULL)
        cr_skip_test("the kernel hides its addresses");
    uint64_t address = kernel_symbols_find(live, UINT64_MAX)->address;
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, address + 1, 0}};
    make_definitions(&payload);
    make_stacks(&payload, 0, nodes, 2);
    bytes_free(&file);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file("r/a.pinj", &file);
    cr_assert(kernel_names_keep("r"));
    cr_assert_eq(stat("r/kernel.symbols", &status), 0);
    cr_assert_eq(status.st_mode & 0777, 0600);
    struct kernel_symbols *kept = kernel_symbols_new("r/kernel.symbols");
    cr_assert_not_null(kept);
    cr_assert_str_eq(kernel_symbols_find(kept, address)->name,
                     kernel_symbols_find(live, address)->name);
    cr_assert_null(kernel_symbols_find(kept, address - 1), "and no other");
    kernel_symbols_free(kept);
    kernel_symbols_free(live);
    bytes_free(&file);
}
