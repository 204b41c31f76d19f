/*
 * Allocation that never fails. Its own file because it is the one place in the
 * analyzer that decides what happens when memory runs out.
 */
#include "analyzer/util/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define FIRST_CAPACITY 16

void memory_exhausted(void)
{
    fputs("profinject: out of memory\n", stderr);
    exit(1); /* not _exit: what stdio still holds is to be written */
}

void *memory_alloc(size_t size)
{
    void *block = calloc(1, size != 0 ? size : 1);

    if (block == NULL)
        memory_exhausted();
    return block;
}

void *memory_resize(void *block, size_t size)
{
    void *moved = realloc(block, size != 0 ? size : 1);

    if (moved == NULL)
        memory_exhausted();
    return moved;
}

void *memory_map(size_t size)
{
    void *table = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (table == MAP_FAILED)
        memory_exhausted();
    madvise(table, size, MADV_HUGEPAGE);
    return table;
}

void memory_unmap(void *table, size_t size)
{
    if (table != NULL)
        munmap(table, size);
}

char *memory_strdup(const char *text)
{
    char *copy = strdup(text);

    if (copy == NULL)
        memory_exhausted();
    return copy;
}

char *memory_printf(const char *format, ...)
{
    char *text;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0)
        memory_exhausted();
    return text;
}

void *memory_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity != 0 ? *capacity * 2 : FIRST_CAPACITY;
    if (larger < *capacity || larger > SIZE_MAX / size)
        memory_exhausted();
    *capacity = larger;
    return memory_resize(array, larger * size);
}
