/*
 * The sections of `report` about code: functions, paths, memory by function. Its
 * own file beside text_runs.c, the sections about who ran it.
 */
#include "analyzer/model/hot_paths.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_sections.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PLACE_HEAD "file:line"
#define NAME_HEAD "function"
#define PLACE_MOST 24
#define PLACE_LEAST 17
#define NAME_LEAST 14 /* columns; narrower names say less than a place does */
#define COLUMN_GAP 3
#define BAR_WIDTH 10 /* of a share, from 0 to 100 % */
#define PATH_SEPARATOR " > "
#define PATH_CUT "… > "
#define CALLER_WIDTH 24 /* columns names get in a path, so that several have room */
#define LEAF_WIDTH 36

struct ranked {
    int64_t value;
    uint32_t function;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *left = a, *right = b;

    if (left->value != right->value)
        return left->value > right->value ? -1 : 1;
    return (left->function > right->function) - (left->function < right->function);
}

/* Those of `order` in falling order; frees it. */
static uint32_t *in_order(struct ranked *order, size_t count)
{
    uint32_t *numbers = memory_alloc((count + 1) * sizeof(*numbers));

    qsort(order, count, sizeof(*order), compare_ranked);
    for (size_t i = 0; i < count; i++)
        numbers[i] = order[i].function;
    free(order);
    return numbers;
}

uint32_t *text_rank(const struct functions *functions,
                    int64_t (*value)(const struct function *function), size_t *count)
{
    struct ranked *order = memory_alloc((functions->count + 1) * sizeof(*order));

    *count = 0;
    for (size_t i = 0; i < functions->count; i++) {
        int64_t one = value(&functions->items[i]);
        if (one > 0)
            order[(*count)++] = (struct ranked){one, (uint32_t)i};
    }
    return in_order(order, *count);
}

uint32_t *text_rank_self(const struct functions *functions, enum metric metric, size_t *count)
{
    struct ranked *order = memory_alloc((functions->count + 1) * sizeof(*order));

    *count = 0;
    for (size_t i = 0; i < functions->count; i++) {
        int64_t one = functions->items[i].self[metric];
        if (one > 0)
            order[(*count)++] = (struct ranked){one, (uint32_t)i};
    }
    return in_order(order, *count);
}

void text_more(const struct cells *cells, size_t shown, size_t count)
{
    if (count > shown)
        fprintf(cells->out, "  and %zu more\n", count - shown);
}

static int wider(int width, const char *text)
{
    size_t length = utf8_length(text);

    return length > (size_t)width ? (int)length : width;
}

struct text_widths text_fit_columns(const struct text_report *report, const uint32_t *order,
                                    size_t shown, unsigned used)
{
    struct text_widths widths = {(int)strlen(NAME_HEAD), (int)strlen(PLACE_HEAD)};

    for (size_t i = 0; i < shown; i++) {
        const struct label *label = &report->functions.labels.items[order[i]];
        char *place = cells_place(label->file, label->line, label->module);
        widths.name = wider(widths.name, label->name);
        widths.place = wider(widths.place, place);
        free(place);
    }
    if (widths.place > PLACE_MOST)
        widths.place = PLACE_MOST;
    int room = (int)report->cells.columns - (int)used;
    /* Where names have no room, places have less: their ends say most. */
    int short_of = widths.name + COLUMN_GAP + widths.place - room;
    if (short_of > 0 && widths.place > PLACE_LEAST)
        widths.place =
            widths.place - short_of > PLACE_LEAST ? widths.place - short_of : PLACE_LEAST;
    int least = widths.name < NAME_LEAST ? widths.name : NAME_LEAST;
    if (room - widths.place - COLUMN_GAP < least)
        widths.place = 0;
    int left = widths.place > 0 ? room - widths.place - COLUMN_GAP : room;
    if (widths.name > left)
        widths.name = left;
    return widths;
}

void text_name_and_place(const struct cells *cells, const struct label *label,
                         struct text_widths widths)
{
    char *name = short_name(label->name, (size_t)widths.name);
    char *place = cells_place(label->file, label->line, label->module);
    char *shown = cells_elide(place, (size_t)widths.place);

    if (widths.place > 0) {
        cells_text(cells, name, widths.name + COLUMN_GAP, CELL_PLAIN);
        cells_text(cells, shown, (int)utf8_length(shown), CELL_DIM);
    } else {
        cells_text(cells, name, (int)utf8_length(name), CELL_PLAIN);
    }
    fputc('\n', cells->out);
    free(shown);
    free(place);
    free(name);
}

void text_head_and_place(const struct cells *cells, struct text_widths widths)
{
    cells_text(cells, NAME_HEAD,
               widths.place > 0 ? widths.name + COLUMN_GAP : (int)strlen(NAME_HEAD), CELL_DIM);
    if (widths.place > 0)
        cells_text(cells, PLACE_HEAD, (int)strlen(PLACE_HEAD), CELL_DIM);
    fputc('\n', cells->out);
}

