/* Which traces are meant by which paths. */
#include "analyzer/load/sources.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

static struct sources sources;
static struct problem problem;

static void recording(const char *path, const char *created)
{
    char name[256];
    char text[256];

    mkdir(path, 0700);
    snprintf(name, sizeof(name), "%s/manifest", path);
    snprintf(text, sizeof(text), "profinject-recording 1\ncreated_realtime_ns=%s\npid=42\n",
             created);
    scratch_write(name, text);
}

static int find(const char *first, const char *second)
{
    const char *paths[] = {first, second};
    size_t count = first == NULL ? 0 : second == NULL ? 1 : 2;

    problem = (struct problem){0};
    return sources_init(&sources, paths, count, NULL, &problem);
}

static void stop(void)
{
    sources_release(&sources);
    scratch_release();
}

TestSuite(sources, .init = scratch_init, .fini = stop);

Test(sources, a_file_as_it_is)
{
    scratch_write("any name", "");
    cr_assert_eq(find("any name", NULL), 0);
    cr_assert_eq(sources.count, 1);
    cr_assert_str_eq(sources.traces[0].path, "any name");
    cr_assert_eq(sources.recording_count, 0);
    cr_assert_eq(sources.traces[0].manifest.pid, 0);
}

Test(sources, a_recording_as_its_traces_by_name)
{
    recording("r", "1");
    scratch_write("r/b.2.pinj", "");
    scratch_write("r/a.1.pinj", "");
    scratch_write("r/messages", "");
    mkdir("r/directory.pinj", 0700);
    cr_assert_eq(find("r", NULL), 0);
    cr_assert_eq(sources.count, 2);
    cr_assert_str_eq(sources.traces[0].path, "r/a.1.pinj");
    cr_assert_str_eq(sources.traces[1].path, "r/b.2.pinj");
    cr_assert_eq(sources.traces[1].manifest.pid, 42);
    cr_assert_eq(sources.traces[1].directory.inode, sources.traces[0].directory.inode);
    cr_assert_neq(sources.traces[1].file.inode, sources.traces[0].file.inode);
    cr_assert_eq(sources.recording_count, 1);
}

Test(sources, a_trace_counts_once)
{
    recording("r", "1");
    scratch_write("r/a.1.pinj", "");
    cr_assert_eq(find("r", "r/../r/a.1.pinj"), 0);
    cr_assert_eq(sources.count, 1);
    sources_release(&sources);
    scratch_write("r/b.2.pinj", "");
    cr_assert_eq(find("r/b.2.pinj", "r/../r"), 0);
    cr_assert_eq(sources.count, 2);
    cr_assert_eq(sources.traces[0].directory.inode, sources.traces[1].directory.inode);
}

/* A copy of a recording has its identity; an archive is one too. */
Test(sources, a_trace_that_is_there_as_a_copy_counts_once)
{
    static const char *const copies[] = {"one", "two"};

    for (int i = 0; i < 2; i++) {
        recording(copies[i], "1\nid=00000000000000ab");
        scratch_write(i == 0 ? "one/a.1.pinj" : "two/a.1.pinj", "");
    }
    cr_assert_eq(find("one", "two"), 0);
    cr_assert_eq(sources.count, 1);
    cr_assert_eq(sources.twins, 1);
    cr_assert_str_eq(sources.traces[0].path, "one/a.1.pinj");
    sources_release(&sources);
    scratch_write("two/b.2.pinj", "");
    cr_assert_eq(find("one", "two"), 0);
    cr_assert_eq(sources.count, 2);
    sources_release(&sources);
    recording("two", "1\nid=00000000000000ac");
    cr_assert_eq(find("one", "two"), 0);
    cr_assert_eq(sources.count, 3);
    cr_assert_eq(sources.twins, 0);
}

Test(sources, a_trace_in_a_recording_knows_its_manifest)
{
    recording("r", "1");
    scratch_write("r/a.1.pinj", "");
    cr_assert_eq(find("r/a.1.pinj", NULL), 0);
    cr_assert_eq(sources.traces[0].manifest.pid, 42);
    cr_assert_eq(sources.recording_count, 0);
}

Test(sources, nothing_means_the_newest_recording_here)
{
    recording("old", "1000");
    recording("new", "3000");
    recording("older", "200");
    mkdir("other", 0700);
    scratch_write("new/x.pinj", "");
    scratch_write("old/y.pinj", "");
    cr_assert_eq(find(NULL, NULL), 0);
    cr_assert_eq(sources.count, 1);
    cr_assert_str_eq(sources.traces[0].path, "new/x.pinj");
}

Test(sources, nothing_inside_a_recording_means_that_one)
{
    recording(".", "1000");
    scratch_write("x.pinj", "");
    cr_assert_eq(find(NULL, NULL), 0);
    cr_assert_eq(sources.count, 1);
}

Test(sources, the_directory_of_a_session_is_its_trace)
{
    mkdir("session", 0700);
    scratch_write("session/trace.pinj", "");
    cr_assert_eq(find("session", NULL), 0);
    cr_assert_eq(sources.count, 1);
}

Test(sources, what_cannot_be_meant)
{
    mkdir("empty", 0700);
    recording("barren", "1");
    cr_assert_eq(find("missing", NULL), PROBLEM_SYSTEM);
    cr_assert_str_eq(problem.text, "cannot open 'missing': No such file or directory");
    sources_release(&sources);
    cr_assert_eq(find("empty", NULL), PROBLEM_DATA);
    cr_assert_str_eq(problem.text, "cannot read 'empty': not a recording (it has no manifest)");
    sources_release(&sources);
    cr_assert_eq(find("barren", NULL), PROBLEM_NOTHING);
    cr_assert_str_eq(problem.text, "cannot read 'barren': the recording holds no trace");
    sources_release(&sources);
    cr_assert_eq(chdir("empty"), 0);
    cr_assert_eq(find(NULL, NULL), PROBLEM_NOTHING);
    cr_assert(strstr(problem.text, "cannot find a recording in '.'"));
}
