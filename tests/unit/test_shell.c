/* What is quoted comes back from a real shell as it was. */
#include "analyzer/util/shell.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

Test(shell, plain_words_stay_as_they_are)
{
    const char *words[] = {"make", "-j2", "CC=gcc", "/usr/bin/x.y"};
    char *text = shell_quote(words, 4);

    cr_assert_str_eq(text, "make -j2 CC=gcc /usr/bin/x.y");
    free(text);
}

Test(shell, a_shell_takes_the_words_back)
{
    const char *words[] = {"",   "a b",        "it's", "$HOME", "*", "new\nline",
                           "\\", "tab\t'q'\\", "\x7f", "#",     "~", "\xc3\xa4"};
    const size_t count = sizeof(words) / sizeof(words[0]);
    char *text = shell_quote(words, count);
    char command[1024];

    cr_assert_null(strchr(text, '\n'));
    /* bash: the quoting of control characters is not in every sh. */
    snprintf(command, sizeof(command), "set -- %s; printf '<%%s>' \"$@\"", text);
    setenv("COMMAND", command, 1);
    FILE *pipe = popen("bash -c \"$COMMAND\"", "r");
    char got[1024];
    char wanted[1024] = "";
    size_t size = fread(got, 1, sizeof(got) - 1, pipe);
    got[size] = '\0';
    cr_assert_eq(pclose(pipe), 0);
    for (size_t i = 0; i < count; i++)
        sprintf(wanted + strlen(wanted), "<%s>", words[i]);
    cr_assert_str_eq(got, wanted);
    free(text);
}
