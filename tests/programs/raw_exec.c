/*
 * Execs by an instruction of its own, out of every hook's sight, a shell that sleeps with nothing
 * preloaded: who looks after the process from outside must leave that one alone.
 *     raw_exec
 */
#include <sys/syscall.h>
#include <unistd.h>

static long call(long number, const void *a, const void *b, const void *c)
{
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return result;
}

int main(void)
{
    const char *const arguments[] = {"/bin/sh", "-c", "sleep 4; echo survived", NULL};
    const char *const environment[] = {"PATH=/bin:/usr/bin", NULL};
    usleep(300000);
    return (int)call(SYS_execve, arguments[0], arguments, environment);
}
