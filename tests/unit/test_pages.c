/* Pages given and taken, as the kernel counts them. */
#include "preload/pages.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#define PAGE 4096u
#define PAGES 16u

static char *memory;

static void start(void)
{
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(memory, MAP_FAILED);
    if (pages_populate(memory, 1) == 0) {
        unsigned char there;
        cr_assert_eq(mincore(memory, PAGE, &there), 0);
        if (!there)
            cr_skip_test("this kernel cannot populate pages (Linux 5.14)");
    }
}

static unsigned resident(void)
{
    unsigned char there[PAGES];
    unsigned count = 0;

    cr_assert_eq(mincore(memory, PAGES * PAGE, there), 0);
    for (unsigned i = 0; i < PAGES; i++)
        count += there[i] & 1;
    return count;
}

TestSuite(pages, .init = start);

Test(pages, every_page_touched_by_the_range_is_given)
{
    cr_assert_eq(resident(), 1);
    cr_assert_eq(pages_populate(memory + 2 * PAGE - 1, 2), 0);
    cr_assert_eq(resident(), 3, "two pages share the range");
    cr_assert_eq(pages_populate(memory, PAGES * PAGE), 0);
    cr_assert_eq(resident(), PAGES);
}

Test(pages, what_they_held_stays)
{
    memory[5] = 5;
    cr_assert_eq(pages_populate(memory, PAGES * PAGE), 0);
    cr_assert_eq(memory[5], 5);
}

Test(pages, only_whole_pages_are_taken)
{
    cr_assert_eq(pages_populate(memory, PAGES * PAGE), 0);
    memory[0] = memory[PAGE] = memory[3 * PAGE] = 1;
    pages_drop(memory + 1, 3 * PAGE);
    cr_assert_eq(resident(), PAGES - 2);
    cr_assert_eq(memory[0], 1);
    cr_assert_eq(memory[PAGE], 0);
    cr_assert_eq(memory[3 * PAGE], 1);
    pages_drop(memory + 1, 10);
    cr_assert_eq(memory[0], 1);
}

Test(pages, what_is_not_mapped_cannot_be_given)
{
    munmap(memory + PAGE, PAGE);
    errno = 7;
    cr_assert_eq(pages_populate(memory, 2 * PAGE), -ENOSPC);
    cr_assert_eq(errno, 7, "the target's: a region may be entered between a call and its errno");
}
