/*
 * `diff` as text: one screen of what changed, and how sure that is. Its own file as one output.
 */
#include "analyzer/model/diff_changes.h"
#include "analyzer/model/diff_functions.h"
#include "analyzer/reports/diff_json.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/short_name.h"
#include "analyzer/reports/text_cells.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_DEFAULT 10
#define CALLER_ROWS 5
#define VALUE_WIDTH 9
#define CHANGE_WIDTH 18 /* "+1.20 ±0.31", or "-12.1 MiB ±3.4 MiB" */
#define PART_WIDTH 9
#define NAME_LEAST 20
#define PLACE_MOST 18
#define GROWTH_TOLD 0.05 /* of the total; less is told by the first line alone */

struct diff_text {
    struct cells cells;
    const struct diff *diff;
    const struct diff_changes *changes;
    struct labels labels;
    size_t rows;
};

/* What a growing and a shrinking value of the metric are called. */
struct words {
    const char *up, *down;
};

static struct words words_of(enum metric metric)
{
    switch (metric_info(metric)->unit) {
    case UNIT_NANOSECONDS:
        return (struct words){"slower", "faster"};
    case UNIT_BYTES:
        return (struct words){"bigger", "smaller"};
    case UNIT_COUNT:
        break;
    }
    return (struct words){"more", "fewer"};
}

/* Three digits: changes of 1 % of a share of 30 % are what this is about. */
static struct unit_text share_text(double share)
{
    struct unit_text result;

    if (share != 0 && share < 0.01)
        return units_percent(share, 1);
    snprintf(result.text, sizeof(result.text), share < 0.1 ? "%.2f %%" : "%.1f %%", 100 * share);
    return result;
}

static struct unit_text value_text(const struct diff_text *text, double value)
{
    return text->changes->absolute ? metric_text(text->diff->metric, llround(value))
                                   : share_text(value);
}

/* "+3.1 %": of what there was before. */
static struct unit_text part_text(double difference, double before)
{
    struct unit_text result = {"new"};

    if (before > 0 && difference / before >= 10)
        snprintf(result.text, sizeof(result.text), "x%.3g", 1 + difference / before);
    else if (before > 0)
        snprintf(result.text, sizeof(result.text), "%+.*f %%",
                 fabs(difference / before) < 0.0995 ? 1 : 0, 100 * difference / before);
    return result;
}

/* "+1.20 ±0.31" in points, or with units. */
static char *change_text(const struct diff_text *text, const struct change *change)
{
    double difference = change_difference(change);
    double off = fmax(difference - change->low, change->high - difference);
    const char *sign = difference < 0 ? "-" : "+";

    if (!text->changes->absolute && !change->known)
        return memory_printf("%+.2f", 100 * difference);
    if (!text->changes->absolute)
        return memory_printf("%+.2f ±%.2f", 100 * difference, 100 * off);
    struct unit_text size = metric_text(text->diff->metric, llround(fabs(difference)));
    if (!change->known)
        return memory_printf("%s%s", sign, size.text);
    return memory_printf("%s%s ±%s", sign, size.text,
                         metric_text(text->diff->metric, llround(off)).text);
}

static void write_head(const struct diff_text *text, bool total)
{
    const struct cells *cells = &text->cells;

    cells_text(cells, "before", -VALUE_WIDTH, CELL_DIM);
    cells_text(cells, "after", -VALUE_WIDTH, CELL_DIM);
    const char *what = text->changes->absolute ? "change" : "points";
    char *title = memory_printf("%s%s", what, text->changes->judged ? " ±95 %" : "");
    cells_text(cells, title, -CHANGE_WIDTH - 1, CELL_DIM);
    free(title);
    cells_text(cells, "change", -PART_WIDTH, CELL_DIM);
    fprintf(cells->out, "  ");
    cells_text(cells, total ? "function, with what it calls" : "function", total ? 28 : 8,
               CELL_DIM);
    fputc('\n', cells->out);
}

