/*
 * Languages of functions. Its own file because what tells them apart is a table of
 * names and endings that no drawing needs to know.
 */
#include "analyzer/reports/language.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

static const char *const names[LANGUAGES] = {
    [LANGUAGE_C] = "C",           [LANGUAGE_CXX] = "C++",       [LANGUAGE_RUST] = "Rust",
    [LANGUAGE_GO] = "Go",         [LANGUAGE_PYTHON] = "Python", [LANGUAGE_JIT] = "Java, JIT",
    [LANGUAGE_ASSEMBLER] = "asm", [LANGUAGE_KERNEL] = "kernel", [LANGUAGE_OTHER] = "other",
    [LANGUAGE_NONE] = "unknown",
};

/* Of source files; case matters, .C is C++ and .S assembler. */
static const struct {
    const char *suffix;
    enum language language;
} suffixes[] = {
    {"c", LANGUAGE_C},
    {"y", LANGUAGE_C},
    {"l", LANGUAGE_C},
    {"inc", LANGUAGE_C},
    {"cc", LANGUAGE_CXX},
    {"cpp", LANGUAGE_CXX},
    {"cxx", LANGUAGE_CXX},
    {"c++", LANGUAGE_CXX},
    {"C", LANGUAGE_CXX},
    {"hh", LANGUAGE_CXX},
    {"hpp", LANGUAGE_CXX},
    {"hxx", LANGUAGE_CXX},
    {"tcc", LANGUAGE_CXX},
    {"ipp", LANGUAGE_CXX},
    {"ii", LANGUAGE_CXX},
    {"rs", LANGUAGE_RUST},
    {"go", LANGUAGE_GO},
    {"py", LANGUAGE_PYTHON},
    {"pyx", LANGUAGE_PYTHON},
    {"java", LANGUAGE_JIT},
    {"kt", LANGUAGE_JIT},
    {"scala", LANGUAGE_JIT},
    {"clj", LANGUAGE_JIT},
    {"js", LANGUAGE_JIT},
    {"mjs", LANGUAGE_JIT},
    {"cjs", LANGUAGE_JIT},
    {"ts", LANGUAGE_JIT},
    {"s", LANGUAGE_ASSEMBLER},
    {"S", LANGUAGE_ASSEMBLER},
    {"asm", LANGUAGE_ASSEMBLER},
    {"nasm", LANGUAGE_ASSEMBLER},
};

const char *language_name(enum language language)
{
    return names[language];
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool looks_cxx(const char *name)
{
    return strstr(name, "::") != NULL || strpbrk(name, "(<") != NULL || begins(name, "operator ") ||
           begins(name, "~");
}

/* A name that symbols of Rust alone have; its plain paths look as those of C++. */
static bool looks_rust(const char *name)
{
    static const char *const crates[] = {"core::",    "alloc::", "std::rt",         "std::sys",
                                         "std::io::", "rayon",   "std::panicking::"};

    for (size_t i = 0; i < sizeof(crates) / sizeof(crates[0]); i++)
        if (begins(name, crates[i]))
            return true;
    return strstr(name, "{{closure}}") != NULL || strstr(name, "{closure#") != NULL ||
           strstr(name, "{impl#") != NULL || (*name == '<' && strstr(name, " as ") != NULL);
}

static size_t word_length(const char *text)
{
    size_t length = 0;

    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

/* "runtime.mallocgc", "net/http.(*conn).serve". A compiler's clone of a C function has one
 * of few words behind the dot, and none before that is a path. */
static bool looks_go(const char *name)
{
    static const char *const clones[] = {"part", "cold",     "constprop",
                                         "isra", "lto_priv", "localalias"};
    const char *slash = strrchr(name, '/');
    const char *package = slash != NULL ? slash + 1 : name;
    size_t length = word_length(package);

    if (length == 0 || package[length] != '.')
        return false;
    const char *member = package + length + 1;
    if (begins(member, "(*"))
        return true;
    for (size_t i = 0; i < sizeof(clones) / sizeof(clones[0]); i++)
        if (word_length(member) == strlen(clones[i]) && begins(member, clones[i]))
            return false;
    return isalpha((unsigned char)*member) != 0;
}

/* Of the C library's functions in assembler symbols name the processor they are for. */
static bool looks_assembler(const char *name, const char *module)
{
    static const char *const marks[] = {"_avx", "_evex", "_sse", "_ssse", "_erms"};

    if (module == NULL || strstr(module, "/libc.so") == NULL)
        return false;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
        if (strstr(name, marks[i]) != NULL)
            return true;
    return false;
}

static enum language by_file(const struct label *label)
{
    const char *slash = strrchr(label->file, '/');
    const char *base = slash != NULL ? slash + 1 : label->file;
    const char *dot = strrchr(base, '.');

    /* The headers of C++'s library have no suffix at all. */
    if (strstr(label->file, "/c++/") != NULL)
        return LANGUAGE_CXX;
    if (dot == NULL)
        return looks_cxx(label->name) ? LANGUAGE_CXX : LANGUAGE_OTHER;
    if (strcmp(dot, ".h") == 0)
        return looks_cxx(label->name) ? LANGUAGE_CXX : LANGUAGE_C;
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
        if (strcmp(dot + 1, suffixes[i].suffix) == 0)
            return suffixes[i].language;
    return LANGUAGE_OTHER;
}

static enum language by_name(const char *name, const char *module)
{
    if (begins(name, "py::") || begins(name, "py:"))
        return LANGUAGE_PYTHON;
    if (*name == '[')
        return LANGUAGE_NONE;
    if (module == NULL || *module != '/')
        return LANGUAGE_JIT;
    if (looks_rust(name))
        return LANGUAGE_RUST;
    if (looks_go(name))
        return LANGUAGE_GO;
    if (looks_cxx(name))
        return LANGUAGE_CXX;
    return looks_assembler(name, module) ? LANGUAGE_ASSEMBLER : LANGUAGE_C;
}

enum language language_of(const struct label *label)
{
    if (label->kind == FRAME_KERNEL)
        return LANGUAGE_KERNEL;
    if (label->kind == FRAME_MARK)
        return LANGUAGE_NONE;
    return label->file != NULL ? by_file(label) : by_name(label->name, label->module);
}
