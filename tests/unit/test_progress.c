/* Progress is for terminals and for work that lasts. */
#include "analyzer/util/progress.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <string.h>
#include <unistd.h>

static char seen[512];

/* What is on the terminal by now. */
static const char *read_terminal(int terminal)
{
    struct pollfd poll_terminal = {terminal, POLLIN, 0};
    size_t size = 0;

    while (size < sizeof(seen) - 1 && poll(&poll_terminal, 1, 50) > 0) {
        ssize_t got = read(terminal, seen + size, sizeof(seen) - 1 - size);
        if (got <= 0)
            break;
        size += (size_t)got;
    }
    seen[size] = '\0';
    return seen;
}

Test(progress, on_a_terminal_after_half_a_second)
{
    int terminal;
    int side;

    cr_assert_eq(openpty(&terminal, &side, NULL, NULL, NULL), 0);
    dup2(side, STDERR_FILENO);
    progress_begin();
    progress_step("counting", 1, 4);
    cr_assert_str_eq(read_terminal(terminal), "");
    usleep(500000);
    progress_step("counting", 2, 4);
    cr_assert_not_null(strstr(read_terminal(terminal), "counting: 2 of 4"));
    progress_end();
    cr_assert_str_eq(read_terminal(terminal), "\r\033[K");
    progress_step("counting", 3, 4);
    cr_assert_str_eq(read_terminal(terminal), "", "nothing outside of work");
}

Test(progress, never_into_a_file)
{
    int ends[2];
    char byte;

    cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
    dup2(ends[1], STDERR_FILENO);
    progress_begin();
    usleep(550000);
    progress_step("counting", 1, 4);
    progress_end();
    cr_assert_lt(read(ends[0], &byte, 1), 0);
}
