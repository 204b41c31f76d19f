/* Languages by file, by name and by module; names as profinject shows them. */
#include "analyzer/reports/language.h"

#include <criterion/criterion.h>
#include <string.h>

#define LIBC "/lib/x86_64-linux-gnu/libc.so.6"
#define EXE "/usr/bin/x"

Test(language, told_by_file_name_and_module)
{
    static const struct {
        const char *name, *file, *module;
        enum language language;
    } cases[] = {
        {"main", "src/main.c", EXE, LANGUAGE_C},
        {"size", "/usr/include/x86_64-linux-gnu/bits/stdio.h", EXE, LANGUAGE_C},
        {"std::vector<int>::size", "/usr/include/x/vec.h", EXE, LANGUAGE_CXX},
        {"sort", "/usr/include/c++/12/algorithm", EXE, LANGUAGE_CXX},
        {"Widget", "gui.C", EXE, LANGUAGE_CXX},
        {"core::ptr::read", "/rustc/90c5/library/core/src/ptr/mod.rs", EXE, LANGUAGE_RUST},
        {"main.main", "/home/a/main.go", EXE, LANGUAGE_GO},
        {"memcpy", "../sysdeps/x86_64/multiarch/memmove-vec-unaligned-erms.S", LIBC,
         LANGUAGE_ASSEMBLER},
        {"f", "x.f90", EXE, LANGUAGE_OTHER},
        {"py::fib:/home/a/fib.py", NULL, NULL, LANGUAGE_PYTHON},
        {"void Hot.run()", NULL, NULL, LANGUAGE_JIT},
        {"JS:*render /app/page.js:12", NULL, "[anonymous]", LANGUAGE_JIT},
        {"malloc", NULL, LIBC, LANGUAGE_C},
        {"__memmove_avx_unaligned_erms", NULL, LIBC, LANGUAGE_ASSEMBLER},
        {"filter_avx2", NULL, EXE, LANGUAGE_C},
        {"ns::work(int)", NULL, EXE, LANGUAGE_CXX},
        {"operator new", NULL, EXE, LANGUAGE_CXX},
        {"<std::io::Lines<B> as core::iter::Iterator>::next", NULL, EXE, LANGUAGE_RUST},
        {"alloc::vec::Vec<T>::push", NULL, EXE, LANGUAGE_RUST},
        {"runtime.mallocgc", NULL, EXE, LANGUAGE_GO},
        {"net/http.(*conn).serve", NULL, EXE, LANGUAGE_GO},
        {"parse.part.0", NULL, EXE, LANGUAGE_C},
        {"parse.constprop.0.isra.0", NULL, EXE, LANGUAGE_C},
        {"parse.cold", NULL, EXE, LANGUAGE_C},
        {"[libfoo.so+0x1230]", NULL, "/usr/lib/libfoo.so", LANGUAGE_NONE},
        {"", NULL, EXE, LANGUAGE_C},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct label label = {
            .name = cases[i].name, .file = cases[i].file, .module = cases[i].module};
        cr_expect_eq(language_of(&label), cases[i].language, "%s is %s", cases[i].name,
                     language_name(language_of(&label)));
    }
}

Test(language, of_kinds_of_frames)
{
    struct label kernel = {.name = "do_read_[k]", .kind = FRAME_KERNEL, .file = "fs/read.c"};
    struct label mark = {.name = "t (12)", .kind = FRAME_MARK};

    cr_expect_eq(language_of(&kernel), LANGUAGE_KERNEL);
    cr_expect_eq(language_of(&mark), LANGUAGE_NONE);
    for (int i = 0; i < LANGUAGES; i++)
        cr_expect(strlen(language_name((enum language)i)) > 0);
}
