/* Numbers and what they mean. Its own file because threads and stacks have them. */
#include "analyzer/load/numbers.h"

#include "analyzer/util/memory.h"

void numbers_set(struct numbers *numbers, size_t at, uint32_t meaning)
{
    while (numbers->count <= at) {
        numbers->meaning = memory_grow(numbers->meaning, numbers->count, &numbers->capacity,
                                       sizeof(*numbers->meaning));
        numbers->meaning[numbers->count++] = 0;
    }
    numbers->meaning[at] = meaning;
}

void numbers_fill(struct numbers *numbers, size_t from, size_t to, uint32_t meaning)
{
    for (; from < to; from++)
        numbers_set(numbers, from, meaning);
}
