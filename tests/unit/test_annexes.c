/* Unit tests of analyzer/record/annexes.c: files of an annex are taken in, and nothing else. */
#include "analyzer/record/annexes.h"
#include "preload/contract/annex.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct recording recording, annex;

static void start(void)
{
    char path[PATH_MAX];

    scratch_init();
    snprintf(path, sizeof(path), "%s/recording", scratch_path);
    cr_assert_eq(recording_create(&recording, path, false), 0);
    cr_assert_eq(annex_open(&annex, recording.path), 0);
}

static const char *in_annex(const char *name)
{
    static char path[PATH_MAX + 64];

    snprintf(path, sizeof(path), "%s/%s", annex.path, name);
    return path;
}

static void write_file(const char *path, const char *text)
{
    FILE *out = fopen(path, "we");

    cr_assert(out, "%s", path);
    fputs(text, out);
    fclose(out);
}

static bool holds(const char *name, const char *text)
{
    char path[PATH_MAX + 64], got[100] = "";

    snprintf(path, sizeof(path), "%s/%s", recording.path, name);
    FILE *in = fopen(path, "re");
    size_t size = in ? fread(got, 1, sizeof(got) - 1, in) : 0;
    if (in)
        fclose(in);
    return in && size == strlen(text) && strcmp(got, text) == 0;
}

/* So that what comes from the annex needs another. */
static void take_name_of(const char *name)
{
    char taken[PATH_MAX + 64];

    snprintf(taken, sizeof(taken), "%s/%s", recording.path, name);
    write_file(taken, "there before");
}

TestSuite(annexes, .init = start, .fini = scratch_release);

Test(annexes, traces_and_messages_are_taken_in_and_the_annex_goes)
{
    take_name_of("b.2.pinj");
    write_file(in_annex("a.1.pinj"), "first");
    write_file(in_annex("b.2.pinj"), "second");
    recording_message(&recording, "one");
    recording_message(&annex, "two");
    cr_assert_eq(annexes_take_in(&recording), 2);
    cr_assert(holds("a.1.pinj", "first"));
    cr_assert(holds("b.2.pinj", "there before"));
    cr_assert(holds("b.2.1.pinj", "second"));
    cr_assert(holds("messages", "one\ntwo\n"));
    cr_assert_neq(access(annex.path, F_OK), 0);
    cr_assert_eq(annexes_take_in(&recording), 0);
}

Test(annexes, parts_of_a_trace_go_where_it_goes)
{
    take_name_of("b.2.pinj");
    write_file(in_annex("b.2.pinj"), "fourth");
    write_file(in_annex("b.2.pinj.1"), "fifth");
    write_file(in_annex("b.2.pinj.3"), "third");
    cr_assert_eq(annexes_take_in(&recording), 1);
    cr_assert(holds("b.2.1.pinj", "fourth"));
    cr_assert(holds("b.2.1.pinj.1", "fifth"));
    cr_assert(holds("b.2.1.pinj.3", "third"));
    cr_assert_neq(access(annex.path, F_OK), 0);
}

Test(annexes, what_is_no_file_of_its_own_stays)
{
    char elsewhere[PATH_MAX];

    snprintf(elsewhere, sizeof(elsewhere), "%s/secret.pinj", scratch_path);
    write_file(elsewhere, "secret");
    cr_assert_eq(symlink(elsewhere, in_annex("link.1.pinj")), 0);
    cr_assert_eq(mkfifo(in_annex("pipe.1.pinj"), 0600), 0);
    cr_assert_eq(mkdir(in_annex("directory.1.pinj"), 0700), 0);
    write_file(in_annex("twice.1.pinj"), "twice");
    char other[PATH_MAX + 64];
    snprintf(other, sizeof(other), "%s", in_annex("notes"));
    cr_assert_eq(link(in_annex("twice.1.pinj"), other), 0);
    cr_assert_eq(annexes_take_in(&recording), 0);
    cr_assert(holds("../secret.pinj", "secret"));
    cr_assert_eq(access(in_annex("twice.1.pinj"), F_OK), 0);
    for (size_t i = 0; i < 3; i++)
        unlink(in_annex((const char *[]){"link.1.pinj", "pipe.1.pinj", "twice.1.pinj"}[i]));
    unlink(other);
    rmdir(in_annex("directory.1.pinj"));
    rmdir(annex.path);
}

Test(annexes, one_that_is_a_link_is_not_followed)
{
    char moved[PATH_MAX];

    write_file(in_annex("a.1.pinj"), "first");
    snprintf(moved, sizeof(moved), "%s/moved", scratch_path);
    cr_assert_eq(mkdir(moved, 0700), 0);
    unlink(in_annex("a.1.pinj"));
    unlink(in_annex(RECORDING_MANIFEST));
    unlink(in_annex(RECORDING_MESSAGES));
    cr_assert_eq(rmdir(annex.path), 0);
    cr_assert_eq(symlink(moved, annex.path), 0);
    snprintf(moved, sizeof(moved), "%s/moved/a.1.pinj", scratch_path);
    write_file(moved, "first");
    cr_assert_eq(annexes_take_in(&recording), 0);
    unlink(annex.path);
}
