/* Grouping of waits. Its own file because every table of waits is made of it. */
#include "analyzer/model/wait_rows.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/strings.h"

#include <stdlib.h>

/* No padding: key_table compares bytes. */
struct row_key {
    uint32_t kind, object, thread, peer, peer_thread, stack;
};

static struct row_key key_of(const struct profile_wait *wait, unsigned by)
{
    struct row_key key = {.kind = 0};

    if (by & WAIT_BY_KIND)
        key.kind = wait->kind;
    if (by & WAIT_BY_OBJECT)
        key.object = wait->object;
    if (by & WAIT_BY_THREAD)
        key.thread = wait->thread;
    if (by & WAIT_BY_PEER) {
        key.peer = (uint32_t)wait->peer;
        key.peer_thread = wait->peer_thread;
    }
    if (by & WAIT_BY_STACK)
        key.stack = wait->stack;
    return key;
}

static int compare_rows(const void *a, const void *b)
{
    const struct wait_row *left = a, *right = b;

    if (left->sums.blocked_ns != right->sums.blocked_ns)
        return left->sums.blocked_ns > right->sums.blocked_ns ? -1 : 1;
    if (left->sums.total_ns != right->sums.total_ns)
        return left->sums.total_ns > right->sums.total_ns ? -1 : 1;
    return (left->one > right->one) - (left->one < right->one);
}

void wait_rows_init(struct wait_rows *rows, const struct profile *profile, unsigned by,
                    wait_choice *choice, const void *context)
{
    struct key_table *index = key_table_new(sizeof(struct row_key));
    size_t capacity = 0;

    *rows = (struct wait_rows){.count = 0};
    for (size_t i = 0; i < profile->wait_count; i++) {
        const struct profile_wait *wait = &profile->waits[i];
        if (choice != NULL && !choice(wait, context))
            continue;
        struct row_key key = key_of(wait, by);
        uint32_t number = key_table_add(index, &key, (uint32_t)rows->count);
        if (number == rows->count) {
            rows->rows = memory_grow(rows->rows, rows->count, &capacity, sizeof(*rows->rows));
            rows->rows[rows->count++] = (struct wait_row){.one = wait};
        }
        wait_sums_add(&rows->rows[number].sums, &wait->sums);
    }
    if (rows->count > 0)
        qsort(rows->rows, rows->count, sizeof(*rows->rows), compare_rows);
    key_table_free(index);
}

void wait_rows_join(struct wait_rows *rows, const struct profile *profile, wait_row_name *name)
{
    struct strings *names = strings_new();
    struct key_table *index = key_table_new(sizeof(const char *));
    size_t count = 0;

    for (size_t i = 0; i < rows->count; i++) {
        char *text = name(profile, rows->rows[i].one);
        const char *key = strings_intern(names, text);
        uint32_t number = key_table_add(index, &key, (uint32_t)count);
        free(text);
        if (number == count)
            rows->rows[count++] = rows->rows[i];
        else
            wait_sums_add(&rows->rows[number].sums, &rows->rows[i].sums);
    }
    rows->count = count;
    if (count > 0)
        qsort(rows->rows, count, sizeof(*rows->rows), compare_rows);
    key_table_free(index);
    strings_free(names);
}

void wait_rows_release(struct wait_rows *rows)
{
    free(rows->rows);
}

bool wait_is_of_group(const struct profile_wait *wait, const void *context)
{
    return wait_kind_group(wait->kind) == *(const enum wait_group *)context;
}

bool wait_is_alike(const struct profile_wait *wait, const void *context)
{
    const struct profile_wait *other = context;

    return wait->object == other->object && wait->kind == other->kind;
}

bool wait_is_woken(const struct profile_wait *wait, const void *context)
{
    (void)context;
    /* One that was never over, nobody ended. */
    return wait->peer != 0 && wait->sums.count > 0 &&
           wait_kind_group(wait->kind) != WAIT_GROUP_LOCK;
}
