/*
 * Shortening of function names. Its own file because it alone knows what C++
 * names look like.
 */
#include "analyzer/reports/short_name.h"

#include "analyzer/reports/text_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/template_lists.h"
#include "analyzer/util/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "…"
#define ANONYMOUS "(anonymous namespace)"

/* Part of `name` at `at` that is taken over as it stands. */
static size_t literal_length(const char *name, const char *at)
{
    size_t length = template_lists_operator(name, at);

    if (length == 0 && strncmp(at, ANONYMOUS, strlen(ANONYMOUS)) == 0)
        length = strlen(ANONYMOUS);
    if (length == 0 && strncmp(at, "->", 2) == 0)
        length = 2;
    return length;
}

/* Empties every outermost list of parameters. NULL when brackets do not pair: then the name is
 * not what it seems. */
static char *empty_parameters(const char *name)
{
    /* Each ellipsis replaces at least one byte and is three. */
    char *out = memory_alloc(strlen(name) * strlen(ELLIPSIS) + 1);
    char *to = out;
    int depth = 0;

    for (const char *at = name; *at != '\0' && depth >= 0;) {
        size_t literal = literal_length(name, at);
        size_t step = literal > 0 ? literal : 1;
        bool opens = literal == 0 && *at == '(';
        bool closes = literal == 0 && *at == ')';
        depth -= closes;
        if (depth == 0)
            to = mempcpy(to, at, step);
        if (depth == 0 && opens && at[1] != ')')
            to = stpcpy(to, ELLIPSIS);
        depth += opens;
        at += step;
    }
    if (depth != 0) {
        free(out);
        return NULL;
    }
    *to = '\0';
    return out;
}

/* Where the name begins behind the result type that names made from templates have:
 * behind the last blank, outside "<>", before the parameters. `name` itself when it has
 * none, or may have none: "void (*f(int))(char)", "operator bool()", "thunk to f()". */
static const char *behind_result(const char *name)
{
    const char *begin = name;
    int depth = 0;

    for (const char *at = name; *at != '\0';) {
        size_t literal = literal_length(name, at);
        if (literal > 0 && depth == 0 && at[literal] == ' ')
            return begin; /* a conversion: its type has blanks */
        if (literal == 0 && depth == 0 && *at == '(')
            return at[-(at > name)] == ' ' ? name : begin;
        if (literal == 0 && (*at == ')' || depth < 0))
            return name; /* unpaired */
        if (literal == 0 && depth == 0 && *at == ' ')
            begin = at + 1;
        depth += literal == 0 ? (*at == '<') - (*at == '>') : 0;
        at += literal > 0 ? literal : 1;
    }
    return name; /* no parameters: no result */
}

char *short_name(const char *name, size_t width)
{
    static char *(*const shorten[])(const char *) = {empty_parameters, template_lists_emptied};
    const char *own =
        utf8_length(name) > width && !strstr(name, "thunk to ") ? behind_result(name) : name;
    char *shorter = memory_strdup(own);

    for (size_t i = 0; i < 2 && utf8_length(shorter) > width; i++) {
        char *emptied = shorten[i](shorter);
        if (emptied == NULL)
            continue;
        free(shorter);
        shorter = emptied;
    }
    char *elided = cells_elide(shorter, width);
    free(shorter);
    return elided;
}
