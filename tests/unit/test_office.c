/* The office: who finds it, and who does not. The test plays the keeper. */
#include "preload/contract/office.h"

#include "preload/contract/ring_format.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct office *office;
static char path[64];
static int fd;

static void start(void)
{
    office = office_make(&fd);
    cr_assert_not_null(office);
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
}

static void stop(void)
{
    munmap(office, OFFICE_SIZE);
    close(fd);
}

TestSuite(office, .init = start, .fini = stop);

Test(office, is_found_by_its_name_and_shared)
{
    struct office *found = office_open(path);
    cr_assert_not_null(found);
    found->bell = 5;
    cr_assert_eq(office->bell, 5);
    cr_assert(office_is_open(found));
    office->closed = 1;
    cr_assert_not(office_is_open(found));
    munmap(found, OFFICE_SIZE);
}

static void assert_not_found(const char *why)
{
    errno = EIO;
    cr_assert_null(office_open(path), "%s", why);
    cr_assert_eq(errno, EIO);
}

Test(office, is_not_found_where_it_is_of_no_use)
{
    office->ring_version++;
    assert_not_found("another version");
    office->ring_version = RING_VERSION;
    office->pid_namespace++;
    assert_not_found("another namespace of pids");
    office->pid_namespace--;
    office->uid++;
    assert_not_found("another user's");
    office->uid--;
    office->closed = 1;
    assert_not_found("closed");
    office->closed = 0;
    office->magic++;
    assert_not_found("something else");
    office->magic--;
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    office->pid = pid;
    usleep(1000);
    cr_assert(office_is_open(office), "a zombie is told by whoever waits for it");
    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd + 100);
    assert_not_found("nothing there");
}
