/* Unit tests of preload/resources/kernel_files.c, and of where control groups are. */
#include "preload/resources/group_place.h"
#include "preload/resources/kernel_files.h"
#include "preload/resources/machine_facts.h"
#include "tests/unit/machine_tree.h"

#include <errno.h>

static char text[100000], paths[4096];
static int descriptors[4];
static struct kernel_files files;

static void begin(void)
{
    tree_init();
    tree_now_ns = 0;
    files = (struct kernel_files){.root = ".",
                                  .text = text,
                                  .text_size = sizeof text,
                                  .paths = paths,
                                  .paths_size = sizeof paths,
                                  .descriptors = descriptors,
                                  .descriptors_max = 1};
}

TestSuite(kernel_files, .init = begin, .fini = scratch_release);

Test(kernel_files, what_is_kept_open_and_what_is_not_reads_the_same)
{
    struct kernel_file kept, named;
    scratch_write("one", "1\n");
    scratch_write("two", "2\n");
    cr_assert_eq(kernel_file_open(&files, &kept, "/%s", "one"), 0);
    cr_assert_eq(kernel_file_open(&files, &named, "/two"), 0, "there is no descriptor for it");
    cr_expect_geq(kept.fd, 0);
    cr_expect_eq(named.fd, -1);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(kernel_file_read(&files, &kept), 2);
        cr_expect_str_eq(text, "1\n");
        cr_expect_eq(kernel_file_read(&files, &named), 2);
        cr_expect_str_eq(text, "2\n");
    }
    kernel_files_close(&files);
}

Test(kernel_files, long_files_are_read_to_their_end_or_as_far_as_there_is_room)
{
    struct kernel_file file;
    FILE *out = fopen("long", "w");
    for (int i = 0; i < 20000; i++)
        fputs("0123456789", out);
    fclose(out);
    cr_assert_eq(kernel_file_open(&files, &file, "/long"), 0);
    cr_expect_eq(kernel_file_read(&files, &file), (ssize_t)sizeof text - 1);
    cr_expect_eq(text[sizeof text - 1], '\0');
    kernel_files_close(&files);
}

Test(kernel_files, what_cannot_be_read_says_why)
{
    struct kernel_file file;
    cr_expect_eq(kernel_file_open(&files, &file, "/not there"), -ENOENT);
    cr_expect_eq(kernel_file_read(&files, &file), -ENOENT);
    cr_expect_not(kernel_file_is_due(&files, &file));
    scratch_write("empty", "");
    cr_expect_eq(kernel_file_once(&files, "/empty"), -ENODATA);
    cr_expect_str_eq(text, "");
    cr_assert_eq(mkfifo("pipe", 0600), 0);
    cr_expect_lt(kernel_file_once(&files, "/pipe"), 0, "nor does it wait for a writer");
    cr_assert_eq(symlink("/proc/self/mem", "error"), 0);
    cr_expect_eq(kernel_file_once(&files, "/error"), -EIO);
    char name[2000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    cr_expect_eq(kernel_file_once(&files, "/%s", name), -ENAMETOOLONG);
    for (int error = 0; error < 140; error++)
        cr_expect_leq(strlen(kernel_error_text(-error)), 60);
}

static bool note(void *context, const char *name)
{
    strcat(context, name);
    return true;
}

Test(kernel_files, names_in_a_directory)
{
    char names[100] = "";
    scratch_write("only", "");
    cr_expect_eq(kernel_directory_each(&files, note, names, "/"), 0);
    cr_expect_str_eq(names, "only");
    cr_expect_eq(kernel_directory_each(&files, note, names, "/only"), -ENOTDIR);
}

Test(kernel_files, a_group_that_is_outside_of_what_is_shown)
{
    struct group_places places;
    tree_directories("proc/self/cgroup");
    scratch_write("proc/self/cgroup", "0::/../../other\n");
    scratch_write("proc/self/mountinfo", "1 1 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    group_places_find(&places, &files, 0);
    cr_expect_not(places.of[GROUP_CPU].there);
    cr_expect_str_eq(places.reason, "its group is outside of what is shown here");
}

Test(kernel_files, levels_above_a_group_end_at_the_mount)
{
    const struct group_place place = {.mount_length = 6, .path = "/mount/a/b"};
    char path[GROUP_PATH_MAX] = "/mount/a/b";
    cr_assert(group_place_up(&place, path));
    cr_expect_str_eq(path, "/mount/a");
    cr_assert(group_place_up(&place, path));
    cr_expect_str_eq(path, "/mount");
    cr_expect_not(group_place_up(&place, path));
}

static char facts[2000];

static void note_fact(void *context, const char *name, const char *value)
{
    (void)context;
    strcat(strcat(strcat(strcat(facts, name), "="), value), "\n");
}

Test(kernel_files, facts_of_a_laptop)
{
    tree_unpack("laptop", 1);
    machine_facts_tell(".", note_fact, NULL);
    cr_expect_str_eq(facts, "machine.cpu_model=12th Gen Intel(R) Core(TM) i5-1235U\n"
                            "machine.cpus=8\n"
                            "machine.cores_performance=4\n"
                            "machine.cores_efficiency=4\n"
                            "machine.memory=16384000000\n"
                            "machine.gpus=card1 Intel 8086:46a8\n");
}

/* Packages of a machine that counts them in turn; what has only one package says nothing. */
Test(kernel_files, facts_of_two_packages)
{
    tree_unpack("two_packages", 1);
    machine_facts_tell(".", note_fact, NULL);
    cr_expect_str_eq(facts, "machine.cpus=8\n"
                            "machine.packages=0: 0-6:2; 1: 1-7:2\n"
                            "machine.threads=4: 0-3\n");
}

Test(kernel_files, facts_of_a_container)
{
    tree_unpack("container_v2", 1);
    machine_facts_tell(".", note_fact, NULL);
    cr_expect_str_eq(facts, "machine.container=docker, 1.50 processors, 512 MiB\n");
}
