/*
 * Stands behind profinject's library in LD_PRELOAD: its constructor runs before
 * that one's, its destructor after; both allocate, and
 * say so on stderr.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void allocate(const char *say)
{
    char *copy = strdup(say);
    copy = realloc(copy, 50000);
    if (write(STDERR_FILENO, copy, strlen(copy)) < 0)
        _exit(1);
    free(copy);
    free(calloc(100, 100));
}

__attribute__((constructor)) static void constructed(void)
{
    allocate("before\n");
}

__attribute__((destructor)) static void destructed(void)
{
    allocate("after\n");
}
