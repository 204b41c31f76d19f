/*
 * Known answers for recommendations: wastes time in one way for SECONDS of CPU time.
 *
 *     wasteful WAY SECONDS
 *
 *   writes     one byte at a time to /dev/null     copies    a large block, again and again
 *   temporary  blocks that are freed at once       blocks    many at a time, allocated and freed
 *   nothing    none of that
 */
#include "burn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIZE (4u << 20)
#define BLOCKS 2000

static char from[SIZE], to[SIZE];
static void *volatile kept[BLOCKS];
static int null_file;

static __attribute__((noipa)) void write_byte(void)
{
    for (int i = 0; i < 1000; i++)
        if (write(null_file, "x", 1) != 1)
            abort();
}

static __attribute__((noipa)) void copy_all(void)
{
    memcpy(to, from, SIZE);
    burn_sink += (uint64_t)to[burn_sink % SIZE];
}

static __attribute__((noipa)) void make_temporary(void)
{
    for (int i = 0; i < 1000; i++) {
        kept[0] = malloc(100 + (size_t)i % 50);
        free(kept[0]);
    }
}

static __attribute__((noipa)) void make_blocks(void)
{
    for (int i = 0; i < BLOCKS; i++)
        kept[i] = malloc(2000 + (size_t)i);
    for (int i = 0; i < BLOCKS; i++)
        free(kept[i]);
}

BURN_FUNCTION(do_nothing_else)

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*waste)(void);
    } ways[] = {{"writes", write_byte},
                {"copies", copy_all},
                {"temporary", make_temporary},
                {"blocks", make_blocks}};

    if (argc != 3)
        return 2;
    double seconds = atof(argv[2]);
    uint64_t end = burn_thread_ns() + (uint64_t)(seconds * 1e9);
    null_file = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (strcmp(argv[1], "nothing") == 0)
        do_nothing_else(seconds);
    for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++)
        while (strcmp(argv[1], ways[i].name) == 0 && burn_thread_ns() < end)
            ways[i].waste();
    return 0;
}
