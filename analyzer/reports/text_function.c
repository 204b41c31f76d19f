/*
 * `report --function`: one function seen from all sides. Its own file because it stands in place of
 * the first screen.
 */
#include "analyzer/model/function_match.h"
#include "analyzer/model/neighbours.h"
#include "analyzer/model/source_lines.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/source_text.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LINES 10        /* the hottest, unless --top says otherwise */
#define PLACE_WIDTH 24  /* of a line's number */
#define THREAD_WIDTH 32 /* columns of a name */

struct view {
    const struct text_report *report;
    const struct function_match *match;
    const struct neighbours *sums;
    enum metric metric;
    int64_t whole; /* of all stacks */
};

static const struct label *label_of(const struct view *view, uint32_t number)
{
    return &view->report->functions.labels.items[number];
}

/* The function's own label: of those with its name the one that knows most of where it is. */
static const struct label *own_label(const struct view *view)
{
    const struct labels *labels = &view->report->functions.labels;
    const struct label *best = label_of(view, view->match->found[0]);

    for (size_t i = 0; i < labels->count; i++)
        if (view->match->is_in[i] && (best->file == NULL || best->line == 0) &&
            labels->items[i].file != NULL)
            best = &labels->items[i];
    return best;
}

/* Places where functions of that name are, beside the one that is shown: they are taken together. */
static size_t other_places(const struct view *view)
{
    const struct labels *labels = &view->report->functions.labels;
    size_t count = 0;

    for (size_t i = 0; i < labels->count; i++)
        count += view->match->is_in[i];
    return count - 1;
}

/* "500 ms"; where shares are of something else than all, both. free(). */
static char *view_words(const struct view *view)
{
    const struct profile *profile = view->report->profile;

    if (view->whole != profile_total(profile, view->metric))
        return text_whole_words(profile, view->metric);
    return memory_strdup(metric_text(view->metric, view->whole).text);
}

static void write_head(const struct view *view)
{
    const struct cells *cells = &view->report->cells;
    const struct metric_info *info = metric_info(view->metric);
    const struct neighbours *sums = view->sums;
    const struct label *label = own_label(view);
    char *place = cells_place(label->file, label->line, label->module);
    char *words = view_words(view);
    char *facts = memory_printf("self %s (%s), total %s (%s) of %s; %s",
                                units_percent((double)sums->self, (double)view->whole).text,
                                metric_text(view->metric, sums->self).text,
                                units_percent((double)sums->total, (double)view->whole).text,
                                metric_text(view->metric, sums->total).text, words, info->label);

    char *name = short_name(label->name, cells->columns);
    cells_text(cells, name, (int)utf8_length(name), CELL_BOLD);
    free(name);
    fputc('\n', cells->out);
    bool has_both = label->file != NULL && label->module != NULL;
    char *module = has_both ? memory_printf(", in %s", label->module) : memory_strdup("");
    size_t others = other_places(view);
    char *more = others > 0 ? memory_printf("; with what is called so in %zu other %s", others,
                                            others == 1 ? "place" : "places")
                            : memory_strdup("");
    char *where = memory_printf("%s%s%s", place, module, more);
    free(more);
    free(module);
    fputs("  ", cells->out);
    cells_wrap(cells, where, 2, 2, CELL_DIM);
    size_t used = utf8_length(info->title) + 2;
    cells_text(cells, info->title, (int)used, CELL_BOLD);
    cells_wrap(cells, facts, used, used, CELL_PLAIN);
    if (sums->deepest > 1) {
        char *recursion = memory_printf(
            "on one stack up to %zu times, in %s of its total; every stack counts once, so that "
            "shares "
            "of callers may add up to more than 100 %%",
            sums->deepest, units_percent((double)sums->recursive, (double)sums->total).text);
        cells_text(cells, "Recursion", (int)used > 11 ? (int)used : 11, CELL_BOLD);
        cells_wrap(cells, recursion, used > 11 ? used : 11, used > 11 ? used : 11, CELL_PLAIN);
        free(recursion);
    }
    free(where);
    free(words);
    free(facts);
    free(place);
}

static void write_shares(const struct view *view, int64_t value)
{
    text_share(&view->report->cells, value, view->whole, true);
    fputs("  ", view->report->cells.out);
    text_share(&view->report->cells, value, view->sums->total, false);
    fputs("   ", view->report->cells.out);
}