static void write_row(const struct diff_text *text, const struct function_change *item, bool total)
{
    const struct cells *cells = &text->cells;
    const struct change *change = total ? &item->total : &item->self;
    const struct label *label = &text->labels.items[item->function];
    char *sizes = change_text(text, change);
    int room = (int)cells->columns - 2 * VALUE_WIDTH - CHANGE_WIDTH - 1 - PART_WIDTH - 2;
    char *place = cells_place(label->file, label->line, label->module);
    int place_width = (int)utf8_length(place) > PLACE_MOST ? PLACE_MOST : (int)utf8_length(place);
    enum cell_color color = !change->significant            ? CELL_PLAIN
                            : change_difference(change) > 0 ? CELL_HOT
                                                            : CELL_BOLD;

    if (room < NAME_LEAST)
        room = NAME_LEAST;
    char *name = short_name(label->name, (size_t)room);
    bool has_place = (int)utf8_length(name) + 1 + place_width <= room;
    cells_text(cells, value_text(text, change->before).text, -VALUE_WIDTH, CELL_PLAIN);
    cells_text(cells, value_text(text, change->after).text, -VALUE_WIDTH, CELL_PLAIN);
    cells_text(cells, sizes, -CHANGE_WIDTH - 1, CELL_PLAIN);
    cells_text(cells, part_text(change_difference(change), change->before).text, -PART_WIDTH,
               color);
    fprintf(cells->out, "  %s", name);
    if (has_place) {
        fputc(' ', cells->out);
        cells_text(cells, place, place_width, CELL_DIM);
    }
    fputc('\n', cells->out);
    free(name);
    free(place);
    free(sizes);
}

/* Which functions a section shows. */
enum section { SECTION_UP, SECTION_DOWN, SECTION_CALLERS, SECTION_OTHERS };

static bool is_of(const struct function_change *item, enum section section)
{
    double self = change_difference(&item->self);

    switch (section) {
    case SECTION_UP:
        return item->self.significant && self > 0;
    case SECTION_DOWN:
        return item->self.significant && self <= 0;
    case SECTION_CALLERS:
        return !item->self.significant && item->total.significant;
    case SECTION_OTHERS:
        break;
    }
    return !item->self.significant && !item->total.significant &&
           (item->self.before != 0 || item->self.after != 0);
}

static void write_section(const struct diff_text *text, enum section section, const char *title,
                          size_t rows)
{
    const struct diff_changes *changes = text->changes;
    bool total = section == SECTION_CALLERS;
    size_t count = 0;

    for (size_t i = 0; i < changes->count; i++) {
        if (!is_of(&changes->items[i], section))
            continue;
        if (count++ == 0) {
            cells_heading(&text->cells, title, NULL);
            write_head(text, total);
        }
        if (count <= rows)
            write_row(text, &changes->items[i], total);
    }
    if (count > rows)
        fprintf(text->cells.out, "  and %zu more\n", count - rows);
}

static void wrap(const struct diff_text *text, char *line)
{
    cells_wrap(&text->cells, line, 0, 2, CELL_PLAIN);
    free(line);
}

static char *runs_text(const struct diff *diff, enum diff_side side)
{
    size_t count = diff->side_runs[side];

    if (count > 1)
        return memory_printf("%zu recordings", count);
    for (size_t r = 0; r < diff->run_count; r++)
        if (diff->runs[r].side == side)
            return utf8_clean(diff->runs[r].name);
    return memory_strdup("none");
}

/* Of several runs, but not on both sides. */
static bool has_few(const struct diff *diff)
{
    return diff->run_count > 2 &&
           (diff->side_runs[DIFF_BEFORE] < 2 || diff->side_runs[DIFF_AFTER] < 2);
}

