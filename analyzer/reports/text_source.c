/*
 * `report --source`: source text with the cost of each line. Its own file because it stands in place
 * of the first screen.
 */
#include "analyzer/model/source_choice.h"
#include "analyzer/model/source_lines.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/source_region.h"
#include "analyzer/reports/source_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MOST 40  /* that cost something and are shown, unless --top says otherwise */
#define NUMBER_WIDTH 8 /* of a line's number */
#define CALLS_MOST 8   /* of inlined functions told of */
#define PLACE_WIDTH 26
#define NAME_MOST 60
#define FILE_SHARE_LEAST 0.01 /* of a function's lines: files with less are named only */

struct view {
    const struct text_report *report;
    const struct source_choice *choice;
    const struct source_lines *lines;
    enum metric metric;
    int64_t whole;
};

/* The lines of one file: `count` from `first` on. */
struct slice {
    const char *file;
    const struct source_line *first;
    size_t count;
    int64_t self;
};

static void write_line(const struct view *view, const struct source_text *text, uint32_t number,
                       const struct source_line *line)
{
    const struct cells *cells = &view->report->cells;
    unsigned used = 2 * TEXT_SHARE_WIDTH + 2 + NUMBER_WIDTH + 2;
    char *shown = source_text_line(text, number, cells->columns - used);

    if (line != NULL && line->self > 0)
        text_share(cells, line->self, view->whole, true);
    else
        cells_text(cells, "", TEXT_SHARE_WIDTH, CELL_PLAIN);
    fputs("  ", cells->out);
    if (line != NULL && line->total > 0)
        text_share(cells, line->total, view->whole, false);
    else
        cells_text(cells, "", TEXT_SHARE_WIDTH, CELL_PLAIN);
    char *digits = memory_printf("%" PRIu32, number);
    cells_text(cells, digits, -NUMBER_WIDTH, CELL_DIM);
    if (shown != NULL && *shown != '\0')
        fprintf(cells->out, "  %s", shown);
    fputc('\n', cells->out);
    free(digits);
    free(shown);
}

static void write_lines(const struct view *view, const struct slice *slice,
                        const struct source_text *text)
{
    const struct report_options *options = view->report->options;
    FILE *out = view->report->cells.out;
    size_t most = options->top > 0 ? options->top : LINES_MOST;
    bool begins_here = !view->choice->is_file && view->choice->decl_file == slice->file;
    struct source_region region;
    size_t at = 0;

    source_region_init(&region, slice->first, slice->count, most,
                       begins_here ? view->choice->decl_line : 0,
                       text->path != NULL ? (uint32_t)text->line_count : 0);
    for (size_t i = 0; i < region.count; i++) {
        uint32_t number = region.lines[i];
        if (i > 0 && number != region.lines[i - 1] + 1 && text->path != NULL)
            fprintf(out, "%*s\n", 2 * TEXT_SHARE_WIDTH + 2 + NUMBER_WIDTH, "...");
        while (at < slice->count && slice->first[at].line < number)
            at++;
        bool has_cost = at < slice->count && slice->first[at].line == number;
        write_line(view, text, number, has_cost ? &slice->first[at] : NULL);
    }
    if (region.costly > region.costly_shown)
        fprintf(out, "  and %zu more lines that cost less (--top shows them)\n",
                region.costly - region.costly_shown);
    source_region_release(&region);
}

/* Where the text is from, or why there is none. */
static void write_origin(const struct view *view, const struct slice *slice,
                         const struct source_text *text)
{
    const struct cells *cells = &view->report->cells;
    char *words = NULL;

    if (text->path == NULL)
        words =
            memory_printf("no text: looked %s; --source-dir DIR says where it is", text->looked);
    else if (strcmp(text->path, slice->file) != 0)
        words = memory_printf("text from %s%s", text->path,
                              text->is_newer ? ", changed after the recording began" : "");
    else if (text->is_newer)
        words = memory_strdup("its text changed after the recording began: lines may be others");
    if (words != NULL) {
        fputs("  ", cells->out);
        cells_wrap(cells, words, 2, 2, CELL_DIM);
    }
    free(words);
}

static void write_slice(const struct view *view, const struct slice *slice)
{
    const struct cells *cells = &view->report->cells;
    const struct profile_process *root = view->report->facts.root;
    struct source_text text;
    char *name = cells_elide(slice->file, cells->columns);

    fputc('\n', cells->out);
    cells_text(cells, name, (int)utf8_length(name), CELL_BOLD);
    fputc('\n', cells->out);
    source_text_init(&text, slice->file, view->report->options->source_dir,
                     root != NULL ? root->start_realtime_ns : 0);
    write_origin(view, slice, &text);
    cells_text(cells, "self", -TEXT_SHARE_WIDTH, CELL_DIM);
    cells_text(cells, "total", -TEXT_SHARE_WIDTH - 2, CELL_DIM);
    cells_text(cells, "line", -NUMBER_WIDTH, CELL_DIM);
    fputc('\n', cells->out);
    write_lines(view, slice, &text);
    source_text_release(&text);
    free(name);
}

