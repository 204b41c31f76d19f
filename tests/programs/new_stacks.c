/*
 * Stacks without end: new_stacks STACKS DEPTH [burn]
 *
 * STACKS times (0: endlessly) goes down DEPTH calls, each to one of eight functions by chance, so that
 * stacks hardly ever come twice, and there allocates and frees 100 bytes; with `burn` it computes
 * for 100 us instead, for samples. How many were done stands in the file $PHASES_TRUTH, if it
 * is there, of 8 bytes.
 */
#include "burn.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>

static uint64_t chance = 1;
static bool burns;
static void *volatile sink;
static unsigned long elsewhere;
static volatile unsigned long *done = &elsewhere;
static volatile int returned;

BURN_FUNCTION(burn)

static void descend(int depth);

#define WAY(number)                                                        \
    static __attribute__((noinline, noclone)) void way_##number(int depth) \
    {                                                                      \
        descend(depth);                                                    \
        returned += number;                                                \
    }

WAY(1)
WAY(2)
WAY(3)
WAY(4)
WAY(5)
WAY(6)
WAY(7)
WAY(8)

static __attribute__((noinline)) void leaf(void)
{
    if (burns) {
        burn(0.0001);
        return;
    }
    sink = malloc(100);
    free(sink);
}

static void descend(int depth)
{
    static void (*const ways[])(int) = {way_1, way_2, way_3, way_4, way_5, way_6, way_7, way_8};
    if (depth <= 0) {
        leaf();
        return;
    }
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    ways[chance >> 61](depth - 1);
}

int main(int argc, char **argv)
{
    unsigned long stacks = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    int depth = argc > 2 ? atoi(argv[2]) : 20;
    const char *truth = getenv("PHASES_TRUTH");
    int fd = truth ? open(truth, O_RDWR) : -1;
    void *mapped = mmap(NULL, sizeof *done, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (mapped != MAP_FAILED)
        done = mapped;
    burns = argc > 3;
    for (unsigned long i = 0; stacks == 0 || i < stacks; i++) {
        descend(depth);
        *done = i + 1;
    }
    return 0;
}
