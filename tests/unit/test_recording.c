/* The recording directory: names, making it, refusing to, and its manifest. */
#include "preload/contract/recording.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static struct recording recording, opened;
static char path[PATH_MAX];

static int expand(const char *pattern, const char *comm)
{
    return recording_expand(pattern, comm, path, sizeof(path));
}

static unsigned mode_of(const char *name)
{
    struct stat status;

    return stat(name, &status) == 0 ? status.st_mode & 07777 : 0;
}

TestSuite(recording, .init = scratch_init, .fini = scratch_release);

Test(recording, names_are_made_absolute)
{
    char expected[PATH_MAX];

    snprintf(expected, sizeof(expected), "%s/a/b", scratch_path);
    cr_assert_eq(expand("a/b", "x"), 0);
    cr_assert_str_eq(path, expected);
    cr_assert_eq(expand("a/b///", "x"), 0);
    cr_assert_str_eq(path, expected);
    cr_assert_eq(expand("/a/b/", "x"), 0);
    cr_assert_str_eq(path, "/a/b");
    cr_assert_eq(expand("///", "x"), 0);
    cr_assert_str_eq(path, "/");
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(expand("a", "x"), 0);
    cr_assert_str_eq(path, "/a");
}

Test(recording, letters_of_a_pattern)
{
    char expected[512], host[256];
    struct tm parts = {0};

    cr_assert_eq(expand("/%c.%%.%c", "a b"), 0);
    cr_assert_str_eq(path, "/a b.%.a b");
    cr_assert_eq(expand("/%c", "a/b\tc\x1f/"), 0);
    cr_assert_str_eq(path, "/a_b_c__");
    gethostname(host, sizeof(host));
    snprintf(expected, sizeof(expected), "/%d-%s", (int)getpid(), host);
    cr_assert_eq(expand("/%p-%h", "x"), 0);
    cr_assert_str_eq(path, expected);
    cr_assert_eq(expand("/%t", "x"), 0);
    const char *end = strptime(path, "/%Y%m%d-%H%M%S", &parts);
    cr_assert(end && !*end);
    cr_assert_lt(labs((long)(timegm(&parts) - time(NULL))), 5);
}

Test(recording, bad_patterns)
{
    char little[8];

    cr_assert_eq(expand("/%x", "x"), -EINVAL);
    cr_assert_eq(expand("/a%", "x"), -EINVAL);
    cr_assert_eq(recording_expand("/1234567", "x", little, sizeof(little)), -ENAMETOOLONG);
    cr_assert_eq(recording_expand("/123456", "x", little, sizeof(little)), 0);
    cr_assert_eq(recording_expand("a", "x", little, sizeof(little)), -ENAMETOOLONG);
    cr_assert_eq(recording_expand("/%c", "12345678", little, sizeof(little)), -ENAMETOOLONG);
}

Test(recording, made_for_its_owner_alone)
{
    umask(0);
    snprintf(path, sizeof(path), "%s/r", scratch_path);
    cr_assert_eq(recording_create(&recording, path, false), 0);
    cr_assert_str_eq(recording.path, path);
    cr_assert_eq(mode_of("r"), 0700);
    cr_assert_eq(mode_of("r/manifest"), 0600);
    cr_assert_neq(recording.id, 0);
    cr_assert_eq(recording_open(&opened, path), 0);
    cr_assert_eq(opened.id, recording.id);
    cr_assert_str_eq(opened.rings, recording.rings);
    cr_assert_str_eq(opened.path, path);
    cr_assert_eq(strncmp(scratch_read("r/manifest"), "profinject-recording 1\nid=", 26), 0);
}

Test(recording, one_that_is_there_is_refused_or_replaced)
{
    cr_assert_eq(recording_create(&recording, "r", false), 0);
    uint64_t first = recording.id;
    scratch_write("r/a.1.pinj", "trace");
    scratch_write("r/messages", "x\n");
    scratch_write("r/notes.txt", "mine");
    cr_assert_eq(recording_create(&recording, "r", false), -EEXIST);
    cr_assert_str_eq(scratch_read("r/a.1.pinj"), "trace");
    cr_assert_eq(recording_create(&recording, "r", true), 0);
    cr_assert_neq(recording.id, first);
    cr_assert_eq(access("r/a.1.pinj", F_OK), -1);
    cr_assert_str_eq(scratch_read("r/messages"), "");
    cr_assert_str_eq(scratch_read("r/notes.txt"), "mine", "not ours");
}

Test(recording, other_directories_are_refused_and_untouched)
{
    for (int force = 0; force < 2; force++) {
        mkdir("d", 0755);
        scratch_write("d/a.1.pinj", "somebody's");
        cr_assert_eq(recording_create(&recording, "d", force), -ENOTEMPTY);
        cr_assert_str_eq(scratch_read("d/a.1.pinj"), "somebody's");
        scratch_write("d/manifest", "another program's\n");
        cr_assert_eq(recording_create(&recording, "d", force), -ENOTEMPTY);
        cr_assert_str_eq(scratch_read("d/manifest"), "another program's\n");
    }
}

