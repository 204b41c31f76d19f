/*
 * Which files speak for a module, what is said when none does, and names without
 * DWARF.
 */
#include "analyzer/symbols/symbolizer.h"

#include "tests/unit/compiled.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/auxv.h>

static struct symbolizer *symbolizer;

static void init(void)
{
    scratch_init();
    symbolizer =
        symbolizer_new(&(struct symbolizer_options){.inlines = true, .debug_dirs = "root"});
    scratch_write("part.c", "__attribute__((noinline)) static int hidden(int x)\n"
                            "{\n"
                            "    for (int i = 0; i < x; i++)\n"
                            "        x += i * x;\n"
                            "    return x;\n"
                            "}\n"
                            "int visible(int x) { return hidden(x) + 1; }\n");
    compiled_run("gcc -O1 -g -shared -fPIC -nostartfiles -Wl,--build-id -o part.so part.c && "
                 "readelf -n part.so | sed -n 's/.*Build ID: //p' >id");
}

static void release(void)
{
    symbolizer_free(symbolizer);
    scratch_release();
}

TestSuite(symbolizer, .init = init, .fini = release);

static size_t read_build_id(uint8_t *id)
{
    const char *digits = scratch_read("id");
    size_t size = 0;

    for (unsigned byte; sscanf(digits + 2 * size, "%2x", &byte) == 1; size++)
        id[size] = (uint8_t)byte;
    return size;
}

/* The start of a function of part.so. */
static struct symbol_query start_of(const char *name)
{
    compiled_run("nm part.so | awk '$3 == \"%s\" { print $1 }' >address", name);
    return (struct symbol_query){.address = strtoul(scratch_read("address"), NULL, 16)};
}

static void expect_reason(const char *reason, const char *expected)
{
    cr_assert_not_null(reason);
    cr_expect_not_null(strstr(reason, expected), "%s", reason);
    cr_expect_null(strchr(reason, '\n'));
}

