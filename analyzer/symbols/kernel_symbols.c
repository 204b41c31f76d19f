/*
 * The kernel's list of symbols. Its own file because the kernel is no file with a
 * symbol table: what it tells is text, and valid until the next boot.
 */
#include "analyzer/symbols/kernel_symbols.h"

#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct kernel_symbols {
    struct kernel_symbol *items; /* by address */
    size_t count, capacity;
};

/* Of several names of an address the first by name, so that equal lists give equal names. */
static int compare(const void *a, const void *b)
{
    const struct kernel_symbol *left = a, *right = b;

    if (left->address != right->address)
        return left->address > right->address ? 1 : -1;
    return strcmp(right->name, left->name);
}

static void add_line(struct kernel_symbols *symbols, const char *line)
{
    char *end;
    uint64_t address = strtoull(line, &end, 16);

    if (end == line || address == 0 || end[0] != ' ' || strchr("tTwW", end[1]) == NULL ||
        end[1] == '\0' || end[2] != ' ')
        return;
    const char *name = end + 3;
    size_t length = strcspn(name, " \t\n");
    if (length == 0)
        return;
    symbols->items =
        memory_grow(symbols->items, symbols->count, &symbols->capacity, sizeof(*symbols->items));
    symbols->items[symbols->count++] =
        (struct kernel_symbol){address, memory_printf("%.*s", (int)length, name)};
}

struct kernel_symbols *kernel_symbols_new(const char *path)
{
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;

    if (in == NULL)
        return NULL;
    struct kernel_symbols *symbols = memory_alloc(sizeof(*symbols));
    while (getline(&line, &capacity, in) > 0)
        add_line(symbols, line);
    free(line);
    fclose(in);
    if (symbols->count > 0) {
        qsort(symbols->items, symbols->count, sizeof(*symbols->items), compare);
        return symbols;
    }
    kernel_symbols_free(symbols);
    return NULL;
}

void kernel_symbols_free(struct kernel_symbols *symbols)
{
    for (size_t i = 0; symbols != NULL && i < symbols->count; i++)
        free((char *)symbols->items[i].name);
    if (symbols != NULL)
        free(symbols->items);
    free(symbols);
}

const struct kernel_symbol *kernel_symbols_find(const struct kernel_symbols *symbols,
                                                uint64_t address)
{
    size_t low = 0, high = symbols->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (symbols->items[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &symbols->items[low - 1] : NULL;
}
