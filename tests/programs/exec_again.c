/*
 * exec_again COUNT WAY: burns some milliseconds and becomes itself anew, COUNT times, by execve()
 * or syscall(). Says "there" at last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

int main(int argc, char **argv)
{
    char count[16];
    if (argc != 3)
        return 2;
    int left = atoi(argv[1]);
    for (volatile unsigned i = 0; i < 2000000; i++)
        ;
    if (left == 0) {
        puts("there");
        return 0;
    }
    snprintf(count, sizeof count, "%d", left - 1);
    char *again[] = {argv[0], count, argv[2], NULL};
    if (!strcmp(argv[2], "syscall"))
        syscall(SYS_execve, argv[0], again, environ);
    else
        execve(argv[0], again, environ);
    return 1;
}
