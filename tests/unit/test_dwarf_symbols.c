/*
 * Functions, lines and inlined calls from DWARF, for every address of programs
 * compiled here, against addr2line and llvm-symbolizer. dwarf_index, dwarf_functions,
 * dwarf_names, dwarf_scopes, dwarf_lines and dwarf_die have no answers of their own
 * that other tools could confirm: they are tested here, through what they find.
 *
 * addr2line of binutils 2.40 is asked about DWARF 4 only: in DWARF 5 it starts line
 * tables with the wrong file (sourceware PR 30783) and misses ranges of clang's.
 */
#include "tests/unit/compiled.h"

TestSuite(dwarf_symbols, .init = scratch_init, .fini = scratch_release);

/* Things to get wrong: the first function comes from a header (so line tables begin
 * in another file), inlined calls in inlined calls, recursion, a part that gcc
 * moves to a .cold section, a loop the compiler vectorises, a nested function. */
static const char c_header[] = "static __attribute__((noinline)) int from_header(int x)\n"
                               "{\n"
                               "    for (int i = 0; i < x; i++)\n"
                               "        x += i * x;\n"
                               "    return x;\n"
                               "}\n"
                               "static inline int innermost(int x) { return x * x + 3; }\n";

static const char c_source[] =
    "#include \"part.h\"\n"
    "void give_up(const char *why) __attribute__((noreturn, cold));\n"
    "int use(int);\n"
    "static inline int inner(int x)\n"
    "{\n"
    "    if (x > 100)\n"
    "        give_up(\"large\");\n"
    "    return innermost(x) + use(x);\n"
    "}\n"
    "static inline int middle(int x) { return inner(x) + inner(x + 1); }\n"
    "int outer(int x)\n"
    "{\n"
    "    int sum = from_header(x);\n"
    "    for (int i = 0; i < x; i++)\n"
    "        sum += middle(i);\n"
    "    if (__builtin_expect(sum == 42, 0)) {\n"
    "        use(sum);\n"
    "        give_up(\"forty-two\");\n"
    "    }\n"
    "    return sum;\n"
    "}\n"
    "int fibonacci(int n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }\n"
    "void scale(float *values, int count)\n"
    "{\n"
    "    for (int i = 0; i < count; i++)\n"
    "        values[i] *= 3;\n"
    "}\n"
    "int choose(int x)\n"
    "{\n"
    "    switch (x) {\n"
    "    case 1: return use(7);\n"
    "    case 2: return outer(3);\n"
    "    case 3: return middle(x);\n"
    "    case 4: give_up(\"four\");\n"
    "    default: return use(x) + 1;\n"
    "    }\n"
    "}\n";

static const char cxx_source[] =
    "#include <map>\n"
    "#include <string>\n"
    "#include <vector>\n"
    "#include <algorithm>\n"
    "namespace shapes {\n"
    "struct shape {\n"
    "    virtual ~shape();\n"
    "    virtual double area() const = 0;\n"
    "    int edges(int more) const { return more * count + 1; }\n"
    "    int count = 3;\n"
    "};\n"
    "shape::~shape() { count = 0; }\n"
    "template <typename T> struct box : shape {\n"
    "    T side;\n"
    "    explicit box(T s) : side(s) {}\n"
    "    double area() const override;\n"
    "};\n"
    "template <typename T> double box<T>::area() const { return side * side + edges(2); }\n"
    "template struct box<int>;\n"
    "template struct box<double>;\n"
    "double sum(const std::vector<shape *> &all)\n"
    "{\n"
    "    double total = 0;\n"
    "    for (auto s : all)\n"
    "        total += s->area() + s->edges(1);\n"
    "    return total;\n"
    "}\n"
    "int count(std::map<std::string, int> &words, const std::string &word)\n"
    "{\n"
    "    if (word.empty())\n"
    "        throw std::string(\"empty\");\n"
    "    return ++words[word];\n"
    "}\n"
    "void order(std::vector<std::string> &names) { std::sort(names.begin(), names.end()); }\n"
    "}\n";

static void check(const char *compiler, const char *flags, const char *source, const char *tool)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query *queries;
    size_t count;

    compiled_need(compiler);
    compiled_need(strcmp(tool, COMPILED_LLVM) == 0 ? "llvm-symbolizer" : "addr2line");
    scratch_write("part.h", c_header);
    scratch_write("part.c", c_source);
    scratch_write("part.cc", cxx_source);
    compiled_run("%s -O2 %s -shared -fPIC -nostartfiles -o part.so %s/%s", compiler, flags,
                 scratch_path, source);
    queries = compiled_queries("part.so", &count);
    cr_assert_null(symbolizer_resolve(symbolizer, "./part.so", NULL, 0, queries, count));
    cr_expect_eq(compiled_compare(tool, "part.so", queries, count), 0, "%s %s", compiler, flags);
    free(queries);
    symbolizer_free(symbolizer);
}