void text_share(const struct cells *cells, int64_t part, int64_t whole, bool colored)
{
    double share = whole > 0 ? (double)part / (double)whole : 0;
    enum cell_color color = share >= 0.1 ? CELL_HOT : share >= 0.03 ? CELL_WARM : CELL_PLAIN;

    cells_text(cells, units_percent((double)part, (double)whole).text, -TEXT_SHARE_WIDTH,
               colored ? color : CELL_PLAIN);
}

static void write_function(const struct text_report *report, const struct function *function,
                           int64_t whole, struct text_widths widths)
{
    const struct cells *cells = &report->cells;
    enum metric metric = report->options->metric;

    text_share(cells, function->self[metric], whole, true);
    fputc(' ', cells->out);
    cells_bar(cells, function->self[metric], whole, BAR_WIDTH, CELL_DIM);
    text_share(cells, function->total[metric], whole, false);
    fputs("   ", cells->out);
    text_name_and_place(cells, &report->functions.labels.items[function->label], widths);
}

int64_t text_whole(const struct profile *profile, enum metric metric)
{
    int64_t gained = 0;

    if (!metric_info(metric)->is_signed)
        return profile_total(profile, metric);
    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t value = entries_value(&profile->entries, i, metric);
        gained = sum_signed(gained, value > 0 ? value : 0);
    }
    return gained;
}

char *text_whole_words(const struct profile *profile, enum metric metric)
{
    int64_t all = profile_total(profile, metric), whole = text_whole(profile, metric);
    struct unit_text text = metric_text(metric, all);

    if (whole == all)
        return memory_printf("%s in all", text.text);
    return memory_printf("%s in all, shares of the %s gained", text.text,
                         metric_text(metric, whole).text);
}

/* What the shares are of, where it is not what everybody expects. */
static void write_metric(const struct text_report *report)
{
    const struct metric_info *info = metric_info(report->options->metric);
    char *words = text_whole_words(report->profile, report->options->metric);
    char *note = memory_printf("%s; %s", words, info->label);

    cells_heading(&report->cells, info->title, note);
    free(note);
    free(words);
}

static void write_nothing(const struct text_report *report)
{
    bool is_cpu = report->options->metric == METRIC_CPU;
    bool is_part = report->profile->part != NULL;

    fprintf(report->cells.out, "\nnothing was %s%s\n", is_cpu ? "sampled" : "counted",
            is_part   ? " in this part"
            : !is_cpu ? ""
            : facts_never_resumed(report->profile, &report->facts)
                ? ": it was paused from the start, and nothing resumed it"
                : ": too little CPU time");
}

void text_functions(const struct text_report *report)
{
    const struct cells *cells = &report->cells;
    int64_t whole = text_whole(report->profile, report->options->metric);
    size_t count;
    uint32_t *order = text_rank_self(&report->functions, report->options->metric, &count);
    size_t shown = count < report->top ? count : report->top;
    struct text_widths widths =
        text_fit_columns(report, order, shown, 2 * TEXT_SHARE_WIDTH + BAR_WIDTH + 4);

    if (whole <= 0) {
        write_nothing(report);
        free(order);
        return;
    }
    if (report->options->metric == METRIC_CPU)
        fputc('\n', cells->out);
    else
        write_metric(report);
    cells_text(cells, "self", -TEXT_SHARE_WIDTH, CELL_DIM);
    cells_text(cells, "total", -TEXT_SHARE_WIDTH - BAR_WIDTH - 1, CELL_DIM);
    fputs("   ", cells->out);
    text_head_and_place(cells, widths);
    for (size_t i = 0; i < shown; i++)
        write_function(report, &report->functions.items[order[i]], whole, widths);
    text_more(cells, shown, count);
    free(order);
}

/* A path being written from its leaf towards its root. */
struct path {
    const struct call_tree *tree;
    const struct labels *labels;
    const uint32_t *nodes;
    size_t width, first; /* the nodes before `first` are not in the text */
    char *text;
};

static const char *name_at(const struct path *path, size_t i)
{
    return path->labels->items[path->tree->nodes[path->nodes[i]].label].name;
}

/* Between a program's function and what that ends in, the standard library of C++ puts ten
 * frames of its own, of which the first says all. */
static bool is_plumbing(const char *name)
{
    /* Templates have their result before their name. */
    for (size_t i = strcspn(name, "<("); i > 0; i--)
        if (name[i - 1] == ' ') {
            name += i;
            break;
        }
    return strncmp(name, "std::", 5) == 0 || strncmp(name, "__gnu_cxx::", 11) == 0;
}

/* Puts `name`, and PATH_CUT if something between is left out, before `text`. */
static char *put_before(const char *name, bool cut, const char *text)
{
    char *caller = short_name(name, CALLER_WIDTH);
    char *longer = memory_printf("%s%s%s%s", caller, PATH_SEPARATOR, cut ? PATH_CUT : "", text);

    free(caller);
    return longer;
}

static bool fits(const struct path *path, size_t first, const char *text)
{
    return utf8_length(text) + (first > 0 ? utf8_length(PATH_CUT) : 0) <= path->width;
}

/* Adds a caller, or a run of them as one: its first, if there is room for whoever called
 * that as well. False when there is no room. */
