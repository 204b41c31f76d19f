/*
 * Phases with functions of their own, one after the other: phases ALLOCATIONS... Phase n makes
 * that many mallocs, each freed at once, in phase_a(), phase_b() and so on; 0: endlessly. Malloc n of
 * a phase is of 10000 + n % 9973 bytes, and how many of them were freed stands in the file
 * $PHASES_TRUTH, if it is there, of 8 bytes. Prints the letter of a phase when it has ended.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static void *volatile sink;
static unsigned long elsewhere;
static volatile unsigned long *done = &elsewhere;

#define PHASE(letter)                                                                  \
    __attribute__((noinline, noclone)) static void phase_##letter(unsigned long count) \
    {                                                                                  \
        for (unsigned long i = 0; count == 0 || i < count; i++) {                      \
            sink = malloc(10000 + i % 9973);                                           \
            free(sink);                                                                \
            *done = i + 1;                                                             \
        }                                                                              \
        puts(#letter);                                                                 \
        fflush(stdout);                                                                \
    }
PHASE(a)
PHASE(b)
PHASE(c)
PHASE(d)

int main(int argc, char **argv)
{
    static void (*const phases[])(unsigned long) = {phase_a, phase_b, phase_c, phase_d};
    const char *truth = getenv("PHASES_TRUTH");
    int fd = truth ? open(truth, O_RDWR) : -1;
    void *mapped = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (mapped != MAP_FAILED)
        done = mapped;
    for (int i = 1; i < argc && i <= 4; i++)
        phases[i - 1](strtoul(argv[i], NULL, 10));
    return 0;
}
