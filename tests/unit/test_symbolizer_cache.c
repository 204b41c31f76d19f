/*
 * The symbolizer with the cache: the same answers and the same words as without, whatever was
 * asked before; and with an archive.
 */
#include "analyzer/symbols/symbol_archive.h"
#include "tests/unit/compiled.h"

#include <dirent.h>
#include <time.h>

static char *image;

static void init(void)
{
    scratch_init();
    char *xdg = memory_printf("%s/xdg", scratch_path);
    setenv("XDG_CACHE_HOME", xdg, 1);
    free(xdg);
    image = memory_printf("%s/part.so", scratch_path);
    scratch_write("a.c", "static inline int inner(int x) { return x * 3 + 1; }\n"
                         "int from_a(int x)\n{\n    return inner(x) / 7;\n}\n");
    scratch_write("b.c", "int from_b(int x)\n{\n    return x / 5;\n}\n");
}

static void release(void)
{
    free(image);
    scratch_release();
}

TestSuite(symbolizer_cache, .init = init, .fini = release);

/* Compiles, and waits until the files' times are past. */
static void build(const char *options)
{
    struct timespec past = {.tv_nsec = 100000000};

    compiled_run("gcc -O2 -shared -fPIC -nostartfiles -Wl,--build-id %s -o part.so a.c b.c",
                 options);
    nanosleep(&past, NULL);
}

static uint64_t address_of(const char *name)
{
    compiled_run("nm -D part.so | awk '$3 == \"%s\" { print $1 }' >address", name);
    return strtoul(scratch_read("address"), NULL, 16);
}

/* Answers and words for the functions named, as text; to be freed. */
static char *ask(const struct symbolizer_options *options, const char *one, const char *other)
{
    struct symbol_query queries[2] = {{.address = address_of(one)},
                                      {.address = other != NULL ? address_of(other) : 0}};
    struct symbolizer *symbolizer = symbolizer_new(options);
    size_t count = other != NULL ? 2 : 1, size;
    char *text = NULL;
    FILE *out = open_memstream(&text, &size);
    const char *why = symbolizer_resolve(symbolizer, image, NULL, 0, queries, count);

    fprintf(out, "%s\n", why != NULL ? why : "-");
    for (size_t i = 0; i < count; i++)
        compiled_print(out, &queries[i]);
    fclose(out);
    symbolizer_free(symbolizer);
    return text;
}

static const struct symbolizer_options with = {.inlines = true, .cache = true},
                                       without = {.inlines = true}, real_with = {.cache = true},
                                       real_without = {0};

static void expect_same(const char *one, const char *other)
{
    char *plain = ask(&without, one, other), *cached = ask(&with, one, other);

    cr_expect_str_eq(cached, plain);
    free(cached);
    cached = ask(&with, one, other);
    cr_expect_str_eq(cached, plain);
    free(cached);
    free(plain);
    plain = ask(&real_without, one, other);
    cached = ask(&real_with, one, other);
    cr_expect_str_eq(cached, plain);
    free(cached);
    free(plain);
}

static size_t kept(void)
{
    DIR *stream = opendir("xdg/profinject/symbols");
    size_t count = 0;

    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        count += entry->d_name[0] != '.';
    if (stream != NULL)
        closedir(stream);
    return count;
}

Test(symbolizer_cache, says_the_same)
{
    char *plain;

    build("-g");
    expect_same("from_a", NULL);
    cr_expect_eq(kept(), 1);
    expect_same("from_a", "from_b");
    expect_same("from_b", NULL);
    cr_expect_eq(kept(), 1);
    plain = ask(&without, "from_a", NULL);
    cr_expect_not_null(strstr(plain, "inner"));
    free(plain);
}

Test(symbolizer_cache, says_the_same_of_what_is_stripped)
{
    build("-s");
    expect_same("from_a", NULL);
    cr_expect_eq(kept(), 1);
    expect_same("from_a", "from_b");
}

