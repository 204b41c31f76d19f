/* How processes ended, asked of the kernel, against what waitpid() says. */
#include "analyzer/record/process_end.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t child_that_dies(int signal)
{
    const struct rlimit none = {0, 0};
    pid_t pid = fork();

    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none);
        struct sigaction action = {.sa_handler = SIG_DFL};
        sigaction(signal, &action, NULL);
        if (signal == 0)
            _exit(3);
        raise(signal);
    }
    return pid;
}

static void check(int signal)
{
    siginfo_t info;
    int status;
    pid_t pid = child_that_dies(signal);
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);

    waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
    int zombie = process_end_status(pid, pidfd);
    waitpid(pid, &status, 0);
    cr_assert_eq(zombie, status);
    cr_assert_eq(process_end_status(pid, -1), -1, "nobody is left to ask");
    int reaped = process_end_status(pid, pidfd); /* -1 before Linux 6.15 */
    cr_assert(reaped == status || reaped == -1);
    close(pidfd);
}

Test(process_end, is_what_the_parent_is_told)
{
    check(0);
    check(SIGKILL);
    check(SIGSEGV);
    check(SIGTERM);
}

Test(process_end, of_who_lives_nothing_is_known)
{
    int pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);

    cr_assert_eq(process_end_status(getpid(), pidfd), -1);
    close(pidfd);
}