static bool add_callers(struct path *path)
{
    size_t run = 0;

    while (run < path->first && is_plumbing(name_at(path, path->first - run - 1)))
        run++;
    size_t first = path->first - (run > 0 ? run : 1);
    char *longer = put_before(name_at(path, first), run > 1, path->text);
    if (run > 0 && first > 0) {
        char *next = put_before(name_at(path, first - 1), false, longer);
        if (!fits(path, first - 1, next)) {
            free(longer);
            first--;
            longer = put_before(name_at(path, first), true, path->text);
        }
        free(next);
    }
    bool done = fits(path, first, longer);
    free(done ? path->text : longer);
    if (done) {
        path->text = longer;
        path->first = first;
    }
    return done;
}

/* As many callers before the leaf as fit into `width`, the nearest ones. */
static void write_path(const struct cells *cells, const struct call_tree *tree,
                       const struct labels *labels, const uint32_t *nodes, size_t count,
                       size_t width)
{
    struct path path = {tree, labels, nodes, width, count - 1, NULL};
    const char *leaf = name_at(&path, count - 1);

    path.text = short_name(leaf, is_plumbing(leaf) ? CALLER_WIDTH : LEAF_WIDTH);
    while (path.first > 0 && add_callers(&path))
        continue;
    fprintf(cells->out, "%s%s\n", path.first > 0 ? PATH_CUT : "", path.text);
    free(path.text);
}

/* What a value of sampled bytes is off by at most, see flamegraph.c; nothing of others. */
static void write_bound(const struct cells *cells, int64_t value, double interval)
{
    double error = value > 0 ? 1.96 * sqrt(interval / (double)value) : 1;
    char text[32] = "few";

    if (interval <= 0)
        return;
    if (error < 0.995)
        snprintf(text, sizeof(text), "±%.0f %%", 100 * error);
    cells_text(cells, text, -TEXT_SHARE_WIDTH, CELL_DIM);
}

static void write_paths(const struct text_report *report, const struct call_tree *tree,
                        const struct labels *labels, const struct hot_paths *paths,
                        const struct text_paths *shown)
{
    const struct cells *cells = &report->cells;
    int64_t whole = text_whole(report->profile, shown->metric);
    size_t width = cells->columns - (shown->interval > 0 ? 3 : 2) * TEXT_SHARE_WIDTH - 4;
    size_t count;

    if (paths->common != CALL_TREE_ROOT) {
        uint32_t *above = hot_paths_nodes(tree, CALL_TREE_ROOT, paths->common, &count);
        fprintf(cells->out, "  all below  ");
        write_path(cells, tree, labels, above, count, cells->columns - 13);
        free(above);
    }
    cells_text(cells, shown->head, -TEXT_SHARE_WIDTH, CELL_DIM);
    if (shown->interval > 0)
        cells_text(cells, "", TEXT_SHARE_WIDTH, CELL_PLAIN);
    cells_text(cells, "depth", -TEXT_SHARE_WIDTH - 1, CELL_DIM);
    fputs("   ", cells->out);
    cells_text(cells, "path", 4, CELL_DIM);
    fputc('\n', cells->out);
    for (size_t i = 0; i < paths->count; i++) {
        uint32_t *nodes = hot_paths_nodes(tree, paths->common, paths->leaves[i], &count);
        text_share(cells, tree->nodes[paths->leaves[i]].self, whole, true);
        write_bound(cells, tree->nodes[paths->leaves[i]].self, shown->interval);
        fprintf(cells->out, " %*" PRIu32 "   ", TEXT_SHARE_WIDTH,
                tree->nodes[paths->leaves[i]].depth);
        write_path(cells, tree, labels, nodes, count, width);
        free(nodes);
    }
}

void text_paths(const struct text_report *report, const struct text_paths *shown)
{
    const struct profile *profile = report->profile;
    struct labels labels;
    struct call_tree tree;
    struct hot_paths paths;

    labels_init(&labels, profile, LABEL_BY_FUNCTION,
                profile->process_count > 1 ? LABEL_ROOT_COMMAND : LABEL_ROOT_NONE);
    call_tree_init(&tree, profile, &labels, shown->metric, false);
    hot_paths_init(&paths, &tree, shown->count);
    if (paths.count > 0) {
        cells_heading(&report->cells, shown->title, shown->note);
        write_paths(report, &tree, &labels, &paths, shown);
    }
    hot_paths_release(&paths);
    call_tree_release(&tree);
    labels_release(&labels);
}

void text_hot_paths(const struct text_report *report)
{
    enum metric metric = report->options->metric;
    const struct metric_info *info = metric_info(metric);
    char *note = metric == METRIC_CPU
                     ? memory_strdup("whole stacks by CPU time, sampled")
                     : memory_printf("whole stacks by %s; %s", info->name, info->label);

    text_paths(report, &(struct text_paths){.metric = metric,
                                            .title = "Hot paths",
                                            .note = note,
                                            .head = metric == METRIC_CPU ? "CPU" : "share",
                                            .count = TEXT_HOT_PATHS});
    free(note);
}
