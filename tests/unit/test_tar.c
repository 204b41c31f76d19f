/* Writing and reading tar archives, and directories that go with their process. */
#include "analyzer/util/scratch_directory.h"
#include "analyzer/util/tar_reader.h"
#include "analyzer/util/tar_writer.h"
#include "tests/unit/compiled.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

TestSuite(tar, .init = scratch_init, .fini = scratch_release);

static const struct tar_limits plenty = {1 << 24, 1000};

static void make(void)
{
    FILE *out = fopen("a.tar.zst", "w");
    struct tar_writer *writer = tar_writer_new(out);
    char block[TAR_BLOCK];

    memset(block, 'b', sizeof(block));
    cr_assert(tar_writer_add(writer, "", "first", "one\n", 4, 1000000000));
    cr_assert(tar_writer_add(writer, "dir", "empty", "", 0, 0));
    cr_assert(tar_writer_begin(writer, "dir", "blocks", 3 * TAR_BLOCK, 0));
    for (int i = 0; i < 3; i++)
        tar_writer_put(writer, block, sizeof(block));
    cr_expect_not(tar_writer_begin(writer, "dir",
                                   "a name that is longer than the hundred bytes that the header "
                                   "of a member has for it, which no file here has",
                                   0, 0));
    cr_expect_not(tar_writer_begin(writer, "dir", "large", UINT64_C(1) << 33, 0));
    tar_writer_finish(writer);
    fclose(out);
}

static struct tar_reader *open_reader(const char *path, struct tar_limits limits)
{
    struct problem problem;
    struct tar_reader *reader = tar_reader_new(path, &problem);

    cr_assert_not_null(reader);
    tar_reader_set_limits(reader, limits);
    return reader;
}

static void expect(struct tar_reader *reader, const char *directory, const char *name,
                   uint64_t size)
{
    struct tar_entry entry;
    struct problem problem = {0};

    cr_assert_eq(tar_reader_next(reader, &entry, &problem), 1, "%s", problem.text);
    cr_expect_str_eq(entry.directory, directory);
    cr_expect_str_eq(entry.name, name);
    cr_expect_eq(entry.size, size);
}

Test(tar, comes_back)
{
    struct tar_reader *reader;
    struct tar_entry entry;
    struct problem problem;
    char bytes[1000];

    make();
    cr_expect(tar_reader_is_compressed("a.tar.zst"));
    reader = open_reader("a.tar.zst", plenty);
    expect(reader, "", "first", 4);
    cr_expect_eq(tar_reader_read(reader, bytes, sizeof(bytes), &problem), 4);
    cr_expect_arr_eq(bytes, "one\n", 4);
    cr_expect_eq(tar_reader_read(reader, bytes, sizeof(bytes), &problem), 0);
    expect(reader, "dir", "empty", 0);
    expect(reader, "dir", "blocks", 3 * TAR_BLOCK); /* and nobody wants it */
    cr_expect_eq(tar_reader_next(reader, &entry, &problem), 0);
    tar_reader_free(reader);
}

Test(tar, is_what_others_read_and_write)
{
    struct tar_reader *reader;
    struct tar_entry entry;
    struct problem problem;

    compiled_need("zstd");
    make();
    compiled_run("tar --zstd -tf a.tar.zst >list && printf 'first\\ndir/empty\\ndir/blocks\\n' | "
                 "cmp - list && mkdir out && tar --zstd -C out -xf a.tar.zst && "
                 "test $(stat -c %%Y out/first) = 1000000000 && "
                 "tar --format=ustar --zstd -C out -cf b.tar.zst first dir/blocks");
    reader = open_reader("b.tar.zst", plenty);
    expect(reader, "", "first", 4);
    expect(reader, "dir", "blocks", 3 * TAR_BLOCK);
    cr_expect_eq(tar_reader_next(reader, &entry, &problem), 0);
    tar_reader_free(reader);
}