#define COMPARE(name, compiler, flags, source, tool) \
    Test(dwarf_symbols, name)                        \
    {                                                \
        check(compiler, flags, source, tool);        \
    }

COMPARE(c_gcc_dwarf4_addr2line, "gcc", "-gdwarf-4", "part.c", COMPILED_ADDR2LINE)
COMPARE(c_gcc_dwarf4_llvm, "gcc", "-gdwarf-4", "part.c", COMPILED_LLVM)
COMPARE(c_gcc_dwarf5_llvm, "gcc", "-gdwarf-5", "part.c", COMPILED_LLVM)
COMPARE(c_gcc_compressed_llvm, "gcc", "-gdwarf-5 -gz", "part.c", COMPILED_LLVM)
COMPARE(c_gcc_sections_llvm, "gcc", "-gdwarf-5 -ffunction-sections", "part.c", COMPILED_LLVM)
COMPARE(c_clang_dwarf4_addr2line, "clang", "-gdwarf-4", "part.c", COMPILED_ADDR2LINE)
COMPARE(c_clang_dwarf5_llvm, "clang", "-gdwarf-5", "part.c", COMPILED_LLVM)
COMPARE(cxx_gcc_dwarf4_addr2line, "g++", "-gdwarf-4", "part.cc", COMPILED_ADDR2LINE)
COMPARE(cxx_gcc_dwarf5_llvm, "g++", "-gdwarf-5", "part.cc", COMPILED_LLVM)
COMPARE(cxx_clang_dwarf4_addr2line, "clang++", "-gdwarf-4", "part.cc", COMPILED_ADDR2LINE)
COMPARE(cxx_clang_dwarf5_llvm, "clang++", "-gdwarf-5", "part.cc", COMPILED_LLVM)

/* Frames at the start of the function of part.so whose symbol begins with `name`. */
static void resolve_start(struct symbolizer *symbolizer, const char *name,
                          struct symbol_query *query)
{
    compiled_run("nm part.so | awk '$3 ~ /^%s/ { print $1; exit }' >address", name);
    query->address = strtoul(scratch_read("address"), NULL, 16);
    cr_assert(query->address != 0, "no %s", name);
    (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, query, 1);
}

/* libdwarf before 0.5 says part.c: davea42/libdwarf-code#137. */
Test(dwarf_symbols, sequence_that_begins_in_a_header)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query query;

    scratch_write("part.h", c_header);
    scratch_write("part.c", c_source);
    compiled_run("gcc -O2 -gdwarf-5 -shared -fPIC -nostartfiles -o part.so part.c");
    resolve_start(symbolizer, "from_header", &query);
    cr_assert_eq(query.count, 1);
    cr_expect_str_eq(query.frames[0].function, "from_header");
    cr_expect_str_eq(strrchr(query.frames[0].file, '/'), "/part.h");
    cr_expect_eq(query.frames[0].line, 2);
    cr_expect_eq(query.frames[0].decl_line, 1);
    symbolizer_free(symbolizer);
}

/* libdwarf 20210528 takes the row where an epilogue begins for the end of its
 * sequence; clang 15 and rustc write such rows. */
Test(dwarf_symbols, row_where_an_epilogue_begins)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query query;

    scratch_write("part.s", "        .file 1 \"part.c\"\n"
                            "        .globl f\n"
                            "        .type f, @function\n"
                            "f:      .loc 1 10\n"
                            "        nop\n"
                            "        .loc 1 11 0 epilogue_begin\n"
                            "        nop\n"
                            "        ret\n"
                            "        .size f, . - f\n");
    compiled_run("gcc -shared -nostdlib -o part.so part.s");
    for (unsigned i = 0; i < 3; i++) {
        resolve_start(symbolizer, "f", &query);
        query.address += i;
        (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, &query, 1);
        cr_assert_eq(query.count, 1);
        cr_expect_str_eq(query.frames[0].function, "f");
        cr_expect_eq(query.frames[0].line, i == 0 ? 10 : 11, "at %u", i);
    }
    symbolizer_free(symbolizer);
}

/* gcc writes no linkage names for these; what they are is told by where they are. */
Test(dwarf_symbols, cxx_functions_of_internal_linkage)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query query;

    scratch_write("part.cc",
                  "namespace { namespace deep { struct s {\n"
                  "    __attribute__((noinline)) int m(int x) { return x * 3; }\n"
                  "}; } }\n"
                  "int outer(int x)\n"
                  "{\n"
                  "    auto f = [&](int y) __attribute__((noinline)) { return x / y; };\n"
                  "    auto g = [&](auto y) __attribute__((noinline)) { return x % y; };\n"
                  "    return deep::s().m(x) + f(x + 1) + g(x + 2);\n"
                  "}\n");
    compiled_run("g++ -O1 -g -shared -fPIC -nostartfiles -o part.so part.cc");
    resolve_start(symbolizer, "_ZN12_GLOBAL__N_14deep1s1mEi", &query);
    cr_expect_str_eq(query.frames[query.count - 1].function, "(anonymous namespace)::deep::s::m");
    resolve_start(symbolizer, "_ZZ5outeriENKUliE_clEi", &query);
    cr_expect_str_eq(query.frames[query.count - 1].function,
                     "outer(int)::{lambda:6:16}::operator()");
    resolve_start(symbolizer, "_ZZ5outeriENKUlT_E0_clIiEEDaS_", &query);
    cr_expect_str_eq(query.frames[query.count - 1].function,
                     "outer(int)::{lambda:7:16}::operator()<int>");
    symbolizer_free(symbolizer);
}

