/* Chains of threads whose tids look alike. */
#include "preload/tid_table.h"

#include <stddef.h>
#include <string.h>

#define BUCKETS 1024u /* power of two */

static struct thread *buckets[BUCKETS];
static uint32_t count;

static struct thread **bucket_of(int tid)
{
    return &buckets[(unsigned)tid % BUCKETS];
}

struct thread *tid_table_find(int tid)
{
    struct thread *thread = *bucket_of(tid);
    while (thread && thread->tid != tid)
        thread = thread->next_same;
    return thread;
}

void tid_table_add(struct thread *thread)
{
    struct thread **bucket = bucket_of(thread->tid);
    thread->next_same = *bucket;
    *bucket = thread;
    count++;
}

void tid_table_remove(struct thread *thread)
{
    struct thread **at = bucket_of(thread->tid);
    while (*at && *at != thread)
        at = &(*at)->next_same;
    if (!*at)
        return;
    *at = thread->next_same;
    count--;
}

void tid_table_each(void (*visit)(struct thread *thread))
{
    for (uint32_t i = 0; i < BUCKETS && count; i++)
        for (struct thread *thread = buckets[i]; thread; thread = thread->next_same)
            visit(thread);
}

void tid_table_clear(void)
{
    if (count)
        memset(buckets, 0, sizeof buckets);
    count = 0;
}

uint32_t tid_table_count(void)
{
    return count;
}
