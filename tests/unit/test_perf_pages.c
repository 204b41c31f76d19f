/* Pages of events: never a fault, whatever became of the event. */
#include "preload/perf_pages.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int file_of(uint64_t number)
{
    int fd = memfd_create("pages", MFD_CLOEXEC);

    cr_assert_eq(ftruncate(fd, 3 * PERF_PAGES_SIZE), 0);
    cr_assert_eq(pwrite(fd, &number, sizeof(number), 0), sizeof(number));
    return fd;
}

Test(perf_pages, a_place_that_was_cleared_reads_as_zeros)
{
    int first = file_of(11), second = file_of(22);
    volatile uint64_t *a = perf_pages_map(3, 0, first, 3), *b = perf_pages_map(3, 4, second, 1);
    volatile uint64_t *other = perf_pages_map(4, 0, second, 1);

    cr_assert(a && b && other);
    cr_assert_eq((const char *)b - (const char *)a, 4 * PERF_PAGES_SIZE);
    cr_assert(*a == 11 && *b == 22);
    a[1] = 7; /* more than one page: its reader writes back how far it got */
    perf_pages_clear(3);
    cr_assert(*a == 0 && *b == 0 && a[1] == 0);
    cr_assert_eq(*other, 22);
    cr_assert_eq(perf_pages_map(3, 0, second, 1), (void *)a);
    cr_assert_eq(*a, 22);
}

Test(perf_pages, what_cannot_be_mapped_leaves_zeros)
{
    int fd = file_of(11);
    volatile uint64_t *a = perf_pages_map(3, 0, fd, 1);

    cr_assert_eq(*a, 11);
    cr_assert_null(perf_pages_map(3, 0, -1, 1));
    (void)*a;
    perf_pages_forget();
    perf_pages_clear(3);
    cr_assert_neq(perf_pages_map(3, 0, fd, 1), (void *)a, "a new range");
}