/* Names of functions inlined from another unit are found there. */
Test(dwarf_symbols, link_time_optimisation)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query query;
    bool found = false;

    scratch_write("other.c", "int helper(int x) { return x * 7 + 1; }\n");
    scratch_write("part.c", "int helper(int);\nint use(int);\n"
                            "int entry(int x) { return use(helper(x)) + helper(use(x)); }\n");
    compiled_run("gcc -O2 -g -flto -shared -fPIC -nostartfiles -fvisibility=protected "
                 "-o part.so part.c other.c");
    compiled_run("nm -S part.so | awk '$4 == \"entry\" { print $1, $2 }' >functions");
    FILE *in = fopen("functions", "r");
    unsigned long start, size;
    cr_assert_eq(fscanf(in, "%lx %lx", &start, &size), 2);
    fclose(in);
    for (unsigned long i = 0; i < size; i++) {
        query.address = start + i;
        (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, &query, 1);
        cr_assert(query.count > 0);
        cr_expect_str_eq(query.frames[query.count - 1].function, "entry");
        if (query.count == 2 && strcmp(query.frames[0].function, "helper") == 0) {
            found = true;
            cr_expect(query.frames[0].inlined);
            cr_expect_str_eq(strrchr(query.frames[0].file, '/'), "/other.c");
            cr_expect_eq(query.frames[0].decl_line, 1);
            cr_expect_eq(query.frames[1].line, 3);
        }
    }
    cr_expect(found, "helper was not inlined");
    symbolizer_free(symbolizer);
}

/* The real function alone, at a line of its own: the file of a line inlined into it
 * may be another than the one it is declared in. */
Test(dwarf_symbols, without_inlined_functions)
{
    struct symbolizer *all = symbolizer_new(&(struct symbolizer_options){.inlines = true}),
                      *real = symbolizer_new(&(struct symbolizer_options){.inlines = false});
    struct symbol_query *with, *without;
    size_t count;

    scratch_write("part.h", c_header);
    scratch_write("part.c", c_source);
    compiled_run("gcc -O2 -g -shared -fPIC -nostartfiles -o part.so part.c");
    with = compiled_queries("part.so", &count);
    without = compiled_queries("part.so", &count);
    (void)symbolizer_resolve(all, "./part.so", NULL, 0, with, count);
    (void)symbolizer_resolve(real, "./part.so", NULL, 0, without, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(without[i].count, 1);
        cr_assert(!without[i].frames[0].inlined);
        const struct symbol_frame *outermost = &with[i].frames[with[i].count - 1];
        cr_assert_str_eq(without[i].frames[0].function, outermost->function);
        cr_assert_str_eq(without[i].frames[0].file, outermost->file);
        cr_assert_eq(without[i].frames[0].line, outermost->line);
    }
    free(with);
    free(without);
    symbolizer_free(all);
    symbolizer_free(real);
}

Test(dwarf_symbols, rust)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    struct symbol_query query;

    if (compiled_try("rustc --version >/dev/null") != 0)
        cr_skip("rustc is not installed\n");
    scratch_write("part.rs",
                  "pub mod deep {\n"
                  "    #[inline(always)] fn add(x: u64) -> u64 { x * 3 + 1 }\n"
                  "    #[inline(never)] pub fn twice(x: u64) -> u64 { add(x) * add(x + 2) }\n"
                  "}\n"
                  "#[no_mangle] pub extern \"C\" fn entry(x: u64) -> u64 { deep::twice(x) }\n");
    compiled_run("rustc -O -g --crate-type cdylib -C panic=abort -o part.so part.rs");
    compiled_run(
        "cp part.so kept.so && nm part.so | awk '$3 ~ /deep.*twice/ { print $1 }' >address");
    query.address = strtoul(scratch_read("address"), NULL, 16);
    cr_assert(query.address != 0, "no twice");
    (void)symbolizer_resolve(symbolizer, "./part.so", NULL, 0, &query, 1);
    cr_assert(query.count > 0);
    cr_expect_str_eq(query.frames[query.count - 1].function, "part::deep::twice");
    cr_expect_str_eq(strrchr(query.frames[0].file, '/'), "/part.rs");
    symbolizer_free(symbolizer);
}
