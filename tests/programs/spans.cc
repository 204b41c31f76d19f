/*
 * Controls its own profile, in C++: burns SECONDS of CPU time in each of five
 * functions, two of them in spans that are sampled. Prints what the calls return.
 *
 *     spans SECONDS [JSON SUMMARY]
 *
 * Without the library it burns the same and prints "none".
 */
#include "../../preload/profinject.h"

#include "burn.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <sys/wait.h>

BURN_FUNCTION(before)
BURN_FUNCTION(first_span)
BURN_FUNCTION(between)
BURN_FUNCTION(second_span)
BURN_FUNCTION(after)

static void call(const char *name, int (*function)())
{
    if (function)
        std::printf("%s %d\n", name, function());
}

static void write_reports(char **names)
{
    if (!profinject_write_json)
        return;
    std::printf("json %d\n", profinject_write_json(names[0]));
    std::printf("summary %d\n", profinject_write_summary(names[1]));
    /* Nobody else's child: the program sees none of its own. */
    int child = wait(nullptr);
    std::printf("children %d\n", child < 0 && errno == ECHILD ? 0 : 1);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? std::atof(argv[1]) : 1;
    if (!profinject_state)
        std::puts("none");
    call("pause", profinject_pause);
    before(seconds);
    call("resume", profinject_resume);
    call("state", profinject_state);
    first_span(seconds);
    call("pause", profinject_pause);
    call("state", profinject_state);
    between(seconds);
    call("start", profinject_start);
    second_span(seconds);
    call("stop", profinject_stop);
    after(seconds);
    if (argc > 3)
        write_reports(argv + 2);
    return 0;
}
