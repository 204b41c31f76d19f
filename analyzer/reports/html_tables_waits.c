/*
 * The HTML document's tables about waiting: by kind, by lock, by file or peer. Its own file beside
 * html_tables.c, as waits have models of their own.
 */
#include "analyzer/model/io_table.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/html_tables.h"

#include <stdlib.h>

/* `text` is freed. */
static void put_text(struct html_document *document, struct html_table *table, char *text)
{
    html_table_text(document, table, text);
    free(text);
}

/* A table of so many rows, NULL when there are none. */
static struct html_table *begin(struct html_document *document, const struct html_table *about,
                                size_t count)
{
    if (count == 0)
        return NULL;
    struct html_table *table = html_document_table(document, about);
    html_table_cut(document, table, count);
    return table;
}

static void put_sums(struct html_table *table, const struct wait_sums *sums)
{
    html_table_number(table, (double)sums->blocked_ns);
    html_table_number(table, (double)sums->total_ns);
    html_table_number(table, (double)sums->longest_ns);
    html_table_number(table, (double)(sums->count + sums->open));
}

static void add_kinds(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {
        .name = "waits",
        .title = "Waits by kind and place",
        .note = "as the hooks saw them; blocked: of the time in the calls",
        .columns = {{"blocked", "nanoseconds"},
                    {"in calls", "nanoseconds"},
                    {"longest", "nanoseconds"},
                    {"waits", "count"},
                    {"kind", "text"},
                    {"place", "text"}}};
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_KIND | WAIT_BY_STACK, NULL, NULL);
    wait_rows_join(&rows, profile, wait_text_kind_and_place);
    struct html_table *table = begin(document, &about, rows.count);
    for (size_t i = 0; i < rows.count && i < HTML_ROWS; i++) {
        put_sums(table, &rows.rows[i].sums);
        html_table_text(document, table, wait_kind_name(rows.rows[i].one->kind));
        put_text(document, table, wait_text_place(profile, rows.rows[i].one->stack));
    }
    wait_rows_release(&rows);
}

static void add_lock(struct html_document *document, struct html_table *table,
                     const struct profile *profile, const struct wait_row *lock)
{
    double share;
    const char *holder = wait_text_holder(profile, lock->one->object, WAIT_THREAD_NONE, &share);

    put_sums(table, &lock->sums);
    html_table_text(document, table, wait_kind_name(lock->one->kind));
    put_text(document, table, wait_text_object(profile, lock->one->object));
    if (holder != NULL)
        put_text(document, table, wait_text_call(holder));
    else
        html_table_unavailable(table);
}

static void add_locks(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {
        .name = "locks",
        .title = "Locks",
        .note = "behind: the function in which those who had the lock were met most",
        .columns = {{"blocked", "nanoseconds"},
                    {"in calls", "nanoseconds"},
                    {"longest", "nanoseconds"},
                    {"waits", "count"},
                    {"kind", "text"},
                    {"lock", "text"},
                    {"behind", "text"}}};
    const enum wait_group locks = WAIT_GROUP_LOCK;
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_OBJECT | WAIT_BY_KIND, wait_is_of_group, &locks);
    struct html_table *table = begin(document, &about, rows.count);
    for (size_t i = 0; i < rows.count && i < HTML_ROWS; i++)
        add_lock(document, table, profile, &rows.rows[i]);
    wait_rows_release(&rows);
}

/* Of what was not counted there is no figure. */
static void put_counted(struct html_table *table, uint64_t calls, uint64_t number)
{
    if (calls > 0)
        html_table_number(table, (double)number);
    else
        html_table_unavailable(table);
}

static void add_object(struct html_document *document, struct html_table *table,
                       const struct profile *profile, const struct io_row *row)
{
    const struct profile_object *object = &profile->objects[row->object];
    uint64_t calls = object->reads.calls + object->writes.calls;

    html_table_number(table, (double)row->blocked_ns);
    put_counted(table, calls, object->reads.calls);
    put_counted(table, calls, object->reads.bytes);
    put_counted(table, calls, object->writes.calls);
    put_counted(table, calls, object->writes.bytes);
    put_counted(table, calls, object->reads.small + object->writes.small);
    put_text(document, table, wait_text_object(profile, row->object));
}

static void add_io(struct html_document *document, const struct profile *profile)
{
    static const struct html_table about = {
        .name = "io",
        .title = "Input and output",
        .note = "calls counted in steps; small: calls below 512 bytes",
        .columns = {{"blocked", "nanoseconds"},
                    {"reads", "count"},
                    {"read", "bytes"},
                    {"writes", "count"},
                    {"written", "bytes"},
                    {"small", "count"},
                    {"file or peer", "text"}}};
    struct io_table io;

    io_table_init(&io, profile);
    struct html_table *table = begin(document, &about, io.count);
    for (size_t i = 0; i < io.count && i < HTML_ROWS; i++)
        add_object(document, table, profile, &io.rows[i]);
    io_table_release(&io);
}

void html_tables_waits(struct html_document *document, const struct profile *profile)
{
    add_kinds(document, profile);
    add_locks(document, profile);
    add_io(document, profile);
}