/* What became of the whole, before anything else. */
static void write_whole(const struct diff_text *text)
{
    const struct change *whole = &text->changes->whole;
    const struct metric_info *info = metric_info(text->diff->metric);
    const char *each = text->diff->run_count > 2 ? " per recording" : "";
    double difference = change_difference(whole);
    struct words words = words_of(text->diff->metric);
    struct unit_text before = metric_text(text->diff->metric, llround(whole->before));
    struct unit_text after = metric_text(text->diff->metric, llround(whole->after));
    char *sure = NULL;

    if (whole->known && whole->before > 0)
        sure = memory_printf(" (95 %%: %+.1f to %+.1f %%); %s%s", 100 * whole->low / whole->before,
                             100 * whole->high / whole->before,
                             whole->low <= 0 && whole->high >= 0 ? "no significant change"
                             : has_few(text->diff)               ? "perhaps "
                                                                 : "",
                             whole->low > 0    ? words.up
                             : whole->high < 0 ? words.down
                                               : "");
    else if (difference != 0)
        sure = memory_strdup("; how much runs differ by chance one recording a side cannot tell");
    wrap(text, memory_printf("%s (%s): %s -> %s%s, %s%s", info->title, info->label, before.text,
                             after.text, each, part_text(difference, whole->before).text,
                             sure != NULL ? sure : ""));
    free(sure);
    if (whole->known && has_few(text->diff))
        wrap(text, memory_strdup("One recording on one side: how much such ones differ is known "
                                 "from the other side alone."));
}

/* Both sides have runs of programs of one name, or one has none at all. */
static bool is_one_program(const struct diff *diff)
{
    bool any = false;

    for (size_t r = 0; r < diff->run_count; r++)
        for (size_t s = 0; s < r; s++) {
            const struct profile_process *left = diff_run_process(diff, s);
            const struct profile_process *right = diff_run_process(diff, r);
            if (diff->runs[r].side == diff->runs[s].side || left == NULL || right == NULL)
                continue;
            if (left->comm == right->comm) /* interned */
                return true;
            any = true;
        }
    return !any;
}

static char *program_of(const struct diff *diff, enum diff_side side)
{
    for (size_t r = 0; r < diff->run_count; r++)
        if (diff->runs[r].side == side && diff_run_process(diff, r) != NULL)
            return utf8_clean(diff_run_process(diff, r)->comm);
    return memory_strdup("?");
}

/* What makes figures mean something else than a reader expects. */
static void write_sides(const struct diff_text *text)
{
    const struct diff *diff = text->diff;

    if (diff->run_count == 2 &&
        diff_is_same_process(diff_run_process(diff, 0), diff_run_process(diff, 1)))
        wrap(text, memory_strdup("Both sides are the same recording."));
    if (is_one_program(diff))
        return;
    char *before = program_of(diff, DIFF_BEFORE), *after = program_of(diff, DIFF_AFTER);
    wrap(text, memory_printf("These are different programs: %s before, %s after.", before, after));
    free(before);
    free(after);
}

static void write_basis(const struct diff_text *text)
{
    const struct diff *diff = text->diff;
    char *before = runs_text(diff, DIFF_BEFORE), *after = runs_text(diff, DIFF_AFTER);
    const char *what = text->changes->absolute ? "values" : "shares of the total";

    wrap(text, memory_printf("Before: %s. After: %s. Compared: %s%s%s.", before, after, what,
                             diff->profile->part != NULL ? ", " : "",
                             diff->profile->part != NULL ? diff->profile->part : ""));
    free(before);
    free(after);
}

/* Where all functions grew alike, or too little each, shares hide that the total did. */
static void write_growth(const struct diff_text *text)
{
    const struct diff_changes *changes = text->changes;
    const struct change *whole = &changes->whole;
    const struct function_change *most = NULL;
    double difference = change_difference(whole), largest = 0;
    bool matters = fabs(difference) >= GROWTH_TOLD * whole->before &&
                   (!whole->known || whole->low > 0 || whole->high < 0);

    if (changes->absolute || changes->significant > 0 || !matters || difference == 0)
        return;
    for (size_t i = 0; i < changes->count; i++) {
        const struct change *self = &changes->items[i].self;
        double own = self->after * whole->after - self->before * whole->before;
        if (own / difference > largest) {
            largest = own / difference;
            most = &changes->items[i];
        }
    }
    if (most == NULL)
        return;
    char *name = short_name(text->labels.items[most->function].name, 40);
    wrap(text,
         memory_printf("But the total %s: of that about %s%s in %s, the most. See --absolute, "
                       "which compares values.",
                       difference > 0 ? "grew" : "shrank", difference > 0 ? "+" : "-",
                       metric_text(text->diff->metric, llround(fabs(largest * difference))).text,
                       name));
    free(name);
}

