/*
 * Entries of what compilers write, against readelf's; damage.
 */
#include "analyzer/symbols/dwarf_entries.h"

#include "tests/unit/compiled.h"

TestSuite(dwarf_entries, .init = scratch_init, .fini = scratch_release, .timeout = 120);

static struct elf_image image;
static struct dwarf_object *object;
static const uint8_t *info, *abbreviations;
static size_t info_size, abbreviations_size;

static void load(const char *compiler)
{
    struct problem problem = {0};

    scratch_write("part.cc",
                  "namespace outer { namespace { struct s { int m(int x); int a[3]; };\n"
                  "template <class T> T twice(T x) { return x + x; } } }\n"
                  "int use(int);\n"
                  "static inline int inner(int x) { return x > 4 ? use(x) : 3; }\n"
                  "int outer::s::m(int x) { auto f = [&](int y) { return y + x; };\n"
                  "    return inner(f(x)) + inner(x * 2); }\n"
                  "int entry(int x) { return inner(x) + outer::twice(outer::s().m(x)); }\n"
                  "enum class e { one, two }; e value; const char *text = \"x\";\n");
    compiled_run("%s -c -o part.o part.cc && ld -shared -o part.so part.o", compiler);
    if (object != NULL) {
        dwarf_object_free(object);
        elf_image_release(&image);
    }
    cr_assert_eq(elf_image_init(&image, "part.so", &problem), 0);
    object = dwarf_object_new(&image);
    info = dwarf_object_section(object, ".debug_info", &info_size);
    abbreviations = dwarf_object_section(object, ".debug_abbrev", &abbreviations_size);
    cr_assert(info != NULL && abbreviations != NULL);
}

static void print_below(FILE *out, const struct dwarf_entries *entries, Dwarf_Off parent, int depth)
{
    struct dwarf_entry entry;
    bool more = dwarf_entries_child(entries, parent, &entry);

    for (; more; more = dwarf_entries_next(entries, &entry)) {
        fprintf(out, "%d %lx\n", depth, (unsigned long)entry.offset);
        cr_expect(dwarf_entries_hold(entries, entry.offset));
        print_below(out, entries, entry.offset, depth + 1);
    }
}

/* All entries but the unit's, with their depth. */
static char *tree_of(const struct dwarf_entries *entries, Dwarf_Off unit)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    print_below(out, entries, unit, 1);
    fclose(out);
    return text;
}

static void compare(const char *compiler)
{
    struct dwarf_entries entries;
    unsigned long unit = 0;
    char *ours, *theirs;

    load(compiler);
    compiled_run(
        "readelf --debug-dump=info part.so | sed -n 's/^ *<\\([0-9a-f]*\\)><\\([0-9a-f]*\\)>: "
        "Abbrev Number: [1-9].*/\\1 \\2/p' >all && sed -n 1p all >unit && "
        "sed 1d all >entries");
    cr_assert_eq(sscanf(scratch_read("unit"), "0 %lx", &unit), 1);
    cr_assert(dwarf_entries_init(&entries, info, info_size, abbreviations, abbreviations_size, 0));
    ours = tree_of(&entries, unit);
    theirs = memory_strdup(scratch_read("entries"));
    cr_expect(strlen(theirs) > 200, "%s", theirs);
    cr_expect_str_eq(ours, theirs, "%s", compiler);
    cr_expect(!dwarf_entries_hold(&entries, info_size));
    free(ours);
    free(theirs);
    dwarf_entries_release(&entries);
}

Test(dwarf_entries, gcc)
{
    static const char *const flags[] = {"2", "3", "4", "5", "5 -gdwarf64", "4 -gdwarf64", "5 -O2"};

    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        char compiler[80];

        snprintf(compiler, sizeof(compiler), "g++ -fPIC -g -gstrict-dwarf -gdwarf-%s", flags[i]);
        compare(compiler);
    }
}

Test(dwarf_entries, clang)
{
    static const char *const flags[] = {"3", "4", "5", "5 -O2", "5 -gdwarf64"};

    compiled_need("clang++");
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        char compiler[80];

        snprintf(compiler, sizeof(compiler), "clang++ -fPIC -g -gdwarf-%s", flags[i]);
        compare(compiler);
    }
}

/* Every function's low_pc and high_pc, as nm has them; clang's DWARF 5 has indices. */
static size_t check_code(const struct dwarf_entries *entries, Dwarf_Off parent, bool indices)
{
    struct dwarf_entry entry;
    bool more = dwarf_entries_child(entries, parent, &entry);
    size_t found = 0;

    for (; more; more = dwarf_entries_next(entries, &entry)) {
        struct entry_code code;

        if (entry.tag == DW_TAG_subprogram && dwarf_entries_code(entries, &entry, &code)) {
            cr_expect(entry.has_code);
            cr_expect(code.high_is_length);
            cr_expect_eq(code.low_is_index, indices);
            if (!indices)
                compiled_run("nm -S --defined-only part.so | grep -q '^%016lx %016lx '",
                             (unsigned long)code.low, (unsigned long)code.high);
            found++;
        }
        found += check_code(entries, entry.offset, indices);
    }
    return found;
}

Test(dwarf_entries, code)
{
    static const char *const compilers[] = {"g++ -fPIC -g -gdwarf-5", "clang++ -fPIC -g -gdwarf-4",
                                            "clang++ -fPIC -g -gdwarf-5"};

    for (size_t i = 0; i < 3; i++) {
        struct dwarf_entries entries;
        Dwarf_Debug debug;
        Dwarf_Die unit;

        load(compilers[i]);
        debug = dwarf_object_debug(object);
        unit = dwarf_die_at(debug, i == 1 ? 11 : 12);
        cr_assert_not_null(unit);
        cr_assert(dwarf_entries_open(&entries, object, unit));
        cr_expect_geq(check_code(&entries, dwarf_die_offset(debug, unit), i == 2), 4, "%s",
                      compilers[i]);
        dwarf_entries_release(&entries);
        dwarf_dealloc_die(unit);
    }
}

/* Every byte changed and every prefix: no read beyond the end (sanitizer), and an end. */
Test(dwarf_entries, damage)
{
    load("g++ -fPIC -g -gdwarf-5");
    for (size_t i = 0; i < info_size + abbreviations_size; i++) {
        size_t info_part = i < info_size ? i : info_size;
        uint8_t *copy = malloc(info_size), *shapes = malloc(abbreviations_size);
        struct dwarf_entries entries;

        memcpy(copy, info, info_size);
        memcpy(shapes, abbreviations, abbreviations_size);
        if (i < info_size)
            copy[i] ^= (uint8_t)(i * 37 + 1);
        else
            shapes[i - info_size] ^= (uint8_t)(i * 37 + 1);
        if (dwarf_entries_init(&entries, copy, info_size, shapes, abbreviations_size, 0))
            free(tree_of(&entries, 12));
        dwarf_entries_release(&entries);
        copy = realloc(copy, info_part + 1);
        if (dwarf_entries_init(&entries, copy, info_part, shapes, abbreviations_size, 0))
            free(tree_of(&entries, 12));
        dwarf_entries_release(&entries);
        free(copy);
        free(shapes);
    }
}
