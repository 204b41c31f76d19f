/* What a process read and wrote itself. The process is this one, and its children. */
#include "preload/resources/process_io.h"
#include "preload/resources/task_stat.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB (1u << 20)

static struct kept_folder folder;
static struct process_io io;
static struct kept_file stat_file = {-1};
static char block[MIB];

static uint64_t waited(void)
{
    struct task_stat stat;
    char text[1024];
    cr_assert_gt(kept_file_read(&folder, NULL, "stat", text, sizeof text), 0);
    cr_assert(task_stat_parse(text, &stat));
    return stat.children;
}

/* MiB that were written since the look before. */
static double written(void)
{
    uint64_t before = io.told.of[IO_CALLS_WRITTEN];
    cr_assert_geq(process_io_look(&io, waited()), 0);
    return (double)(io.told.of[IO_CALLS_WRITTEN] - before) / MIB;
}

static void write_mib(unsigned count)
{
    int fd = open("/dev/null", O_WRONLY);
    while (count--)
        cr_assert_eq(write(fd, block, sizeof block), (ssize_t)sizeof block);
    close(fd);
}

static void child_writes(unsigned count)
{
    pid_t pid = fork();
    if (pid == 0) {
        write_mib(count);
        _exit(0);
    }
    cr_assert_eq(waitpid(pid, NULL, 0), pid);
}

static void *thread_writes(void *unused)
{
    write_mib(3);
    return unused;
}

static void start(void)
{
    kept_folder_open(&folder, 0, 16);
    if (access("/proc/self/io", R_OK) != 0)
        cr_skip_test("this kernel does not count bytes of processes");
    process_io_init(&io, &folder, &stat_file, 0);
    written();
}

static void stop(void)
{
    process_io_close(&io);
    kept_file_close(&folder, &stat_file);
    kept_folder_close(&folder);
}

TestSuite(process_io, .init = start, .fini = stop);

Test(process_io, counts_what_the_process_writes)
{
    write_mib(7);
    cr_expect_float_eq(written(), 7, 0.1);
    cr_expect_float_eq(written(), 0, 0.1);
}

Test(process_io, what_children_wrote_is_theirs)
{
    child_writes(500);
    cr_expect_float_eq(written(), 0, 0.1);
    write_mib(5);
    cr_expect_float_eq(written(), 5, 0.1);
    child_writes(500);
    write_mib(2);
    cr_expect_float_eq(written(), 2, 0.1, "of its own in the same interval");
}

Test(process_io, children_that_were_waited_for_before_are_left_out)
{
    child_writes(100);
    process_io_close(&io);
    process_io_init(&io, &folder, &stat_file, 0);
    cr_assert_geq(process_io_look(&io, waited()), 0);
    cr_expect_lt(io.told.of[IO_CALLS_WRITTEN], 10 * MIB);
}

Test(process_io, one_waited_for_between_two_files_is_seen)
{
    uint64_t before = waited();
    child_writes(100);
    uint64_t told = io.told.of[IO_CALLS_WRITTEN];
    cr_assert_geq(process_io_look(&io, before), 0);
    cr_expect_lt(io.told.of[IO_CALLS_WRITTEN] - told, MIB);
    cr_expect_float_eq(written(), 0, 0.1);
}

Test(process_io, threads_that_ended_have_written)
{
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, thread_writes, NULL), 0);
    pthread_join(thread, NULL);
    cr_expect_float_eq(written(), 3, 0.1);
    child_writes(100);
    write_mib(1);
    cr_expect_float_eq(written(), 0, 1.1, "at most that");
    child_writes(100);
    write_mib(4);
    cr_expect_float_eq(written(), 4, 0.1, "what threads had is known by now");
}
