/*
 * Notes of several processes in one memory.
 */
#include "analyzer/symbols/dwarf_notes.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

Test(dwarf_notes, are_those_of_all_processes)
{
    struct dwarf_notes *notes = dwarf_notes_new();
    const char *first = "", *look;
    size_t looks = 0;

    cr_expect_eq(dwarf_notes_count(notes, DWARF_NOTE_MISSING, &first), 0);
    cr_expect_null(first);
    cr_expect_null(dwarf_notes_next_look(notes, NULL));
    for (int i = 0; i < 4; i++)
        if (fork() == 0) {
            dwarf_notes_look(notes, "/one");
            dwarf_notes_look(notes, "/another");
            dwarf_notes_add(notes, DWARF_NOTE_MISSING, "a.dwo");
            _exit(0);
        }
    while (wait(NULL) > 0)
        continue;
    cr_expect_eq(dwarf_notes_count(notes, DWARF_NOTE_MISSING, &first), 4);
    cr_expect_str_eq(first, "a.dwo");
    cr_expect_eq(dwarf_notes_count(notes, DWARF_NOTE_OTHER, &first), 0);
    for (look = NULL; (look = dwarf_notes_next_look(notes, look)) != NULL; looks++)
        cr_expect(strcmp(look, "/one") == 0 || strcmp(look, "/another") == 0, "%s", look);
    cr_expect_eq(looks, 8);
    cr_expect(dwarf_notes_all_looks(notes));
    dwarf_notes_free(notes);
}

Test(dwarf_notes, too_many_looks_are_told)
{
    struct dwarf_notes *notes = dwarf_notes_new();
    char path[4000];
    const char *look = NULL;

    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    for (int i = 0; i < 1000; i++)
        dwarf_notes_look(notes, path);
    cr_expect_not(dwarf_notes_all_looks(notes));
    while ((look = dwarf_notes_next_look(notes, look)) != NULL)
        cr_assert_str_eq(look, path);
    dwarf_notes_free(notes);
}

Test(dwarf_notes, without_memory_nothing_is_told)
{
    const char *first = "";

    dwarf_notes_add(NULL, DWARF_NOTE_OTHER, "x");
    dwarf_notes_look(NULL, "x");
    cr_expect_eq(dwarf_notes_count(NULL, DWARF_NOTE_OTHER, &first), 0);
    cr_expect_null(dwarf_notes_next_look(NULL, NULL));
    cr_expect_not(dwarf_notes_all_looks(NULL));
    dwarf_notes_free(NULL);
}
