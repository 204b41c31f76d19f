/* Lines of the kernel's log, as Linux 4.9 to 6.18 write them. */
#include "analyzer/record/oom.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#define AT_US "4,1051,61839902585,-;"

static bool tells(const char *line, pid_t pid, uint64_t start_ns)
{
    const char *said = NULL;
    bool told = oom_line_tells(line, pid, start_ns, &said);

    if (told)
        cr_assert_eq(strncmp(said, strchr(line, ';') + 1, 10), 0);
    return told;
}

Test(oom, a_line_tells_of_the_process_it_names)
{
    static const char group[] =
        AT_US "Memory cgroup out of memory: Killed process 13368 (crashes) total-vm:2360020kB, "
              "anon-rss:40320kB, UID:0 pgtables:184kB oom_score_adj:0\n";
    static const char machine[] = AT_US "Out of memory: Killed process 13368 (a b) total-vm:1kB\n";

    cr_assert(tells(group, 13368, 61000000000000));
    cr_assert(tells(machine, 13368, 61000000000000));
    cr_assert_not(tells(group, 1336, 61000000000000));
    cr_assert_not(tells(group, 133680, 61000000000000));
}

Test(oom, older_lines_are_of_another_process_of_that_number)
{
    static const char line[] = AT_US "Out of memory: Killed process 7 (x) total-vm:1kB\n";

    cr_assert(tells(line, 7, 61839902585000 + 4000000000));
    cr_assert_not(tells(line, 7, 61839902585000 + 6000000000));
}

Test(oom, other_lines_do_not)
{
    cr_assert_not(tells("6,1,1,-;Killed process 7 (x) by an administrator\n", 7, 0));
    cr_assert_not(tells("6,1,1,-;Out of memory: no process 7\n", 7, 0));
    cr_assert_not(tells("no line of this file", 7, 0));
    cr_assert_not(tells("", 7, 0));
}

Test(oom, nobody_was_killed_in_our_group_meanwhile)
{
    struct oom_watch watch = {.count = 0};
    char text[OOM_TEXT];

    oom_watch_begin(&watch, getpid());
    cr_assert_not(oom_watch_tells(&watch, text));
    cr_assert_not(oom_watch_tells(NULL, text));
    if (watch.path[0] == '\0' || watch.count == 0)
        return;
    watch.count--; /* as if one had been */
    cr_assert(oom_watch_tells(&watch, text));
    cr_assert_not_null(strstr(text, "1 more oom_kill"));
}