/* What is said of a unit whose file is missing is said of its addresses alone. */
Test(symbolizer_cache, says_the_same_where_a_part_is_missing)
{
    build("-g -gsplit-dwarf");
    compiled_run("rm *b.dwo");
    expect_same("from_a", NULL);
    expect_same("from_a", "from_b");
    expect_same("from_b", NULL);
    expect_same("from_a", NULL);
}

Test(symbolizer_cache, keeps_nothing_of_damaged_debug_information)
{
    char *plain, *cached;

    build("-g -gz=none");
    compiled_run("objcopy -O binary --only-section=.debug_info --set-section-flags "
                 ".debug_info=alloc part.so info && tr '\\000-\\377' '\\377' <info >bad && "
                 "objcopy --update-section .debug_info=bad part.so");
    plain = ask(&without, "from_a", "from_b");
    cached = ask(&with, "from_a", "from_b");
    cr_expect_str_eq(cached, plain);
    if (strncmp(plain, "-\n", 2) != 0)
        cr_expect_eq(kept(), 0);
    free(cached);
    free(plain);
}

Test(symbolizer_cache, without_a_build_id_nothing_is_kept)
{
    build("-g -Wl,--build-id=none");
    expect_same("from_a", "from_b");
    cr_expect_eq(kept(), 0);
}

static const uint8_t id[] = {1, 2, 3}, other_id[] = {3, 2, 1};

static void collect(struct symbol_archive *archive, const uint8_t *build_id, uint64_t address,
                    const char *name)
{
    struct symbol_frame frame = {.function = name};
    struct symbol_query query = {.address = address, .frames = &frame, .count = 1, .settled = true};

    symbol_archive_collect(archive, "/nowhere", build_id, 3, &query, 1, NULL);
}

Test(symbolizer_cache, an_archive_is_asked_first_and_by_build_id)
{
    struct symbol_archive archive = {0};
    struct symbol_query query = {.address = 16};

    collect(&archive, id, 16, "archived");
    struct symbolizer *symbolizer =
        symbolizer_new(&(struct symbolizer_options){.inlines = true, .archive = &archive});
    cr_expect_null(symbolizer_resolve(symbolizer, "/nowhere", id, 3, &query, 1));
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "archived");
    cr_expect_null(symbolizer_resolve(symbolizer, "/elsewhere", id, 3, &query, 1));
    cr_expect_eq(query.count, 1); /* the same file */
    const char *why = symbolizer_resolve(symbolizer, "/nowhere", other_id, 3, &query, 1);
    cr_expect_eq(query.count, 0);
    cr_assert_not_null(why);
    cr_expect_not_null(strstr(why, "of another build"), "%s", why);
    why = symbolizer_resolve_archived(symbolizer, "/nowhere", 1, &query, 1);
    cr_expect_eq(query.count, 0);
    cr_assert_not_null(why);
    cr_expect_not_null(strstr(why, "has no symbols of"), "%s", why);
    symbolizer_free(symbolizer);
    symbol_archive_release(&archive);
}

/* Two archives of one program may know different places of it. */
Test(symbolizer_cache, archives_add_up)
{
    struct symbol_archive one = {0}, other = {0};
    struct symbol_query queries[2] = {{.address = 16}, {.address = 32}};

    collect(&one, id, 16, "first");
    collect(&other, id, 32, "second");
    symbol_archive_add(&one, other.items[0].store, 2);
    other.count = 0;
    symbol_archive_release(&other);
    struct symbolizer *symbolizer =
        symbolizer_new(&(struct symbolizer_options){.inlines = true, .archive = &one});
    cr_expect_null(symbolizer_resolve(symbolizer, "/nowhere", id, 3, queries, 2));
    cr_expect_str_eq(queries[0].frames[0].function, "first");
    cr_expect_str_eq(queries[1].frames[0].function, "second");
    symbolizer_free(symbolizer);
    symbol_archive_release(&one);
}