static void write_share_heads(const struct view *view)
{
    cells_text(&view->report->cells, "of all", -TEXT_SHARE_WIDTH, CELL_DIM);
    cells_text(&view->report->cells, "of it", -TEXT_SHARE_WIDTH - 2, CELL_DIM);
    fputs("   ", view->report->cells.out);
}

/* Callers or callees; `none`: what NEIGHBOUR_NONE is called. */
static void write_neighbours(const struct view *view, const char *title, const char *note,
                             const struct neighbour *items, size_t count, const char *none)
{
    const struct text_report *report = view->report;
    size_t shown = count < report->top ? count : report->top;
    uint32_t *order = memory_alloc((shown + 1) * sizeof(*order));
    size_t named = 0;

    for (size_t i = 0; i < shown; i++)
        if (items[i].label != NEIGHBOUR_NONE)
            order[named++] = items[i].label;
    struct text_widths widths = text_fit_columns(report, order, named, 2 * TEXT_SHARE_WIDTH + 5);
    cells_heading(&report->cells, title, note);
    if (count == 0)
        fputs("  nothing\n", report->cells.out);
    else {
        write_share_heads(view);
        text_head_and_place(&report->cells, widths);
    }
    for (size_t i = 0; i < shown; i++) {
        write_shares(view, items[i].value);
        if (items[i].label == NEIGHBOUR_NONE)
            fprintf(report->cells.out, "%s\n", none);
        else
            text_name_and_place(&report->cells, label_of(view, items[i].label), widths);
    }
    text_more(&report->cells, shown, count);
    free(order);
}

