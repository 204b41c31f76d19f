/*
 * Asks the kernel for the parent's number COUNT times, by the system call itself, below
 * `ask`. Nearly all of its time is the kernel's.
 *
 *     getppid COUNT
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static __attribute__((noinline)) void ask(long count)
{
    for (long i = 0; i < count; i++)
        syscall(SYS_getppid);
}

int main(int argc, char **argv)
{
    ask(argc > 1 ? atol(argv[1]) : 1000000);
    return 0;
}
