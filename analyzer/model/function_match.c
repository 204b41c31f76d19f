/*
 * Names by pattern. Its own file because callers and callees, source lines and whatever else
 * asks for a function by name must find the same one.
 */
#include "analyzer/model/function_match.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct wanted {
    const char *text;
    bool is_expression;
    regex_t expression;
};

static bool is_equal(const struct label *label, const struct wanted *wanted)
{
    return strcmp(label->name, wanted->text) == 0;
}

static bool is_part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* A name without its scope, template arguments, parameters, or version of a clone. */
static bool is_whole_part(const struct label *label, const struct wanted *wanted)
{
    size_t length = strlen(wanted->text);

    if (label->kind == FRAME_MARK || length == 0)
        return false;
    for (const char *at = label->name; (at = strstr(at, wanted->text)) != NULL; at++) {
        bool begins = at == label->name || !is_part_of_name(at[-1]);
        /* "f" is neither the scope in "f::g" nor a parameter's type in "g(f)". */
        bool ends = at[length] == '\0' || strchr("(<.@", at[length]) != NULL;
        if (begins && ends && strcspn(label->name, "(<") >= (size_t)(at - label->name) + length)
            return true;
    }
    return false;
}

/* The empty text is in every name, and means none. */
static bool contains(const struct label *label, const struct wanted *wanted)
{
    return label->kind != FRAME_MARK && *wanted->text != '\0' &&
           strstr(label->name, wanted->text) != NULL;
}

static bool matches(const struct label *label, const struct wanted *wanted)
{
    return label->kind != FRAME_MARK && wanted->is_expression && *wanted->text != '\0' &&
           regexec(&wanted->expression, label->name, 0, NULL, 0) == 0;
}

/* Names are interned: equal ones are equal pointers. "." finds all there are. */
static void add(struct function_match *match, const struct labels *labels, struct key_table *names,
                uint32_t label)
{
    match->is_in[label] = true;
    if (key_table_add(names, &labels->items[label].name, (uint32_t)match->count) == match->count)
        match->found[match->count++] = label;
}

void function_match_init(struct function_match *match, const struct labels *labels,
                         const char *pattern)
{
    static bool (*const ways[])(const struct label *, const struct wanted *) = {
        is_equal, is_whole_part, contains, matches};
    struct wanted wanted = {.text = pattern};
    struct key_table *names = key_table_new(sizeof(const char *));

    *match = (struct function_match){.is_in = memory_alloc(labels->count + 1),
                                     .found = memory_alloc((labels->count + 1) * sizeof(uint32_t))};
    /* What is none may be a name all the same: "operator++(int)". */
    wanted.is_expression = regcomp(&wanted.expression, pattern, REG_EXTENDED | REG_NOSUB) == 0;
    for (size_t way = 0; way < sizeof(ways) / sizeof(*ways) && match->count == 0; way++)
        for (size_t i = 0; i < labels->count; i++)
            if (ways[way](&labels->items[i], &wanted))
                add(match, labels, names, (uint32_t)i);
    if (wanted.is_expression)
        regfree(&wanted.expression);
    key_table_free(names);
}

void function_match_release(struct function_match *match)
{
    free(match->is_in);
    free(match->found);
}
