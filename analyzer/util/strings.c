/*
 * Interned strings. Its own file because names are shared by everything from
 * the symbols to the reports, and only here is their memory looked after.
 */
#include "analyzer/util/strings.h"

#include "analyzer/util/memory.h"

#include <libiberty/hashtab.h>
#include <libiberty/objalloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#define FIRST_SIZE 1021

struct strings {
    htab_t slots;
    struct objalloc *texts; /* struct string, freed all at once */
};

struct string {
    uint32_t hash;
    uint32_t size; /* of text, without its NUL; longer ones are cut there */
    char text[];
};

struct wanted {
    const void *bytes;
    uint32_t size;
    uint32_t hash;
};

static hashval_t string_hash(const void *element)
{
    return ((const struct string *)element)->hash;
}

static int string_equal(const void *element, const void *candidate)
{
    const struct string *string = element;
    const struct wanted *wanted = candidate;

    return string->hash == wanted->hash && string->size == wanted->size &&
           memcmp(string->text, wanted->bytes, wanted->size) == 0;
}

struct strings *strings_new(void)
{
    struct strings *table = memory_alloc(sizeof(*table));

    table->slots = htab_create_alloc(FIRST_SIZE, string_hash, string_equal, NULL, calloc, free);
    table->texts = objalloc_create();
    if (table->slots == NULL || table->texts == NULL)
        memory_exhausted();
    return table;
}

void strings_free(struct strings *table)
{
    if (table == NULL)
        return;
    htab_delete(table->slots);
    objalloc_free(table->texts);
    free(table);
}

const char *strings_intern_bytes(struct strings *table, const void *bytes, size_t size)
{
    uint32_t length = (uint32_t)strnlen(bytes, size < UINT32_MAX / 2 ? size : UINT32_MAX / 2);
    struct wanted wanted = {bytes, length, (uint32_t)XXH3_64bits(bytes, length)};
    void **slot = htab_find_slot_with_hash(table->slots, &wanted, wanted.hash, INSERT);

    if (slot == NULL)
        memory_exhausted();
    if (*slot == NULL) {
        struct string *added = objalloc_alloc(table->texts, sizeof(*added) + length + 1ul);
        if (added == NULL)
            memory_exhausted();
        added->hash = wanted.hash;
        added->size = length;
        memcpy(added->text, bytes, length);
        added->text[length] = '\0';
        *slot = added;
    }
    return ((const struct string *)*slot)->text;
}

const char *strings_intern(struct strings *table, const char *text)
{
    return text != NULL ? strings_intern_bytes(table, text, strlen(text)) : NULL;
}
