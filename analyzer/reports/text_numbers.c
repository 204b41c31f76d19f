/*
 * Numbering of texts. Its own file because formats with tables of strings all need it.
 */
#include "analyzer/reports/text_numbers.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>

void text_numbers_init(struct text_numbers *texts)
{
    *texts = (struct text_numbers){.strings = strings_new(),
                                   .table = key_table_new(sizeof(const char *)),
                                   .raw = key_table_new(sizeof(const char *))};
}

void text_numbers_release(struct text_numbers *texts)
{
    free(texts->items);
    free(texts->of_raw);
    strings_free(texts->strings);
    key_table_free(texts->table);
    key_table_free(texts->raw);
}

uint32_t text_numbers_copy(struct text_numbers *texts, const char *text)
{
    char *clean = utf8_clean(text);
    const char *interned = strings_intern(texts->strings, clean);
    const uint32_t number = key_table_add(texts->table, &interned, (uint32_t)texts->count);

    if (number == texts->count) {
        texts->items =
            memory_grow(texts->items, texts->count, &texts->capacity, sizeof(*texts->items));
        texts->items[texts->count++] = interned;
    }
    free(clean);
    return number;
}

uint32_t text_numbers_of(struct text_numbers *texts, const char *text)
{
    const uint32_t raw = key_table_add(texts->raw, &text, (uint32_t)texts->raw_count);

    if (raw == texts->raw_count) {
        texts->of_raw = memory_grow(texts->of_raw, texts->raw_count, &texts->raw_capacity,
                                    sizeof(*texts->of_raw));
        texts->of_raw[texts->raw_count++] = text_numbers_copy(texts, text);
    }
    return texts->of_raw[raw];
}
