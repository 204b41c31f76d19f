/* Numbers and what they mean. Its own file because threads and stacks have them. */
#include "analyzer/load/numbers.h"

#include "analyzer/util/memory.h"

#include <string.h>

/* Those that are new mean 0. */
static void reach(struct numbers *numbers, size_t count)
{
    if (count <= numbers->count)
        return;
    while (numbers->capacity < count)
        numbers->meaning = memory_grow(numbers->meaning, numbers->capacity, &numbers->capacity,
                                       sizeof(*numbers->meaning));
    memset(numbers->meaning + numbers->count, 0,
           (count - numbers->count) * sizeof(*numbers->meaning));
    numbers->count = count;
}

void numbers_set(struct numbers *numbers, size_t at, uint32_t meaning)
{
    reach(numbers, at + 1);
    numbers->meaning[at] = meaning;
}

void numbers_fill(struct numbers *numbers, size_t from, size_t to, uint32_t meaning)
{
    reach(numbers, to);
    for (; from < to; from++)
        numbers->meaning[from] = meaning;
}