Test(recording, places_where_none_can_be)
{
    char longest[PATH_MAX + 1];

    cr_assert_eq(recording_create(&recording, "no/such", false), -ENOENT);
    scratch_write("file", "text");
    cr_assert_eq(recording_create(&recording, "file", true), -ENOTDIR);
    cr_assert_str_eq(scratch_read("file"), "text");
    cr_assert_eq(recording_create(&recording, "file/r", false), -ENOTDIR);
    memset(longest, 'x', PATH_MAX);
    longest[PATH_MAX] = '\0';
    cr_assert_eq(recording_create(&recording, longest, false), -ENAMETOOLONG);
    mkdir("empty", 0700);
    cr_assert_eq(recording_create(&recording, "empty", false), 0, "an empty one will do");
}

Test(recording, manifests_that_are_none)
{
    static const char *const bad[] = {"",
                                      "text",
                                      "profinject-recording 1",
                                      "profinject-recording 12\nid=1\nrings=/\n",
                                      "profinject-recording 1\n",
                                      "profinject-recording 1\nid=1\n",
                                      "profinject-recording 1\nrings=/\n",
                                      "profinject-recording 1\nid=0\nrings=/\n",
                                      "profinject-recording 1\nid=1\nrings=relative\n"};

    mkdir("r", 0700);
    cr_assert_eq(recording_open(&opened, "r"), -ENOENT);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        scratch_write("r/manifest", bad[i]);
        cr_assert_eq(recording_open(&opened, "r"), -EINVAL, "manifest %zu", i);
    }
    scratch_write("r/manifest", "profinject-recording 1\nx=y\nid=2a\n\nrings=/tmp/a=b\n");
    cr_assert_eq(recording_open(&opened, "r"), 0);
    cr_assert_eq(opened.id, 0x2a);
    cr_assert_str_eq(opened.rings, "/tmp/a=b");
}

Test(recording, later_lines_win)
{
    cr_assert_eq(recording_create(&recording, "r", false), 0);
    cr_assert_eq(recording_note(&recording, "rings", "/first"), 0);
    cr_assert_eq(recording_note(&recording, "rings", "/second"), 0);
    cr_assert_eq(recording_note(&recording, "exit", "exit 0"), 0);
    cr_assert_eq(recording_open(&opened, "r"), 0);
    cr_assert_str_eq(opened.rings, "/second");
    cr_assert_eq(opened.id, recording.id);
    const char *tail = strstr(scratch_read("r/manifest"), "rings=/first");
    cr_assert_str_eq(tail, "rings=/first\nrings=/second\nexit=exit 0\n");
    unlink("r/manifest");
    cr_assert_eq(recording_note(&recording, "exit", "exit 0"), -ENOENT, "never made anew");
}

Test(recording, messages_are_appended)
{
    cr_assert_eq(recording_create(&recording, "r", false), 0);
    recording_message(&recording, "one");
    recording_message(&recording, "two");
    cr_assert_str_eq(scratch_read("r/messages"), "one\ntwo\n");
    cr_assert_eq(mode_of("r/messages"), 0600);
    recording_create(&recording, "gone", false);
    recording_remove(&recording);
    cr_assert_eq(access("gone", F_OK), -1);
    recording_message(&recording, "to nobody");
}

Test(recording, links_are_not_followed_when_writing)
{
    cr_assert_eq(recording_create(&recording, "r", false), 0);
    scratch_write("precious", "kept");
    unlink("r/messages");
    cr_assert_eq(symlink("../precious", "r/messages"), 0);
    recording_message(&recording, "line");
    cr_assert_str_eq(scratch_read("precious"), "kept");
}

Test(recording, rings_lie_in_the_runtime_directory_if_it_will_do)
{
    setenv("XDG_RUNTIME_DIR", scratch_path, 1);
    cr_assert_eq(recording_create(&recording, "a", false), 0);
    cr_assert_str_eq(recording.rings, scratch_path);
    setenv("XDG_RUNTIME_DIR", "/proc/self/fd", 1);
    cr_assert_eq(recording_create(&recording, "b", false), 0);
    cr_assert_str_neq(recording.rings, "/proc/self/fd");
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    cr_assert_eq(recording_create(&recording, "c", false), 0);
    cr_assert_str_neq(recording.rings, "relative");
}

/* Several processes begin a recording of one name at one moment. */
Test(recording, who_comes_second_takes_nothing_from_the_first)
{
    for (int round = 0; round < 200; round++) {
        char base[64];
        int kept = 0;
        pid_t children[4];

        snprintf(base, sizeof(base), "%s/r%d", scratch_path, round);
        for (size_t i = 0; i < 4; i++)
            if ((children[i] = fork()) == 0)
                _exit(recording_create_numbered(&recording, base) != 0);
        for (size_t i = 0; i < 4; i++) {
            int status = 1;
            waitpid(children[i], &status, 0);
            cr_assert_eq(status, 0);
        }
        for (int number = 1; number <= 4; number++) {
            if (number > 1)
                snprintf(path, sizeof(path), "%s.%d", base, number);
            else
                snprintf(path, sizeof(path), "%s", base);
            kept += recording_open(&opened, path) == 0;
        }
        cr_assert_eq(kept, 4, "round %d: %d recordings", round, kept);
    }
}
