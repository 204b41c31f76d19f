/*
 * template_lists.h: one pass, looking at what stands before each '<'.
 */
#include "analyzer/util/template_lists.h"

#include "analyzer/util/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define EMPTIED "<…>"

static const char operator_word[] = "operator";

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* Length of the operator's sign at `text`; 0 for conversions, whose type stands there. */
static size_t sign_length(const char *text)
{
    static const char *const brackets[] = {"()", "[]", "<=>", "<<=", ">>=", "->*", "<<",
                                           ">>", "<=", ">=",  "->",  "<",   ">"};

    for (size_t i = 0; i < sizeof(brackets) / sizeof(*brackets); i++)
        if (strncmp(text, brackets[i], strlen(brackets[i])) == 0)
            return strlen(brackets[i]);
    return strspn(text, "+-*/%^&|~!=,");
}

size_t template_lists_operator(const char *name, const char *at)
{
    size_t word = sizeof(operator_word) - 1;

    if (strncmp(at, operator_word, word) != 0 || (at > name && is_word(at[-1])))
        return 0;
    size_t sign = sign_length(at + word);
    return sign > 0 || at[word] == ' ' ? word + sign : 0;
}

/* Arguments follow a name or, in Rust, "::". */
static bool opens_list(const char *name, const char *at)
{
    static const char lambda[] = "<lambda";

    if (at == name || strncmp(at, lambda, strlen(lambda)) == 0)
        return false;
    return is_word(at[-1]) || (at > name + 2 && at[-1] == ':' && at[-2] == ':');
}

/* Behind the '>' that ends the list at `at`, or NULL when none does. */
static const char *list_end(const char *name, const char *at)
{
    unsigned angles = 0, others = 0;

    while (*at != '\0') {
        size_t skipped = template_lists_operator(name, at);

        if (skipped > 0) {
            at += skipped;
            continue;
        }
        if (*at == '(' || *at == '[' || *at == '{')
            others++;
        else if ((*at == ')' || *at == ']' || *at == '}') && others > 0)
            others--;
        else if (*at == '<' && others == 0)
            angles++;
        else if (*at == '>' && others == 0 && at[-1] != '-' && --angles == 0)
            return at + 1;
        at++;
    }
    return NULL;
}

char *template_lists_emptied(const char *name)
{
    char *out = memory_alloc(strlen(name) * 3 + 1); /* "<>" becomes five bytes */
    size_t length = 0;
    bool after_operator = false;

    for (const char *at = name; *at != '\0';) {
        size_t sign = template_lists_operator(name, at);
        const char *end = NULL;

        if (sign == 0 && *at == '<' && (after_operator || opens_list(name, at)))
            end = list_end(name, at);
        if (end != NULL) {
            memcpy(out + length, EMPTIED, strlen(EMPTIED));
            length += strlen(EMPTIED);
            at = end;
        } else {
            size_t copied = sign > 0 ? sign : 1;
            memcpy(out + length, at, copied);
            length += copied;
            at += copied;
        }
        after_operator = sign > 0 || (after_operator && at[-1] == ' ');
    }
    out[length] = '\0';
    return out;
}
