/*
 * Reading and matching suppressions. Its own file because the files come from another
 * tool, whose meaning of every character has to be kept.
 */
#include "analyzer/model/suppressions.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OURS "leak"

/* What the other sanitizers suppress, so that one file can serve them all. */
static const char *const of_others[] = {
    /* thread */
    "race", "race_top", "thread", "mutex", "signal", "deadlock", "called_from_lib",
    /* address */
    "interceptor_name", "interceptor_via_fun", "interceptor_via_lib", "odr_violation",
    "alloc_dealloc_mismatch",
    /* undefined behaviour */
    "undefined", "alignment", "bool", "bounds", "builtin", "enum", "float-cast-overflow",
    "float-divide-by-zero", "function", "implicit-conversion", "integer", "integer-divide-by-zero",
    "invalid-builtin-use", "nonnull-attribute", "null", "object-size", "pointer-overflow", "return",
    "returns-nonnull-attribute", "shift", "shift-base", "shift-exponent", "signed-integer-overflow",
    "unreachable", "unsigned-integer-overflow", "vla-bound", "vptr", "vptr_check"};

static bool is_of_others(const char *type, size_t length)
{
    for (size_t i = 0; i < sizeof(of_others) / sizeof(of_others[0]); i++)
        if (strlen(of_others[i]) == length && strncmp(type, of_others[i], length) == 0)
            return true;
    return false;
}

static void complain(struct suppressions *suppressions, const char *path, unsigned line,
                     const char *text)
{
    char *clean = utf8_clean(text);

    suppressions->complaints =
        memory_grow(suppressions->complaints, suppressions->complaint_count,
                    &suppressions->complaint_capacity, sizeof(*suppressions->complaints));
    suppressions->complaints[suppressions->complaint_count++] =
        memory_printf("cannot use line %u of suppressions '%s': '%.80s': allowed: leak:PATTERN",
                      line, path, clean);
    free(clean);
}

/* `text` is one line, blanks at both ends gone. */
static void take_line(struct suppressions *suppressions, const char *path, unsigned line,
                      const char *text)
{
    size_t type = strcspn(text, ":");

    if (*text == '\0' || *text == '#' || (text[type] == ':' && is_of_others(text, type)))
        return;
    const char *pattern = text + type + (text[type] == ':');
    bool says_nothing = pattern[*pattern == '^'] == '\0'; /* it would match everything */
    if (text[type] != ':' || type != strlen(OURS) || strncmp(text, OURS, type) != 0 ||
        says_nothing) {
        complain(suppressions, path, line, text);
        return;
    }
    suppressions->rules = memory_grow(suppressions->rules, suppressions->count,
                                      &suppressions->capacity, sizeof(*suppressions->rules));
    suppressions->rules[suppressions->count++] = (struct suppression){memory_strdup(pattern), line};
}

int suppressions_read(struct suppressions *suppressions, const char *path, struct problem *problem)
{
    FILE *in = fopen(path, "re");
    char *text = NULL;
    size_t capacity = 0;
    int status = 0;

    memset(suppressions, 0, sizeof(*suppressions));
    if (in == NULL)
        return problem_errno(problem, "cannot read suppressions '%s'", path);
    for (unsigned line = 1; getline(&text, &capacity, in) > 0; line++) {
        size_t end = strlen(text);
        while (end > 0 && strchr(" \t\r\n", text[end - 1]) != NULL)
            text[--end] = '\0';
        take_line(suppressions, path, line, text + strspn(text, " \t"));
    }
    if (ferror(in))
        status = problem_errno(problem, "cannot read suppressions '%s'", path);
    free(text);
    fclose(in);
    return status;
}

void suppressions_release(struct suppressions *suppressions)
{
    for (size_t i = 0; i < suppressions->count; i++)
        free(suppressions->rules[i].pattern);
    for (size_t i = 0; i < suppressions->complaint_count; i++)
        free(suppressions->complaints[i]);
    free(suppressions->rules);
    free(suppressions->complaints);
    memset(suppressions, 0, sizeof(*suppressions));
}

bool suppression_matches(const char *pattern, const char *text)
{
    bool at_start = *pattern == '^', after_star = false;

    if (text == NULL || *text == '\0')
        return false;
    for (pattern += at_start; *pattern != '\0';) {
        size_t part = strcspn(pattern, "*$");
        if (*pattern == '$')
            return *text == '\0' || after_star;
        if (*pattern == '*') {
            pattern++;
            at_start = false;
            after_star = true;
            continue;
        }
        const char *found = memmem(text, strlen(text), pattern, part);
        if (found == NULL || (at_start && found != text))
            return false;
        text = found + part;
        pattern += part;
        at_start = after_star = false;
    }
    return true;
}

static size_t find_for_frame(const struct suppressions *suppressions, const struct frame *frame)
{
    const char *const names[] = {frame->module, frame->function, frame->file};

    if (frame->kind == FRAME_MARK)
        return SUPPRESSION_NONE;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        for (size_t rule = 0; rule < suppressions->count; rule++)
            if (suppression_matches(suppressions->rules[rule].pattern, names[i]))
                return rule;
    return SUPPRESSION_NONE;
}

size_t suppressions_find(const struct suppressions *suppressions, const struct profile *profile,
                         uint32_t stack)
{
    size_t rule = SUPPRESSION_NONE;

    for (; stack != STACK_NONE && rule == SUPPRESSION_NONE; stack = profile->stacks[stack].parent)
        rule = find_for_frame(suppressions, &profile->frames[profile->stacks[stack].frame]);
    return rule;
}
