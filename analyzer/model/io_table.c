/* Objects of input and output, in order. Its own file because most of them never made anybody wait. */
#include "analyzer/model/io_table.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>

static uint64_t bytes_of(const struct profile_object *object)
{
    return sum_unsigned(object->reads.bytes, object->writes.bytes);
}

static int compare_rows(const void *a, const void *b, void *context)
{
    const struct io_row *left = a, *right = b;
    const struct profile *profile = context;
    uint64_t left_bytes = bytes_of(&profile->objects[left->object]);
    uint64_t right_bytes = bytes_of(&profile->objects[right->object]);

    if (left->blocked_ns != right->blocked_ns)
        return left->blocked_ns > right->blocked_ns ? -1 : 1;
    if (left_bytes != right_bytes)
        return left_bytes > right_bytes ? -1 : 1;
    return (left->object > right->object) - (left->object < right->object);
}

void io_table_init(struct io_table *table, const struct profile *profile)
{
    struct io_row *all = memory_alloc((profile->object_count + 1) * sizeof(*all));
    size_t count = 0;

    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        if (wait->object == WAIT_OBJECT_NONE)
            continue;
        all[wait->object].blocked_ns =
            sum_unsigned(all[wait->object].blocked_ns, wait->sums.blocked_ns);
        all[wait->object].waits += wait->sums.count + wait->sums.open;
    }
    for (size_t i = 0; i < profile->object_count; i++) {
        const struct profile_object *object = &profile->objects[i];
        all[i].object = (uint32_t)i;
        /* Calls are counted of all threads and all the time: of a part only waits tell. */
        bool has_calls =
            profile->part == NULL && (object->reads.calls > 0 || object->writes.calls > 0);
        if (!object->has_address && (has_calls || all[i].waits > 0 || all[i].blocked_ns > 0))
            all[count++] = all[i];
    }
    if (count > 0)
        qsort_r(all, count, sizeof(*all), compare_rows, (void *)profile);
    *table = (struct io_table){.rows = all, .count = count};
}

void io_table_release(struct io_table *table)
{
    free(table->rows);
}
