/* What is gone from a file that is mapped is read as zeros. */
#include "analyzer/util/lost_pages.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

#define PAGE 4096

TestSuite(lost_pages, .init = scratch_init, .fini = scratch_release);

static char *map(int protection, int flags)
{
    int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    char text[3 * PAGE];

    memset(text, 'x', sizeof(text));
    cr_assert_eq(write(fd, text, sizeof(text)), (ssize_t)sizeof(text));
    char *mapped = mmap(NULL, sizeof(text), protection, flags, fd, 0);
    cr_assert_neq(mapped, MAP_FAILED);
    close(fd);
    return mapped;
}

Test(lost_pages, what_is_gone_is_zero)
{
    char *mapped = map(PROT_READ, MAP_PRIVATE);

    lost_pages_init();
    cr_assert_eq(truncate("file", PAGE + 1), 0);
    cr_assert(mapped[0] == 'x' && mapped[PAGE] == 'x');
    cr_assert(mapped[PAGE + 1] == 0 && mapped[2 * PAGE] == 0 && mapped[3 * PAGE - 1] == 0);
}

Test(lost_pages, and_may_be_written)
{
    char *mapped = map(PROT_READ | PROT_WRITE, MAP_SHARED);

    lost_pages_init();
    cr_assert_eq(truncate("file", 0), 0);
    mapped[PAGE + 7] = 'y';
    cr_assert(mapped[PAGE + 7] == 'y' && mapped[PAGE + 6] == 0);
}

Test(lost_pages, others_end_as_before, .signal = SIGBUS)
{
    lost_pages_init();
    raise(SIGBUS);
}