Test(symbolizer, full)
{
    uint8_t id[64];
    size_t id_size = read_build_id(id);
    struct symbol_query query = start_of("hidden");

    cr_expect_null(symbolizer_resolve(symbolizer, "./part.so", id, id_size, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "hidden");
    cr_expect_eq(query.frames[0].line, 2);
    cr_expect_eq(query.frames[0].decl_line, 1);
    cr_expect_not(query.frames[0].inlined);
}

Test(symbolizer, unsorted_and_repeated_addresses)
{
    struct symbol_query hidden = start_of("hidden"), visible = start_of("visible");
    struct symbol_query all[] = {visible, hidden, visible, {.address = 1}, hidden};

    cr_expect_null(symbolizer_resolve(symbolizer, "./part.so", NULL, 0, all, 5));
    for (int i = 1; i < 5; i++)
        cr_expect_leq(all[i - 1].address, all[i].address);
    cr_expect_eq(all[0].count, 0);
    for (int i = 1; i < 5; i++)
        cr_expect_str_eq(all[i].frames[0].function,
                         all[i].address == hidden.address ? "hidden" : "visible");
    cr_expect_null(symbolizer_resolve(symbolizer, "./missing", NULL, 0, all, 0));
}

Test(symbolizer, symbol_table_alone)
{
    struct symbol_query query = start_of("hidden");

    compiled_run("strip -g -o small.so part.so");
    cr_expect_null(symbolizer_resolve(symbolizer, "./small.so", NULL, 0, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "hidden");
    cr_expect_null(query.frames[0].file);
    cr_expect_eq(query.frames[0].line, 0);
}

/* Exported functions keep their names, and lend them to no others. */
Test(symbolizer, stripped)
{
    struct symbol_query hidden = start_of("hidden"), visible = start_of("visible");

    compiled_run("strip -s -o small.so part.so");
    expect_reason(symbolizer_resolve(symbolizer, "./small.so", NULL, 0, &visible, 1), "stripped");
    cr_assert_eq(visible.count, 1);
    cr_expect_str_eq(visible.frames[0].function, "visible");
    cr_expect_eq(visible.function_start, 0, "it has a name");
    hidden.address += 3;
    (void)symbolizer_resolve(symbolizer, "./small.so", NULL, 0, &hidden, 1);
    cr_expect_eq(hidden.count, 0);
    cr_expect_eq(hidden.function_start, hidden.address - 3);
}

static void install_debug(void)
{
    compiled_run("mkdir -p root/.build-id/$(cut -c1-2 id) && objcopy --only-keep-debug part.so "
                 "root/.build-id/$(cut -c1-2 id)/$(cut -c3- id).debug");
}

Test(symbolizer, stripped_with_debug_file)
{
    struct symbol_query query = start_of("hidden");

    install_debug();
    compiled_run("strip -s -o small.so part.so");
    cr_expect_null(symbolizer_resolve(symbolizer, "./small.so", NULL, 0, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "hidden");
    cr_expect_eq(query.frames[0].line, 2);
}

/* As after an upgrade of the program that was recorded. */
Test(symbolizer, another_build)
{
    uint8_t id[64];
    size_t id_size = read_build_id(id);
    struct symbol_query query = start_of("hidden");

    compiled_run("gcc -O2 -g -shared -fPIC -nostartfiles -Wl,--build-id -o new.so part.c");
    expect_reason(symbolizer_resolve(symbolizer, "./new.so", id, id_size, &query, 1), "build-id");
    cr_expect_eq(query.count, 0);
    install_debug();
    cr_expect_null(symbolizer_resolve(symbolizer, "./new.so", id, id_size, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "hidden");
}

/* The kernel's own library has names like any other: those nm finds in a copy of it. */
Test(symbolizer, vdso_names_are_those_of_nm)
{
    struct symbol_query queries[64] = {0};
    size_t count = 0, size;
    FILE *out = fopen("vdso.so", "w"), *in;
    const char *start = (const char *)getauxval(AT_SYSINFO_EHDR);

    cr_assert_not_null(start);
    size = ((const ElfW(Ehdr) *)start)->e_shoff +
           ((const ElfW(Ehdr) *)start)->e_shnum * sizeof(ElfW(Shdr));
    cr_assert_eq(fwrite(start, 1, size, out), size);
    fclose(out);
    compiled_run("nm -D --defined-only vdso.so | awk '$2 ~ /[TWi]/ { print $1, $3 }' | "
                 "sort -u -k1,1 | cut -d' ' -f1 >starts");
    in = fopen("starts", "r");
    while (count < 64 && fscanf(in, "%lx", &queries[count].address) == 1)
        count++;
    fclose(in);
    cr_assert_geq(count, 3);
    cr_expect_null(symbolizer_resolve(symbolizer, "[vdso]", NULL, 0, queries, count));
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(queries[i].count, 1);
        compiled_run("nm -D vdso.so | sed 's/@.*//' | grep -q '^0*%lx [TWi] %s$'",
                     queries[i].address, queries[i].frames[0].function);
    }
}

Test(symbolizer, no_file)
{
    struct symbol_query query = {.address = 0x1000};

    expect_reason(symbolizer_resolve(symbolizer, "./gone.so", NULL, 0, &query, 1),
                  "cannot open './gone.so': No such file or directory");
    cr_expect_eq(query.count, 0);
    expect_reason(symbolizer_resolve(symbolizer, "", NULL, 0, &query, 1), "cannot open ''");
    expect_reason(symbolizer_resolve(symbolizer, "id", NULL, 0, &query, 1), "not an ELF file");
}

Test(symbolizer, plt_and_versions)
{
    struct symbol_query query = {0};

    scratch_write("main.c", "int abs(int); int main(int n, char **v) { return abs(n) + !v; }\n");
    compiled_run("gcc -fno-builtin -o main main.c && objdump -d -j .plt main | "
                 "sed -n 's/^\\([0-9a-f]*\\) <abs@plt>:$/\\1/p' >address");
    query.address = strtoul(scratch_read("address"), NULL, 16) + 6;
    (void)symbolizer_resolve(symbolizer, "./main", NULL, 0, &query, 1);
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "abs@plt");

    scratch_write("map", "V1 { versioned; }; V2 { } V1;\n");
    scratch_write("versioned.c", "__asm__(\".symver old, versioned@V1\");\n"
                                 "int old(void) { return 1; }\n");
    compiled_run("gcc -shared -fPIC -nostartfiles -Wl,--version-script=map -o versioned.so "
                 "versioned.c && nm versioned.so | awk '$3 ~ /^versioned/ { print $1 }' >address");
    query.address = strtoul(scratch_read("address"), NULL, 16);
    (void)symbolizer_resolve(symbolizer, "./versioned.so", NULL, 0, &query, 1);
    cr_assert_eq(query.count, 1);
    cr_expect_null(strchr(query.frames[0].function, '@'), "%s", query.frames[0].function);
}

/* Of two names of one function the one that is still linked to, as with libc's free,
 * whose old name cfree would come first. */
Test(symbolizer, names_for_old_programs_come_last)
{
    struct symbol_query query = {0};

    scratch_write("map", "V1 { cease; }; V2 { global: finish; local: *; } V1;\n");
    scratch_write("part.c", "__asm__(\".symver old, cease@V1\");\n"
                            "int finish(int x) { return x * 3; }\n"
                            "extern __typeof(finish) old __attribute__((alias(\"finish\")));\n");
    compiled_run("gcc -shared -fPIC -nostartfiles -Wl,--version-script=map -o part.so part.c && "
                 "nm part.so | sed -n 's/ T finish$//p;s/ T finish@@V2$//p' >address");
    query.address = strtoul(scratch_read("address"), NULL, 16);
    cr_assert_neq(query.address, 0);
    (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, &query, 1);
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "finish");
    compiled_run("strip -s part.so && nm -D part.so | grep -q cease@V1");
    (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, &query, 1);
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "finish");
}

Test(symbolizer, vdso)
{
    void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
    struct link_map *map = NULL;
    struct symbol_query query = {0};
    uint8_t wrong[20] = {1};

    if (vdso == NULL || dlinfo(vdso, RTLD_DI_LINKMAP, &map) != 0)
        cr_skip("no vdso\n");
    query.address = (uintptr_t)dlsym(vdso, "__vdso_clock_gettime") - map->l_addr;
    cr_expect_null(symbolizer_resolve(symbolizer, "[vdso]", NULL, 0, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_not_null(strstr(query.frames[0].function, "clock_gettime"));
    expect_reason(symbolizer_resolve(symbolizer, "[vdso]", wrong, sizeof(wrong), &query, 1),
                  "build-id");
    cr_expect_eq(query.count, 0);
    dlclose(vdso);
}