/* How much there is that did not change, and what could not have been seen. */
static void write_noise(const struct diff_text *text)
{
    const struct diff_changes *changes = text->changes;
    size_t others = changes->tested - changes->significant;

    fputc('\n', text->cells.out);
    if (!changes->judged) {
        wrap(text, memory_strdup("One recording a side: what differs is told as it is; how much of "
                                 "it is chance, only several recordings a side can tell."));
        return;
    }
    if (changes->significant == 0)
        wrap(text, memory_printf("No significant change of a function%s: %zu compared, %zu had "
                                 "too little to tell.",
                                 changes->absolute ? "" : "'s share", changes->tested,
                                 changes->count - changes->tested));
    else
        wrap(text, memory_printf("%zu %s no significant change; %zu had too little to tell.",
                                 others, others == 1 ? "function has" : "functions have",
                                 changes->count - changes->tested));
    write_growth(text);
    if (changes->detectable > 0) {
        char *name = short_name(text->labels.items[changes->largest].name, 40);
        wrap(text,
             memory_printf("Changes below %.*f %% of %s, the largest function, are within "
                           "the noise of these recordings; of smaller functions larger ones "
                           "are.",
                           changes->detectable < 0.0995 ? 1 : 0, 100 * changes->detectable, name));
        free(name);
    }
    if (!changes->from_runs)
        wrap(text,
             memory_strdup("One recording a side: ±95 % is the error of sampling, and of what "
                           "comes in bursts; how much runs differ besides, several "
                           "recordings a side tell."));
}

static void write_sections(const struct diff_text *text, bool all)
{
    struct words words = words_of(text->diff->metric);
    const char *what = text->changes->absolute ? "" : ": a larger share of the total";
    const char *less = text->changes->absolute ? "" : ": a smaller share of the total";
    char *up = memory_printf("%s%s", words.up, what);
    char *down = memory_printf("%s%s", words.down, less);
    bool judged = text->changes->judged;

    up[0] = (char)(up[0] - 'a' + 'A');
    down[0] = (char)(down[0] - 'a' + 'A');
    write_section(text, SECTION_UP, up, text->rows);
    write_section(text, SECTION_DOWN, down, text->rows);
    write_section(text, SECTION_CALLERS, "By what they call", all ? SIZE_MAX : CALLER_ROWS);
    if (all || !judged)
        write_section(text, SECTION_OTHERS,
                      judged ? "Not significant" : "Differences, largest first",
                      all ? SIZE_MAX : text->rows);
    free(up);
    free(down);
}

static int write_diff(const struct profile *profile, const struct report_options *options,
                      FILE *out, struct problem *problem)
{
    struct diff_text text = {
        .cells = {.out = out, .color = options->color, .columns = options->columns},
        .diff = options->diff,
        .changes = options->changes,
        .rows = options->top};

    (void)problem;
    if (text.rows == 0)
        text.rows = options->all ? SIZE_MAX : ROWS_DEFAULT;
    labels_init(&text.labels, profile, LABEL_BY_FUNCTION, LABEL_ROOT_NONE);
    if (options->json) {
        diff_json_write(text.diff, text.changes, &text.labels, out);
    } else {
        write_whole(&text);
        write_basis(&text);
        write_sides(&text);
        write_sections(&text, options->all);
        write_noise(&text);
    }
    labels_release(&text.labels);
    return 0;
}

const struct report report_diff_text = {.name = "text", .write = write_diff};
