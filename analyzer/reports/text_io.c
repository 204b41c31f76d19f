/*
 * `report --all`: input and output by what was read and written, and by place. Its own file because
 * it is about bytes as well as about time.
 */
#include "analyzer/model/io_table.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>

/* Of what was not counted (connections waited for, say) there is no figure. */
static void count_cell(const struct cells *cells, uint64_t counted, struct unit_text text)
{
    text_wait_cell(cells, counted > 0 ? text.text : "-");
}

static void narrow_cell(const struct cells *cells, uint64_t counted, struct unit_text text)
{
    text_narrow_cell(cells, counted > 0 ? text.text : "-");
}

static void write_object(const struct text_report *report, const struct io_row *row)
{
    const struct cells *cells = &report->cells;
    const struct profile_object *object = &report->profile->objects[row->object];
    uint64_t calls = object->reads.calls + object->writes.calls;
    uint64_t onward = object->reads.onward + object->writes.onward;
    uint64_t small = object->reads.small + object->writes.small;
    char *name = wait_text_object(report->profile, row->object);

    text_narrow_cell(cells, units_duration((int64_t)row->blocked_ns).text);
    narrow_cell(cells, calls, text_narrow_count(object->reads.calls));
    narrow_cell(cells, calls, units_bytes((int64_t)object->reads.bytes));
    narrow_cell(cells, calls, text_narrow_count(object->writes.calls));
    narrow_cell(cells, calls, units_bytes((int64_t)object->writes.bytes));
    narrow_cell(cells, calls, units_percent((double)small, (double)calls));
    narrow_cell(cells, object->kind == TRACE_OBJECT_FILE ? calls : 0,
                units_percent((double)onward, (double)calls));
    fputs("  ", cells->out);
    char *shown = cells_elide(name, cells->columns - 7 * TEXT_NARROW_WIDTH - 2);
    fprintf(cells->out, "%s\n", shown);
    free(shown);
    free(name);
}

/* A thread tells of its calls every so many, and of the rest when it, or by it the process, ends. */
static void write_steps(const struct text_report *report)
{
    fputs("  ", report->cells.out);
    cells_wrap(&report->cells,
               "of a thread that was not over, and did not end the process, up to 512 calls per "
               "descriptor may be missing; others: files of few calls",
               2, 2, CELL_PLAIN);
}

static void write_objects(const struct text_report *report)
{
    static const char *const heads[] = {"blocked", "reads", "read",   "writes",
                                        "written", "small", "onward", NULL};
    struct io_table table;
    size_t i = 0;

    io_table_init(&table, report->profile);
    if (table.count > 0) {
        cells_heading(&report->cells, "Input and output",
                      "calls counted in steps; small: below 512 bytes; onward: where the one "
                      "before ended");
        text_narrow_heads(&report->cells, heads, "file or peer");
    }
    for (; i < table.count && i < report->top; i++)
        write_object(report, &table.rows[i]);
    text_more(&report->cells, i, table.count);
    if (table.count > 0)
        write_steps(report);
    io_table_release(&table);
}

static void write_place(const struct text_report *report, const struct wait_row *row)
{
    const struct cells *cells = &report->cells;
    char *place = wait_text_kind_and_place(report->profile, row->one);
    uint64_t waits = row->sums.count + row->sums.open; /* 0: looks found it */

    text_wait_cell(cells, units_duration((int64_t)row->sums.blocked_ns).text);
    count_cell(cells, waits, units_exact((int64_t)waits));
    count_cell(cells, waits, units_bytes((int64_t)row->sums.bytes));
    fputs("  ", cells->out);
    cells_wrap(cells, place, 32, 34, CELL_PLAIN);
    free(place);
}

void text_io(const struct text_report *report)
{
    static const char *const heads[] = {"blocked", "waits", "bytes", NULL};
    const enum wait_group io = WAIT_GROUP_IO;
    struct wait_rows rows;
    size_t i = 0;

    write_objects(report);
    wait_rows_init(&rows, report->profile, WAIT_BY_STACK | WAIT_BY_KIND, wait_is_of_group, &io);
    wait_rows_join(&rows, report->profile, wait_text_kind_and_place);
    if (rows.count > 0) {
        cells_heading(&report->cells, "Input and output by place",
                      "calls that took long enough to be told of, and their bytes");
        text_wait_heads(&report->cells, heads, "kind and place");
    }
    for (; i < rows.count && i < report->top; i++)
        write_place(report, &rows.rows[i]);
    text_more(&report->cells, i, rows.count);
    wait_rows_release(&rows);
}
