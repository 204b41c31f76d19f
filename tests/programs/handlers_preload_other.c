/*
 * An allocator that may be interrupted anywhere: blocks are cut from one piece of memory,
 * and the last few thousand are all that is left of what was freed.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MEMORY (1u << 28)
#define ROUND (MEMORY / 2)

static _Alignas(64) char memory[MEMORY];
static size_t used;

/* The first half is for what is there to stay, the second is used over and over. */
static void *cut(size_t size, size_t alignment)
{
    size_t need = ((size + 15) & ~(size_t)15) + alignment;
    size_t at = __atomic_fetch_add(&used, need, __ATOMIC_RELAXED);
    if (at + need > ROUND)
        at = ROUND + at % (ROUND - (1u << 24));
    char *block = (char *)(((uintptr_t)memory + at + 16 + alignment - 1) & ~(alignment - 1));
    memcpy(block - 8, &size, sizeof size);
    return block;
}

void *malloc(size_t size)
{
    return size > 1u << 23 ? NULL : cut(size, 16);
}

void free(void *block)
{
    (void)block;
}

void *calloc(size_t count, size_t size)
{
    void *block = malloc(count * size);
    return block ? memset(block, 0, count * size) : NULL;
}

size_t malloc_usable_size(void *block)
{
    size_t size = 0;
    if (block)
        memcpy(&size, (char *)block - 8, sizeof size);
    return size;
}

void *realloc(void *block, size_t size)
{
    size_t before = malloc_usable_size(block);
    void *moved = malloc(size);
    return moved && block ? memcpy(moved, block, before < size ? before : size) : moved;
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    *block = cut(size, alignment);
    return 0;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return cut(size, alignment);
}

void *memalign(size_t alignment, size_t size)
{
    return cut(size, alignment);
}
