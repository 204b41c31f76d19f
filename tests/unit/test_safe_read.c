/* Pages that are there, that are not, and what is around them. */
#include "preload/safe_read.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static uint64_t map(size_t pages, int protection)
{
    void *memory =
        mmap(NULL, pages * SAFE_READ_PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert_neq(memory, MAP_FAILED);
    return (uint64_t)memory;
}

Test(safe_read, before_the_test_of_the_kernel_nothing_can_be_read)
{
    cr_assert_not(safe_read_page_sigsafe((uint64_t)&errno));
}

TestSuite(safe_read_page, .init = safe_read_init);

Test(safe_read_page, what_is_mapped)
{
    static const char constant[] = "in the program";
    char local = 0;
    char *heap = malloc(1);

    cr_assert(safe_read_page_sigsafe((uint64_t)&local));
    cr_assert(safe_read_page_sigsafe((uint64_t)heap));
    cr_assert(safe_read_page_sigsafe((uint64_t)constant));
    cr_assert(safe_read_page_sigsafe((uint64_t)&safe_read_init), "code");
    free(heap);
}

Test(safe_read_page, every_address_of_a_page_counts_for_it)
{
    uint64_t pages = map(3, PROT_READ);

    cr_assert_eq(mprotect((void *)pages, SAFE_READ_PAGE, PROT_NONE), 0);
    cr_assert_eq(munmap((void *)(pages + 2 * SAFE_READ_PAGE), SAFE_READ_PAGE), 0);
    for (uint64_t at = 0; at < SAFE_READ_PAGE; at++) {
        cr_assert_not(safe_read_page_sigsafe(pages + at));
        cr_assert(safe_read_page_sigsafe(pages + SAFE_READ_PAGE + at));
        cr_assert_not(safe_read_page_sigsafe(pages + (uint64_t)2 * SAFE_READ_PAGE + at));
    }
}

Test(safe_read_page, a_page_comes_and_goes)
{
    uint64_t page = map(1, PROT_NONE);

    for (int i = 0; i < 3; i++) {
        cr_assert_eq(mprotect((void *)page, SAFE_READ_PAGE, PROT_READ | PROT_WRITE), 0);
        cr_assert(safe_read_page_sigsafe(page));
        cr_assert_eq(mprotect((void *)page, SAFE_READ_PAGE, PROT_NONE), 0);
        cr_assert_not(safe_read_page_sigsafe(page));
    }
}

Test(safe_read_page, addresses_that_nobody_has)
{
    static const uint64_t addresses[] = {0,
                                         1,
                                         4095,
                                         0x7fffffffffffu,
                                         0x800000000000u,
                                         0x1234567812345678u,
                                         0xffff800000000000u,
                                         0xffffffffff600000u - 1,
                                         UINT64_MAX - 4096,
                                         UINT64_MAX};

    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++)
        cr_assert_not(safe_read_page_sigsafe(addresses[i]), "%#lx", (unsigned long)addresses[i]);
}

Test(safe_read_page, a_mapping_behind_the_end_of_its_file)
{
    FILE *file = tmpfile();

    cr_assert(file && ftruncate(fileno(file), SAFE_READ_PAGE) == 0);
    void *memory = mmap(NULL, 2 * (size_t)SAFE_READ_PAGE, PROT_READ, MAP_SHARED, fileno(file), 0);
    cr_assert_neq(memory, MAP_FAILED);
    cr_assert(safe_read_page_sigsafe((uint64_t)memory));
    cr_assert_not(safe_read_page_sigsafe((uint64_t)memory + SAFE_READ_PAGE), "would be SIGBUS");
    fclose(file);
}

Test(safe_read_page, nothing_else_changes)
{
    sigset_t before, after;

    sigemptyset(&before);
    sigaddset(&before, SIGUSR2);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = 12345;
    safe_read_page_sigsafe(0);
    safe_read_page_sigsafe((uint64_t)&before);
    cr_assert_eq(errno, 12345);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int signal = 1; signal < 32; signal++)
        cr_assert_eq(sigismember(&after, signal), signal == SIGUSR2, "signal %d", signal);
}
