/*
 * Allocates before, in and after a pause, and frees in it what was there before. Of the
 * blocks of these sizes a recording has: 1001: 100, all freed; 1002: none; 1003: 100, of
 * which 100 are live; 1004 (resized in the pause from what was there before): none, and
 * nothing of it is live.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 100 };

static void fill(char **blocks, size_t size)
{
    for (int i = 0; i < BLOCKS; i++)
        blocks[i] = memset(malloc(size), 1, size);
}

static void drop(char **blocks)
{
    for (int i = 0; i < BLOCKS; i++)
        free(blocks[i]);
}

static void call(const char *name)
{
    int (*function)(void) = (int (*)(void))dlsym(RTLD_DEFAULT, name);
    if (function)
        function();
}

int main(void)
{
    static char *before[BLOCKS], *resized[BLOCKS], *in[BLOCKS], *after[BLOCKS];
    fill(before, 1001);
    fill(resized, 1001);
    call("profinject_pause");
    drop(before);
    for (int i = 0; i < BLOCKS; i++)
        resized[i] = realloc(resized[i], 1004);
    fill(in, 1002);
    call("profinject_resume");
    drop(in);
    fill(after, 1003);
    return after[BLOCKS - 1] && resized[0] ? 0 : 1;
}