/* Reads all there is; the last result, and what was said. */
static int read_all(const char *path, struct tar_limits limits, struct problem *problem)
{
    struct tar_reader *reader = open_reader(path, limits);
    struct tar_entry entry;
    int status;

    while ((status = tar_reader_next(reader, &entry, problem)) == 1)
        continue;
    tar_reader_free(reader);
    return status;
}

Test(tar, no_more_than_allowed)
{
    struct problem problem = {0};

    make();
    cr_expect_eq(read_all("a.tar.zst", (struct tar_limits){1 << 20, 3}, &problem), 0);
    cr_expect_eq(read_all("a.tar.zst", (struct tar_limits){1 << 20, 2}, &problem), PROBLEM_DATA);
    cr_expect_not_null(strstr(problem.text, "too many files"));
    cr_expect_eq(read_all("a.tar.zst", (struct tar_limits){2000, 9}, &problem), PROBLEM_DATA);
    cr_expect_not_null(strstr(problem.text, "more than a file of its size may"));
}

Test(tar, damage_is_told)
{
    struct problem problem;
    static char bytes[1 << 16];
    size_t size;

    make();
    FILE *in = fopen("a.tar.zst", "r");
    size = fread(bytes, 1, sizeof(bytes), in);
    fclose(in);
    for (size_t at = 0; at < size; at++) {
        bytes[at] = (char)(bytes[at] ^ 0x55);
        FILE *out = fopen("damaged", "w");
        fwrite(bytes, 1, size, out);
        fclose(out);
        bytes[at] = (char)(bytes[at] ^ 0x55);
        cr_expect_eq(read_all("damaged", plenty, &problem), PROBLEM_DATA, "byte %zu", at);
        out = fopen("damaged", "w");
        fwrite(bytes, 1, at, out);
        fclose(out);
        cr_expect_eq(read_all("damaged", plenty, &problem), PROBLEM_DATA, "cut at %zu", at);
    }
}

Test(tar, a_private_directory_is_removed_with_all_in_it)
{
    struct scratch_directory scratch;
    struct problem problem;
    struct stat status;

    setenv("TMPDIR", scratch_path, 1);
    cr_assert_eq(scratch_directory_init(&scratch, &problem), 0);
    char *path = memory_strdup(scratch.path);
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 07777, 0700);
    cr_expect_eq(strncmp(path, scratch_path, strlen(scratch_path)), 0);
    char *below = memory_printf("%s/1", path), *file = memory_printf("%s/1/file", path);
    cr_assert_eq(mkdir(below, 0700), 0);
    scratch_write(file, "x");
    scratch_directory_release(&scratch);
    scratch_directory_release(&scratch);
    cr_expect_neq(access(path, F_OK), 0);
    free(path);
    free(below);
    free(file);
    setenv("TMPDIR", "/proc/nowhere", 1);
    cr_expect_eq(scratch_directory_init(&scratch, &problem), PROBLEM_SYSTEM);
    scratch_directory_release(&scratch);
}

Test(tar, a_private_directory_goes_when_its_process_is_killed)
{
    struct timespec moment = {.tv_nsec = 20000000};
    int ends[2];
    char path[200] = "";

    setenv("TMPDIR", scratch_path, 1);
    cr_assert_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct scratch_directory scratch;
        struct problem problem;

        if (scratch_directory_init(&scratch, &problem) != 0)
            _exit(1);
        char *file = memory_printf("%s/file", scratch.path);
        scratch_write(file, "x");
        if (write(ends[1], scratch.path, strlen(scratch.path) + 1) < 0)
            _exit(1);
        pause();
    }
    cr_assert_gt(read(ends[0], path, sizeof(path)), 0);
    cr_expect_eq(access(path, F_OK), 0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    for (int i = 0; i < 500 && access(path, F_OK) == 0; i++)
        nanosleep(&moment, NULL);
    cr_expect_neq(access(path, F_OK), 0);
}
