/*
 * How --help is laid out. Its own file because `record` and the reading commands each have
 * a table of options of their own.
 */
#include "analyzer/commands/help.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS 80
#define MEANING 27 /* column where it begins */

/* Words of `text` from column `at` on, further lines from MEANING on. */
static void write_wrapped(const char *text, int at)
{
    for (const char *word = text; *word != '\0';) {
        int length = (int)strcspn(word, " ");
        if (at + 1 + length > COLUMNS && at > MEANING) {
            printf("\n%*s", MEANING, "");
            at = MEANING;
        }
        at += printf("%s%.*s", at > MEANING ? " " : "", length, word);
        word += length;
        word += strspn(word, " ");
    }
    putchar('\n');
}

void help_option(char letter, const char *name, const char *metavar, const char *meaning,
                 const char *note)
{
    char short_form[] = {'-', letter, ',', ' ', '\0'};
    int at = printf("  %s--%s%s%s", letter != '\0' ? short_form : "    ", name,
                    metavar != NULL ? " " : "", metavar != NULL ? metavar : "");

    /* A form that reaches into the meaning's column has a line to itself. */
    if (at >= MEANING) {
        putchar('\n');
        at = 0;
    }
    printf("%*s", MEANING - at, "");
    write_wrapped(meaning, MEANING);
    if (note != NULL)
        printf("%*s[%s]\n", MEANING, "", note);
}

void help_options(const struct option_text *rows)
{
    for (const struct option_text *row = rows; row->name != NULL; row++)
        help_option(row->letter, row->name, row->metavar, row->meaning, row->note);
}
