/*
 * Shell quoting. Its own file because launcher and loader must write a command
 * the same way.
 */
#include "analyzer/util/shell.h"

#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                            "_@%+=:,./-";

static void put_simple(FILE *out, const char *word)
{
    putc('\'', out);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", out);
        else
            putc(*word, out);
    }
    putc('\'', out);
}

static void put_escaped(FILE *out, const char *word)
{
    fputs("$'", out);
    for (; *word != '\0'; word++) {
        unsigned char byte = (unsigned char)*word;
        if (byte < ' ' || byte == 0x7f)
            fprintf(out, "\\%03o", byte);
        else if (byte == '\'' || byte == '\\')
            fprintf(out, "\\%c", byte);
        else
            putc(byte, out);
    }
    putc('\'', out);
}

static void put_word(FILE *out, const char *word)
{
    const char *c = word;

    while (*c != '\0' && (unsigned char)*c >= ' ' && *c != 0x7f)
        c++;
    if (*c != '\0')
        put_escaped(out, word);
    else if (*word == '\0' || word[strspn(word, plain)] != '\0')
        put_simple(out, word);
    else
        fputs(word, out);
}

char *shell_quote(const char *const *words, size_t count)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        memory_exhausted();
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putc(' ', out);
        put_word(out, words[i]);
    }
    if (fclose(out) != 0)
        memory_exhausted();
    return text;
}
