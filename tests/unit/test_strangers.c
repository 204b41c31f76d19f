/* Unit tests of preload/strangers.c. */
#include "preload/strangers.h"

#include <criterion/criterion.h>
#include <time.h>
#include <unistd.h>

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

TestSuite(strangers, .init = strangers_clear);

Test(strangers, who_is_met_in_two_scans_is_a_thread)
{
    cr_expect_not(strangers_meet(5, false));
    cr_expect_not(strangers_meet(5, false), "the same scan");
    strangers_scanned();
    cr_expect(strangers_meet(5, false));
    strangers_scanned();
    strangers_scanned();
    cr_expect_not(strangers_meet(5, false), "it was gone");
    cr_expect(strangers_meet(6, true));
}

/* A task that has ended and waits for a processor to be gone: this one, which does not run. */
Test(strangers, who_told_its_end_is_none_however_long_it_takes)
{
    int self = getpid();

    strangers_note_end(self, cpu_ns());
    for (int i = 0; i < 5; i++) {
        cr_expect_not(strangers_meet(self, true));
        strangers_scanned();
    }
    uint64_t end = cpu_ns() + 20000000;
    while (cpu_ns() < end)
        ;
    cr_expect(strangers_meet(self, true), "it goes on");
}

Test(strangers, a_tid_may_be_used_again)
{
    int self = getpid();

    strangers_note_end(self, cpu_ns());
    strangers_scanned();
    cr_expect(strangers_meet(self, true));
}
