/*
 * exec_ways WAY COMMAND [ARG...]: starts COMMAND, by its path, with an environment of
 * nothing but MINE=1, by every way the C library has.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char *const mine[] = {"MINE=1", NULL};

static int wait_for(pid_t pid)
{
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* COMMAND as one line, for shells. */
static char *joined(char **command)
{
    static char line[4096];
    for (; *command; command++)
        strcat(strcat(line, *command), " ");
    return line;
}

static int by_popen(char **command)
{
    char text[256];
    FILE *in = popen(joined(command), "r");
    while (in && fgets(text, sizeof text, in))
        fputs(text, stdout);
    return in ? WEXITSTATUS(pclose(in)) : 99;
}

/* Of one word, or of four: execle's environment comes behind the null. */
static void by_execle(char **command)
{
    if (!command[1])
        execle(command[0], command[0], NULL, mine);
    else if (command[2] && command[3] && !command[4])
        execle(command[0], command[0], command[1], command[2], command[3], NULL, mine);
}

static int start(const char *way, char **command)
{
    pid_t pid = 0;
    if (!strcmp(way, "execve"))
        execve(command[0], command, mine);
    if (!strcmp(way, "execle"))
        by_execle(command);
    if (!strcmp(way, "execvpe"))
        execvpe(command[0], command, mine);
    if (!strcmp(way, "fexecve"))
        fexecve(open(command[0], O_RDONLY | O_CLOEXEC), command, mine);
    if (!strcmp(way, "execveat"))
        execveat(AT_FDCWD, command[0], command, mine, 0);
    if (!strcmp(way, "syscall"))
        syscall(SYS_execve, command[0], command, mine);
    if (!strcmp(way, "null"))
        execve(command[0], command, NULL);
    if (!strcmp(way, "posix_spawn") && !posix_spawn(&pid, command[0], NULL, NULL, command, mine))
        return wait_for(pid);
    if (!strcmp(way, "posix_spawnp") && !posix_spawnp(&pid, command[0], NULL, NULL, command, mine))
        return wait_for(pid);
    if (!strcmp(way, "vfork")) {
        pid = vfork();
        if (pid == 0) {
            execve(command[0], command, mine);
            _exit(98);
        }
        return wait_for(pid);
    }
    clearenv();
    putenv("MINE=1");
    if (!strcmp(way, "clearenv"))
        execv(command[0], command);
    if (!strcmp(way, "execl"))
        execl(command[0], command[0], command[1], command[1] ? command[2] : NULL,
              command[1] && command[2] ? command[3] : NULL, NULL);
    if (!strcmp(way, "execlp"))
        execlp(command[0], command[0], command[1], command[1] ? command[2] : NULL,
               command[1] && command[2] ? command[3] : NULL, NULL);
    if (!strcmp(way, "system"))
        return WEXITSTATUS(system(joined(command)));
    if (!strcmp(way, "popen"))
        return by_popen(command);
    return 97;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    return start(argv[1], argv + 2);
}
