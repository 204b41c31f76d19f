/*
 * Classes of blocks. Its own file because reports of one process and of several join
 * and read them without a heap to replay.
 */
#include "analyzer/model/heap_classes.h"

const uint64_t heap_life_low[HEAP_LIFE_CLASSES + 1] = {
    0,           10,           100,           1000,           10000,
    100000,      1000000,      10000000,      100000000,      1000000000,
    10000000000, 100000000000, 1000000000000, 10000000000000, UINT64_MAX};

void heap_amount_join(struct heap_amount *amount, const struct heap_amount *other)
{
    estimate_join(&amount->count, &other->count);
    estimate_join(&amount->bytes, &other->bytes);
}

struct heap_range heap_classes_range(const struct heap_amount *classes, size_t count)
{
    struct heap_range range = {0, count};

    while (range.first < range.end && classes[range.first].count.total <= 0)
        range.first++;
    while (range.end > range.first && classes[range.end - 1].count.total <= 0)
        range.end--;
    return range;
}