static int compare_lines(const void *a, const void *b)
{
    const struct source_line *left = a, *right = b;

    if (left->self != right->self)
        return left->self > right->self ? -1 : 1;
    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

/* The texts of `count` lines, NULL where there is none: each file is read once, and one at a time,
 * as they may be large. `is_newer`: one of them changed since. free() them and the array. */
static char **read_texts(const struct view *view, const struct source_line *lines, size_t count,
                         bool *is_newer)
{
    const struct profile_process *root = view->report->facts.root;
    size_t width = view->report->cells.columns - (2 * TEXT_SHARE_WIDTH + 5 + PLACE_WIDTH + 2);
    char **texts = memory_alloc((count + 1) * sizeof(*texts));
    bool *is_read = memory_alloc(count + 1);

    for (size_t i = 0; i < count; i++) {
        struct source_text text;
        if (is_read[i])
            continue;
        source_text_init(&text, lines[i].file, view->report->options->source_dir,
                         root != NULL ? root->start_realtime_ns : 0);
        for (size_t j = i; j < count; j++)
            if (lines[j].file == lines[i].file) {
                texts[j] = source_text_stripped(&text, lines[j].line, width);
                is_read[j] = true;
            }
        *is_newer |= text.is_newer;
        source_text_release(&text);
    }
    free(is_read);
    return texts;
}

/* `shown`: its text, NULL: there is none. */
static void write_line(const struct view *view, const struct source_line *line, const char *shown)
{
    const struct cells *cells = &view->report->cells;
    char *place = cells_place(line->file, line->line, NULL);

    text_share(cells, line->self, view->whole, true);
    fputs("  ", cells->out);
    text_share(cells, line->total, view->whole, false);
    fputs("   ", cells->out);
    cells_text(cells, place, shown != NULL ? PLACE_WIDTH : (int)utf8_length(place), CELL_PLAIN);
    if (shown != NULL) {
        fputs("  ", cells->out);
        cells_text(cells, shown, (int)utf8_length(shown), CELL_DIM);
    }
    fputc('\n', cells->out);
    free(place);
}

static void write_lines(const struct view *view)
{
    const struct text_report *report = view->report;
    const struct profile *profile = report->profile;
    bool *is_wanted = memory_alloc(profile->frame_count + 1);
    size_t most = report->options->top > 0 ? report->options->top : LINES;
    struct source_lines lines;

    for (size_t i = 0; i < profile->frame_count; i++)
        is_wanted[i] = view->match->is_in[report->functions.labels.of_frame[i]];
    source_lines_init(&lines, profile, is_wanted, view->metric);
    cells_heading(&report->cells, "Its lines",
                  "shares of all; total: with what is called from there");
    if (lines.count == 0)
        fputs("  not known: there is no debug information for it\n", report->cells.out);
    else {
        qsort(lines.items, lines.count, sizeof(*lines.items), compare_lines);
        cells_text(&report->cells, "self", -TEXT_SHARE_WIDTH, CELL_DIM);
        cells_text(&report->cells, "total", -TEXT_SHARE_WIDTH - 2, CELL_DIM);
        fputs("   ", report->cells.out);
        cells_text(&report->cells, "line", 4, CELL_DIM);
        fputc('\n', report->cells.out);
    }
    bool is_newer = false;
    size_t count = lines.count < most ? lines.count : most;
    char **texts = read_texts(view, lines.items, count, &is_newer);
    for (size_t i = 0; i < count; i++) {
        write_line(view, &lines.items[i], texts[i]);
        free(texts[i]);
    }
    free(texts);
    text_more(&report->cells, most, lines.count);
    if (is_newer)
        fputs("  the text changed after the recording began: lines may be others\n",
              report->cells.out);
    source_lines_release(&lines);
    free(is_wanted);
}

struct of_thread {
    int64_t value;
    uint32_t thread;
};

static int compare_threads(const void *a, const void *b)
{
    const struct of_thread *left = a, *right = b;

    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    return (left->thread > right->thread) - (left->thread < right->thread);
}

static void write_threads(const struct view *view)
{
    const struct text_report *report = view->report;
    const struct profile *profile = report->profile;
    struct of_thread *order = memory_alloc((profile->thread_count + 1) * sizeof(*order));
    size_t count = 0;

    for (size_t i = 0; i < profile->thread_count; i++)
        if (view->sums->threads[i] > 0)
            order[count++] = (struct of_thread){view->sums->threads[i], (uint32_t)i};
    qsort(order, count, sizeof(*order), compare_threads);
    cells_heading(&report->cells, "Threads it is in", NULL);
    if (count == 0)
        fputs("  none\n", report->cells.out);
    else {
        write_share_heads(view);
        cells_text(&report->cells, "thread (tid)", 12, CELL_DIM);
        fputc('\n', report->cells.out);
    }
    for (size_t i = 0; i < count && i < report->top; i++) {
        const struct profile_thread *thread = &profile->threads[order[i].thread];
        char *name = cells_elide(thread->name, THREAD_WIDTH);
        write_shares(view, order[i].value);
        fprintf(report->cells.out, "%s (%" PRId32 ")\n", name, thread->tid);
        free(name);
    }
    text_more(&report->cells, report->top, count);
    free(order);
}

static bool is_in_it(const struct profile_wait *wait, const void *context)
{
    const struct neighbours *sums = context;

    return sums->is_inside[wait->stack];
}

static void write_waits(const struct view *view)
{
    static const char *const heads[] = {"blocked", "in calls", "longest", "waits", NULL};
    const struct text_report *report = view->report;
    struct wait_rows rows;

    if (!profile_has_metric(report->profile, METRIC_LOCK_WAIT))
        return;
    wait_rows_init(&rows, report->profile, WAIT_BY_KIND, is_in_it, view->sums);
    if (rows.count > 0) {
        cells_heading(&report->cells, "Waits in it", "with what it calls; as the hooks saw them");
        text_wait_heads(&report->cells, heads, "kind");
    }
    for (size_t i = 0; i < rows.count; i++) {
        text_wait_sums(&report->cells, &rows.rows[i].sums);
        fprintf(report->cells.out, "%s\n", wait_kind_name(rows.rows[i].one->kind));
    }
    wait_rows_release(&rows);
}

static void write_heap(const struct view *view)
{
    static const enum metric shown[] = {METRIC_ALLOC_BYTES, METRIC_ALLOC_COUNT,
                                        METRIC_TEMPORARY_COUNT, METRIC_PEAK_BYTES,
                                        METRIC_LIVE_BYTES};
    const struct text_report *report = view->report;
    const struct profile *profile = report->profile;
    int64_t sums[METRIC_COUNT] = {0}, any = 0;

    for (size_t i = 0; i < profile->entries.count; i++)
        for (size_t m = 0; m < sizeof(shown) / sizeof(*shown); m++)
            if (view->sums->is_inside[profile->entries.places[i].stack]) {
                sums[shown[m]] =
                    sum_signed(sums[shown[m]], entries_value(&profile->entries, i, shown[m]));
                any |= sums[shown[m]];
            }
    if (any == 0)
        return;
    char *note = memory_printf("with what it calls; %s", metric_info(METRIC_ALLOC_BYTES)->label);
    cells_heading(&report->cells, "Heap in it", note);
    for (size_t m = 0; m < sizeof(shown) / sizeof(*shown); m++) {
        int64_t whole = profile_total(profile, shown[m]);
        if (whole <= 0)
            continue;
        text_share(&report->cells, sums[shown[m]], whole, false);
        fprintf(report->cells.out, "   %s of %s: %s\n", metric_text(shown[m], sums[shown[m]]).text,
                metric_text(shown[m], whole).text, metric_info(shown[m])->title);
    }
    free(note);
}

static void write_view(const struct view *view)
{
    const struct neighbours *sums = view->sums;

    write_head(view);
    write_neighbours(view, "Called by", NULL, sums->callers, sums->caller_count,
                     "(nobody: stacks begin with it)");
    write_neighbours(view, "Calls", NULL, sums->callees, sums->callee_count, "(its own code)");
    write_lines(view);
    write_threads(view);
    write_waits(view);
    write_heap(view);
}

/* By falling total; free(). */
static uint32_t *rank_candidates(const struct text_report *report, const uint32_t *functions,
                                 size_t count)
{
    struct neighbour *order = memory_alloc((count + 1) * sizeof(*order));
    uint32_t *numbers = memory_alloc((count + 1) * sizeof(*numbers));

    for (size_t i = 0; i < count; i++)
        order[i] = (struct neighbour){
            functions[i], report->functions.items[functions[i]].total[report->options->metric]};
    neighbours_sort(order, count);
    for (size_t i = 0; i < count; i++)
        numbers[i] = order[i].label;
    free(order);
    return numbers;
}

void text_candidates(const struct text_report *report, const char *pattern,
                     const uint32_t *candidates, size_t count)
{
    const struct cells *cells = &report->cells;
    enum metric metric = report->options->metric;
    uint32_t *functions = rank_candidates(report, candidates, count);
    int64_t whole = text_whole(report->profile, metric);
    size_t shown = count < report->top ? count : report->top;
    struct text_widths widths =
        text_fit_columns(report, functions, shown, 2 * TEXT_SHARE_WIDTH + 5);
    char *head = memory_printf("'%s' fits %zu functions: which one?", pattern, count);

    cells_wrap(cells, head, 0, 0, CELL_PLAIN);
    free(head);
    fputc('\n', cells->out);
    cells_text(cells, "self", -TEXT_SHARE_WIDTH, CELL_DIM);
    cells_text(cells, "total", -TEXT_SHARE_WIDTH - 2, CELL_DIM);
    fputs("   ", cells->out);
    text_head_and_place(cells, widths);
    for (size_t i = 0; i < shown; i++) {
        const struct function *function = &report->functions.items[functions[i]];
        text_share(cells, function->self[metric], whole, true);
        fputs("  ", cells->out);
        text_share(cells, function->total[metric], whole, false);
        fputs("   ", cells->out);
        text_name_and_place(cells, &report->functions.labels.items[functions[i]], widths);
    }
    text_more(cells, shown, count);
    free(functions);
}

int text_function_check(const struct text_report *report, struct problem *problem)
{
    const char *pattern = report->options->function;
    struct function_match match;
    int status = 0;

    function_match_init(&match, &report->functions.labels, pattern);
    if (match.count == 0)
        status = problem_set(problem, PROBLEM_NOTHING,
                             "cannot find function '%s': no stack has one of that name", pattern);
    function_match_release(&match);
    return status;
}

void text_function(const struct text_report *report)
{
    const struct labels *labels = &report->functions.labels;
    struct function_match match;
    struct neighbours sums;

    function_match_init(&match, labels, report->options->function);
    if (match.count == 1) {
        struct view view = {report, &match, &sums, report->options->metric,
                            text_whole(report->profile, report->options->metric)};
        neighbours_init(&sums, report->profile, labels, match.is_in, view.metric);
        write_view(&view);
        neighbours_release(&sums);
    } else {
        text_candidates(report, report->options->function, match.found, match.count);
    }
    function_match_release(&match);
}
