/*
 * Profiles two parts of itself as sessions, and does wrong what can be done wrong. Prints what the calls
 * return.
 *
 *     sessions SECONDS FIRST SECOND [LIBRARY]
 *
 * Burns SECONDS of CPU time each: outside, in the session of the directory FIRST, outside, in a call
 * profiled into SECOND. With LIBRARY it loads that first; without, and not started with it, it prints
 * "none".
 */

#include "../../preload/profinject.h"

#include "burn.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

BURN_FUNCTION(outside)
BURN_FUNCTION(in_first)
BURN_FUNCTION(in_second)

static int (*begin)(const char *directory);
static int (*end)(void);
static int (*profile_call)(const char *directory, void (*function)(void *), void *argument);

static void find(void *library)
{
    begin = (int (*)(const char *))dlsym(library, "profinject_session_begin");
    end = (int (*)(void))dlsym(library, "profinject_session_end");
    profile_call =
        (int (*)(const char *, void (*)(void *), void *))dlsym(library, "profinject_profile_call");
}

static void say(const char *what, int status)
{
    printf("%s %s\n", what, status == 0 ? "0" : strerrorname_np(-status));
    fflush(stdout);
}

static void work(void *seconds)
{
    in_second(*(double *)seconds);
}

/* A session is its process's own. */
static void end_in_child(void)
{
    pid_t child = fork();

    if (child == 0) {
        say("child", end());
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 1;

    if (argc < 4)
        return 2;
    begin = profinject_session_begin;
    end = profinject_session_end;
    profile_call = profinject_profile_call;
    if (argc > 4)
        find(dlopen(argv[4], RTLD_NOW));
    if (!begin) {
        puts("none");
        return 0;
    }
    say("end before", end());
    say("nameless", begin(NULL));
    say("nowhere", begin("/nowhere/at/all"));
    say("no directory", begin("/dev/null"));
    outside(seconds);
    errno = 77;
    say("begin", begin(argv[2]));
    say("nested", begin(argv[3]));
    say("errno kept", errno == 77 ? 0 : -errno);
    end_in_child();
    in_first(seconds);
    say("end", end());
    say("end again", end());
    say("taken", begin(argv[2]));
    outside(seconds);
    say("call", profile_call(argv[3], work, &seconds));
    say("call in vain", profile_call("/nowhere/at/all", work, &seconds));
    say("children", wait(NULL) < 0 && errno == ECHILD ? 0 : -EBUSY);
    return 0;
}
