/*
 * An allocator whose entries call one another by their exported names: calloc and realloc by
 * malloc and free, aligned blocks by memalign, and that cuts them from a larger one of malloc's.
 * Freed blocks are used again, by the powers of two their sizes fit in.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MEMORY ((size_t)1 << 30)
#define CLASSES 30
#define EXPORTED __attribute__((visibility("default")))

/* What lies before a block. */
struct head {
    struct chunk *chunk;
    size_t size;
};

struct chunk {
    struct chunk *next; /* of those that are free */
    size_t class;
    struct head head;
    char block[];
};
_Static_assert(sizeof(struct chunk) == 32, "blocks are aligned");

static _Alignas(4096) char memory[MEMORY];
static size_t used;
static struct chunk *unused[CLASSES];
static atomic_flag lock = ATOMIC_FLAG_INIT;

EXPORTED void *malloc(size_t size);
EXPORTED void *calloc(size_t count, size_t size);
EXPORTED void *realloc(void *block, size_t size);
EXPORTED void free(void *block);
EXPORTED size_t malloc_usable_size(void *block);
EXPORTED void *memalign(size_t alignment, size_t size);
EXPORTED void *aligned_alloc(size_t alignment, size_t size);
EXPORTED void *valloc(size_t size);
EXPORTED void *pvalloc(size_t size);
EXPORTED int posix_memalign(void **block, size_t alignment, size_t size);

static struct head *head_of(void *block)
{
    return (struct head *)block - 1;
}

static struct chunk *take(size_t class)
{
    while (atomic_flag_test_and_set(&lock))
        ;
    struct chunk *chunk = unused[class];
    if (chunk)
        unused[class] = chunk->next;
    else if (((size_t)1 << class) <= MEMORY - used) {
        chunk = (struct chunk *)(memory + used);
        used += (size_t)1 << class;
    }
    atomic_flag_clear(&lock);
    return chunk;
}

static void give(struct chunk *chunk)
{
    while (atomic_flag_test_and_set(&lock))
        ;
    chunk->next = unused[chunk->class];
    unused[chunk->class] = chunk;
    atomic_flag_clear(&lock);
}

void *malloc(size_t size)
{
    size_t class = 6;
    while (class < CLASSES && size > ((size_t)1 << class) - sizeof(struct chunk))
        class ++;
    struct chunk *chunk = class < CLASSES ? take(class) : NULL;
    if (!chunk) {
        errno = ENOMEM;
        return NULL;
    }
    chunk->class = class;
    chunk->head = (struct head){chunk, size};
    return chunk->block;
}

void free(void *block)
{
    if (block)
        give(head_of(block)->chunk);
}

size_t malloc_usable_size(void *block)
{
    return block ? head_of(block)->size : 0;
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    void *block = __builtin_mul_overflow(count, size, &bytes) ? NULL : malloc(bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

void *realloc(void *block, size_t size)
{
    size_t before = malloc_usable_size(block);
    void *moved = malloc(size);
    if (!moved || !block)
        return moved;
    memcpy(moved, block, before < size ? before : size);
    free(block);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    char *block = size < MEMORY && alignment < MEMORY ? malloc(size + alignment) : NULL;
    if (!block)
        return NULL;
    struct chunk *chunk = (struct chunk *)(block - offsetof(struct chunk, block));
    block += -(uintptr_t)block & (alignment - 1);
    *head_of(block) = (struct head){chunk, size};
    return block;
}

/* By a jump. */
__attribute__((optimize("O2"))) void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

void *valloc(size_t size)
{
    return memalign(4096, size);
}

void *pvalloc(size_t size)
{
    return valloc((size + 4095) & ~(size_t)4095);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    void *made = aligned_alloc(alignment, size);
    if (made)
        *block = made;
    return made ? 0 : ENOMEM;
}