/* The next file's lines after those of `slice`; false: there are no more. */
static bool next_slice(const struct source_lines *lines, struct slice *slice)
{
    const struct source_line *end = lines->items + lines->count;
    const struct source_line *next =
        slice->first != NULL ? slice->first + slice->count : lines->items;

    if (next == end)
        return false;
    *slice = (struct slice){next->file, next, 0, 0};
    for (; next < end && next->file == slice->file; next++, slice->count++)
        slice->self = sum_signed(slice->self, next->self);
    return true;
}

static void write_calls(const struct view *view)
{
    const struct source_lines *lines = view->lines;
    const struct cells *cells = &view->report->cells;
    int room = (int)cells->columns - TEXT_SHARE_WIDTH - 3 - PLACE_WIDTH - 2;

    if (lines->inlined_count == 0)
        return;
    cells_heading(cells, "Inlined",
                  "its cost is on its own lines, and in the total of the one that calls it");
    cells_text(cells, "total", -TEXT_SHARE_WIDTH, CELL_DIM);
    fputs("   ", cells->out);
    cells_text(cells, "called at", PLACE_WIDTH + 2, CELL_DIM);
    cells_text(cells, "function", 8, CELL_DIM);
    fputc('\n', cells->out);
    for (size_t i = 0; i < lines->inlined_count && i < CALLS_MOST; i++) {
        const struct inlined_call *call = &lines->inlined[i];
        char *place = cells_place(call->file, call->line, NULL);
        text_share(cells, call->total, view->whole, false);
        fputs("   ", cells->out);
        cells_text(cells, place, PLACE_WIDTH, CELL_PLAIN);
        fputs("  ", cells->out);
        char *clean = utf8_clean(call->function);
        char *name = short_name(clean, (size_t)room);
        fprintf(cells->out, "%s\n", name);
        free(clean);
        free(name);
        free(place);
    }
    text_more(cells, CALLS_MOST, lines->inlined_count);
}

static void write_head(const struct view *view, int64_t self)
{
    const struct cells *cells = &view->report->cells;
    const struct metric_info *info = metric_info(view->metric);
    const struct source_choice *choice = view->choice;
    const struct labels *labels = &view->report->functions.labels;
    char *what = choice->is_file
                     ? memory_strdup("this file")
                     : short_name(labels->items[choice->match.found[0]].name, NAME_MOST);
    char *text = memory_printf("%s of %s in the code of %s itself; %s",
                               units_percent((double)self, (double)view->whole).text,
                               metric_text(view->metric, view->whole).text, what, info->label);
    size_t used = utf8_length(info->title) + 2;

    cells_text(cells, info->title, (int)used, CELL_BOLD);
    cells_wrap(cells, text, used, used, CELL_PLAIN);
    free(what);
    free(text);
}

static void write_view(const struct view *view)
{
    struct slice slice = {.first = NULL};
    int64_t self = 0;

    while (next_slice(view->lines, &slice))
        self = sum_signed(self, slice.self);
    write_head(view, self);
    slice = (struct slice){.first = NULL};
    while (next_slice(view->lines, &slice))
        if (slice.file == view->choice->decl_file ||
            (double)slice.self >= FILE_SHARE_LEAST * (double)self)
            write_slice(view, &slice);
    write_calls(view);
}

static void write_files(const struct text_report *report, const struct source_choice *choice,
                        const char *pattern)
{
    const struct cells *cells = &report->cells;
    char *head = memory_printf("'%s' is the end of %zu files' paths: which one?", pattern,
                               choice->file_count);

    cells_wrap(cells, head, 0, 0, CELL_PLAIN);
    free(head);
    for (size_t i = 0; i < choice->file_count && i < report->top; i++) {
        char *name = cells_elide(choice->files[i], cells->columns - 2);
        fprintf(cells->out, "  %s\n", name);
        free(name);
    }
    text_more(cells, report->top, choice->file_count);
}

int text_source_check(const struct text_report *report, struct problem *problem)
{
    const char *pattern = report->options->source;
    struct source_choice choice;
    int status = 0;

    source_choice_init(&choice, report->profile, &report->functions.labels, pattern);
    if (!choice.is_file && choice.match.count == 0)
        status = problem_set(
            problem, PROBLEM_NOTHING,
            "cannot find '%s': no stack has a source file or a function of that name", pattern);
    else if (source_choice_is_clear(&choice) && choice.file_count == 0)
        status = problem_set(problem, PROBLEM_NOTHING,
                             "cannot show the source of '%s': there is no debug information for it "
                             "(--debug-dir says where it is)",
                             pattern);
    source_choice_release(&choice);
    return status;
}

void text_source(const struct text_report *report)
{
    const char *pattern = report->options->source;
    struct source_choice choice;
    struct source_lines lines;

    source_choice_init(&choice, report->profile, &report->functions.labels, pattern);
    if (source_choice_is_clear(&choice)) {
        struct view view = {report, &choice, &lines, report->options->metric,
                            text_whole(report->profile, report->options->metric)};
        source_lines_init(&lines, report->profile, choice.is_wanted, view.metric);
        write_view(&view);
        source_lines_release(&lines);
    } else if (choice.is_file) {
        write_files(report, &choice, pattern);
    } else {
        text_candidates(report, pattern, choice.match.found, choice.match.count);
    }
    source_choice_release(&choice);
}
