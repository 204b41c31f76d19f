/* Unit tests of preload/io_counts.c: what is counted of whom, and where it goes. */
#include "preload/io_counts.h"
#include "preload/wait_objects.h"
#include "tests/unit/ring_fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

static struct io_counts counts;
static int file, other;

static void start(void)
{
    ring_start();
    wait_objects_use_ring(ring);
    io_counts_use_ring(ring);
    io_counts_attach(&counts);
    file = open("file", O_RDWR | O_CREAT, 0600);
    other = open("other", O_RDWR | O_CREAT, 0600);
    cr_assert(file >= 0 && other >= 0);
}

static const struct ring_object *object_named(const char *end)
{
    for (uint32_t i = 1; i < ring->has_object; i++) {
        const char *name = ring->objects[i].name;
        size_t length = strlen(name);
        if (length >= strlen(end) && strcmp(name + length - strlen(end), end) == 0)
            return &ring->objects[i];
    }
    return NULL;
}

static void add_many(int fd, unsigned number, uint64_t bytes)
{
    for (unsigned i = 0; i < number; i++)
        io_counts_add(fd, IO_READ, bytes, IO_COUNTS_BEHIND);
}

TestSuite(io_counts, .init = start, .fini = ring_stop);

Test(io_counts, every_call_is_in_the_file_it_was_of)
{
    add_many(file, 1000, 100);
    io_counts_add(file, IO_WRITE, 5000, IO_COUNTS_BEHIND);
    add_many(other, 20, 1 << 20);
    io_counts_detach();
    const struct ring_object *one = object_named("/file"), *two = object_named("/other");
    cr_assert(one && two && !object_named("others"));
    cr_assert_eq(one->reads, 1000);
    cr_assert_eq(one->read_bytes, 100000);
    cr_assert_eq(one->reads_small, 1000);
    cr_assert_eq(one->reads_onward, 1000);
    cr_assert_eq(one->writes, 1);
    cr_assert_eq(one->write_bytes, 5000);
    cr_assert_eq(one->writes_small, 0);
    cr_assert_eq(two->reads, 20);
    cr_assert_eq(two->read_bytes, 20 << 20);
    cr_assert_eq(two->reads_small, 0);
}

Test(io_counts, what_is_little_has_no_name)
{
    add_many(file, 15, 100);
    io_counts_closing(file);
    add_many(other, 1, 1 << 20);
    io_counts_closing(other);
    cr_assert_null(object_named("/file"));
    cr_assert_eq(object_named("others")->reads, 15);
    cr_assert_eq(object_named("/other")->reads, 1);
}

Test(io_counts, a_number_that_is_another_files_is_nobodys)
{
    add_many(file, 30, 100);
    cr_assert_eq(dup2(other, file), file);
    io_counts_changed(file);
    add_many(file, 100, 200);
    io_counts_detach();
    cr_assert_eq(object_named("others")->reads, 30);
    cr_assert_eq(object_named("/other")->reads, 100);
    cr_assert_null(object_named("/file"));
}

Test(io_counts, others_that_are_closed_change_nothing)
{
    add_many(file, 30, 100);
    io_counts_closing(other);
    add_many(file, 30, 100);
    io_counts_detach();
    cr_assert_eq(object_named("/file")->reads, 60);
    cr_assert_null(object_named("others"));
}

Test(io_counts, onward_and_elsewhere)
{
    for (unsigned i = 0; i < 100; i++)
        io_counts_add(file, IO_READ, 4096, (int64_t)(i % 4 == 3 ? i * 77777 : i * 4096));
    for (unsigned i = 0; i < 100; i++) {
        if (i % 2)
            io_counts_moved(other);
        io_counts_add(other, IO_WRITE, 10, IO_COUNTS_BEHIND);
    }
    io_counts_detach();
    cr_assert_eq(object_named("/file")->reads_onward, 50, "every second and third of four");
    cr_assert_eq(object_named("/other")->writes_onward, 50);
}

/* A descriptor that has the entry of `file`. */
static int sharing(int fd)
{
    int high = file + 3 * (int)IO_COUNTS_ENTRIES;
    cr_assert_eq(dup2(fd, high), high);
    return high;
}

Test(io_counts, descriptors_that_share_an_entry_take_turns)
{
    int high = sharing(other);
    for (unsigned i = 0; i < 40; i++) {
        add_many(file, 60, 600);
        add_many(high, 80, 600);
    }
    io_counts_detach();
    uint64_t one = object_named("/file")->reads, two = object_named("/other")->reads;
    cr_assert_eq(one + two + object_named("others")->reads, 40 * 140);
    cr_assert_gt(one, 40 * 40);
    cr_assert_gt(two, 40 * 60);
}

Test(io_counts, who_comes_in_between_takes_nobodys_entry)
{
    int high = sharing(other);
    for (unsigned i = 0; i < 1000; i++) {
        add_many(file, 1, 600);
        add_many(high, 1, 600);
    }
    io_counts_detach();
    cr_assert_eq(object_named("/file")->reads, 1000);
    cr_assert_eq(object_named("others")->reads, 1000);
}

Test(io_counts, calls_of_sockets_that_do_not_block_never_wait)
{
    int ends[2];
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    cr_assert_not(io_counts_never_waits(ends[0]), "not known yet");
    add_many(ends[0], IO_COUNTS_STEP + 1, 1);
    cr_assert(io_counts_never_waits(ends[0]));
    fcntl(ends[0], F_SETFL, 0);
    io_counts_changed(ends[0]); /* as the hook does */
    cr_assert_not(io_counts_never_waits(ends[0]));
    add_many(ends[0], 3 * IO_COUNTS_STEP, 1);
    cr_assert_not(io_counts_never_waits(ends[0]), "it blocks now");
    fcntl(file, F_SETFL, O_NONBLOCK);
    add_many(file, 3 * IO_COUNTS_STEP, 1);
    cr_assert_not(io_counts_never_waits(file), "the disk does not hear of it");
}
