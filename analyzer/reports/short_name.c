/*
 * Shortening of function names. Its own file because it alone knows what C++
 * names look like.
 */
#include "analyzer/reports/short_name.h"

#include "analyzer/reports/text_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS "…"
#define OPERATOR "operator"
#define ANONYMOUS "(anonymous namespace)"

/* Length of an operator's whole name at `at`, "operator<<" or "operator()", whose
 * brackets are no groups; 0 for anything else. */
static size_t operator_length(const char *at)
{
    size_t length = strlen(OPERATOR);

    if (strncmp(at, OPERATOR, length) != 0)
        return 0;
    if (strncmp(at + length, "()", 2) == 0)
        return length + 2;
    return length + strspn(at + length, "<>=-");
}

/* Part of a name that is taken over as it stands. */
static size_t literal_length(const char *at)
{
    size_t length = operator_length(at);

    if (length == 0 && strncmp(at, ANONYMOUS, strlen(ANONYMOUS)) == 0)
        length = strlen(ANONYMOUS);
    if (length == 0 && strncmp(at, "->", 2) == 0)
        length = 2;
    return length;
}

/* Empties every outermost group of `name` between `open` and `close`. NULL when
 * they do not pair: then the name is not what it seems. */
static char *empty_groups(const char *name, char open, char close)
{
    /* Each ellipsis replaces at least one byte and is three. */
    char *out = memory_alloc(strlen(name) * strlen(ELLIPSIS) + 1);
    char *to = out;
    int depth = 0;

    while (*name != '\0' && depth >= 0) {
        size_t literal = literal_length(name);
        size_t step = literal > 0 ? literal : 1;
        bool opens = literal == 0 && *name == open;
        bool closes = literal == 0 && *name == close;
        depth -= closes;
        if (depth == 0)
            to = mempcpy(to, name, step);
        if (depth == 0 && opens && name[1] != close)
            to = stpcpy(to, ELLIPSIS);
        depth += opens;
        name += step;
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
        size_t literal = literal_length(at);
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
    static const char groups[][2] = {{'(', ')'}, {'<', '>'}};
    const char *own =
        utf8_length(name) > width && !strstr(name, "thunk to ") ? behind_result(name) : name;
    char *shorter = memory_strdup(own);

    for (size_t i = 0; i < 2 && utf8_length(shorter) > width; i++) {
        char *emptied = empty_groups(shorter, groups[i][0], groups[i][1]);
        if (emptied == NULL)
            continue;
        free(shorter);
        shorter = emptied;
    }
    char *elided = cells_elide(shorter, width);
    free(shorter);
    return elided;
}
