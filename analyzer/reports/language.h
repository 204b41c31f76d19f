/*
 * The language a function was written in, told from its source file, its name and its module,
 * as no trace and few symbols say it. A guess where no source file is known:
 *
 * - the kernel's functions are the kernel's, whatever they are written in;
 * - by the source file: .c, .cc .cpp .hpp..., .rs, .py, .go, .java .kt .scala .js .ts, .s .S .asm;
 *   a header .h is C++ where the function's name is (A::b, f<T>, f(int), operator) or the file
 *   lies in a directory c++, and C otherwise;
 * - by the name alone: py:: or py: (Python's own perf map) is Python; crate::path::{closure},
 *   core::, alloc::, std::rt and others of Rust's libraries, and <T as Trait> Rust; package.Function
 *   and package.(*Type).Method Go; names that hold ::, ( or < C++; the C library's variants for
 *   processors (memmove_avx_unaligned) assembler; other names C;
 * - code without a file on disk that has a name is made at run time: Java, JavaScript and others;
 * - what has no name ("[libfoo.so+0x1230]") has no language.
 *
 * No state; any thread.
 */
#ifndef PROFINJECT_REPORTS_LANGUAGE_H
#define PROFINJECT_REPORTS_LANGUAGE_H

#include "analyzer/model/labels.h"

enum language {
    LANGUAGE_C,
    LANGUAGE_CXX,
    LANGUAGE_RUST,
    LANGUAGE_GO,
    LANGUAGE_PYTHON,
    LANGUAGE_JIT, /* Java, JavaScript: code made at run time */
    LANGUAGE_ASSEMBLER,
    LANGUAGE_KERNEL,
    LANGUAGE_OTHER, /* a source file of another kind */
    LANGUAGE_NONE,  /* no name, or a mark */
    LANGUAGES
};

/* "C++"; of LANGUAGE_NONE "unknown". */
const char *language_name(enum language language);

enum language language_of(const struct label *label);

#endif
