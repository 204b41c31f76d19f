/*
 * demangle.h over libiberty's callback interface: unlike cplus_demangle() it lets
 * the caller stop output that grows without end.
 */
#include "analyzer/symbols/demangle.h"

#include "analyzer/util/memory.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Longest names met in practice (Boost, ranges) stay below a tenth of this. */
#define OUTPUT_MAX (64u << 10)

struct output {
    char *text;
    size_t length, capacity;
    jmp_buf full;
};

static void append(const char *bytes, size_t size, void *opaque)
{
    struct output *output = opaque;

    if (output->length + size >= OUTPUT_MAX)
        longjmp(output->full, 1);
    while (output->length + size >= output->capacity) {
        output->capacity = output->capacity == 0 ? 256 : output->capacity * 2;
        output->text = memory_resize(output->text, output->capacity);
    }
    memcpy(output->text + output->length, bytes, size);
    output->length += size;
    output->text[output->length] = '\0';
}

bool demangle_is_mangled(const char *name)
{
    return strncmp(name, "_Z", 2) == 0 || strncmp(name, "_R", 2) == 0;
}

/* Rust first: its legacy names are valid C++ ones too, with a hash as last part. */
static bool demangle_into(const char *name, struct output *output)
{
    int options = DMGL_PARAMS | DMGL_ANSI;

    if (setjmp(output->full) != 0)
        return false;
    if (rust_demangle_callback(name, options, append, output) != 0 && output->length > 0)
        return true;
    output->length = 0;
    return strncmp(name, "_Z", 2) == 0 &&
           cplus_demangle_v3_callback(name, options, append, output) != 0 && output->length > 0;
}

char *demangle(const char *name)
{
    struct output *output;
    char *text = NULL;

    if (!demangle_is_mangled(name))
        return NULL;
    output = memory_alloc(sizeof(*output)); /* survives longjmp, unlike locals */
    if (demangle_into(name, output))
        text = output->text;
    else
        free(output->text);
    free(output);
    return text;
}
