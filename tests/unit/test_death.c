/* Words for signals, held against the C library's names of them. */
#include "analyzer/model/death.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

Test(death, names_are_those_of_the_system)
{
    for (int number = 1; number < 32; number++) {
        char name[32] = "";
        const char *ours = death_signal_name(number);
        snprintf(name, sizeof(name), "SIG%s", sigabbrev_np(number));
        if (ours != NULL)
            cr_assert(strcmp(ours, name) == 0 || (number == SIGIO && strcmp(name, "SIGPOLL") == 0),
                      "%s", name);
    }
    cr_assert_null(death_signal_name(0));
    cr_assert_null(death_signal_name(-1));
    cr_assert_null(death_signal_name(1 << 20));
}

Test(death, codes_mean_something_by_their_signal)
{
    cr_assert_str_eq(death_code(SIGSEGV, SEGV_MAPERR).name, "SEGV_MAPERR");
    cr_assert_str_eq(death_code(SIGSEGV, SEGV_ACCERR).name, "SEGV_ACCERR");
    cr_assert_str_eq(death_code(SIGBUS, BUS_ADRERR).name, "BUS_ADRERR");
    cr_assert_str_eq(death_code(SIGFPE, FPE_INTDIV).name, "FPE_INTDIV");
    cr_assert_str_eq(death_code(SIGABRT, SI_TKILL).name, "SI_TKILL");
    cr_assert_str_eq(death_code(SIGSEGV, SI_USER).name, "SI_USER");
    cr_assert_str_eq(death_code(SIGTRAP, SI_KERNEL).meaning, "breakpoint");
    cr_assert_null(death_code(SIGSEGV, 77).name);
}

Test(death, only_faults_have_addresses)
{
    cr_assert(death_has_address(SIGSEGV, SEGV_MAPERR));
    cr_assert(death_has_address(SIGBUS, BUS_ADRALN));
    cr_assert_not(death_has_address(SIGSEGV, SI_KERNEL));
    cr_assert_not(death_has_address(SIGSEGV, SI_TKILL));
    cr_assert_not(death_has_address(SIGABRT, SI_TKILL));
}
