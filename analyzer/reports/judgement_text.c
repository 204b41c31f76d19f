/* The judgement as text. Its own file because `correlate` and `report --all` both show it. */
#include "analyzer/reports/judgement_text.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <stdlib.h>

#define CLASS_WIDTH 12
#define SHARE_WIDTH 8
#define SCORE_WIDTH 8
#define THREAD_WIDTH 32
#define TIME_WIDTH 11
#define SHOWN_LEAST 0.005 /* of thread time: what rounds to one per cent */

static void line(const struct cells *cells, size_t indent, const char *name, const char *figure,
                 const char *text)
{
    size_t used = indent + CLASS_WIDTH + SHARE_WIDTH + 2;

    fprintf(cells->out, "%*s", (int)indent, "");
    cells_text(cells, name, CLASS_WIDTH, CELL_PLAIN);
    cells_text(cells, figure, -SHARE_WIDTH, CELL_PLAIN);
    fputs("  ", cells->out);
    cells_wrap(cells, text, used, used, CELL_PLAIN);
}

/* Classes by falling strength. */
static void rank(const struct judgement *judgement, enum bottleneck order[BOTTLENECK_CLASSES])
{
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        size_t at = i;
        double strength = judgement->classes[i].strength;
        for (; at > 0 && judgement->classes[order[at - 1]].strength < strength; at--)
            order[at] = order[at - 1];
        order[at] = (enum bottleneck)i;
    }
}

static void add_name(char **names, enum bottleneck class)
{
    char *longer =
        memory_printf("%s%s%s", *names, **names != '\0' ? ", " : "", bottleneck_name(class));

    free(*names);
    *names = longer;
}

void judgement_text_classes(const struct cells *cells, const struct judgement *judgement,
                            size_t indent)
{
    enum bottleneck order[BOTTLENECK_CLASSES] = {0};
    char *none = memory_strdup("");

    rank(judgement, order);
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        const struct judged_class *judged = &judgement->classes[order[i]];
        if (judged->known && judged->strength >= SHOWN_LEAST)
            line(cells, indent, bottleneck_name(order[i]), units_percent(judged->strength, 1).text,
                 judged->evidence);
        else if (judged->known)
            add_name(&none, order[i]);
    }
    if (*none != '\0')
        line(cells, indent, "none of", "0 %", none);
    free(none);
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        if (judgement->classes[i].known)
            continue;
        char *why = memory_printf("unavailable (%s)", judgement->classes[i].evidence);
        line(cells, indent, bottleneck_name((enum bottleneck)i), "-", why);
        free(why);
    }
}

static void write_scores(const struct cells *cells, const struct judgement *judgement)
{
    cells_heading(cells, "Scores", "0 to 100, by formula");
    for (size_t i = 0; i < SCORES; i++) {
        const struct judged_score *score = &judgement->scores[i];
        char *value = score->known ? memory_printf("%.0f", score->value) : memory_strdup("-");
        char *text = score->known
                         ? memory_printf("%s; %s", score_formula((enum score)i), score->inputs)
                         : memory_printf("unavailable (%s)", score->inputs);
        line(cells, 2, score_name((enum score)i), value, text);
        free(text);
        free(value);
    }
}

static void write_thread(const struct cells *cells, const struct profile *profile,
                         const struct judged_thread *one)
{
    const struct profile_thread *thread = &profile->threads[one->thread];
    char *clean = utf8_clean(thread->name);
    char *name = memory_printf("%s (%d)", clean, thread->tid);

    fputs("  ", cells->out);
    cells_text(cells, name, THREAD_WIDTH, CELL_PLAIN);
    cells_text(cells, one->known ? units_percent(one->efficiency, 1).text : "-", -SHARE_WIDTH,
               CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)one->cpu_ns).text, -TIME_WIDTH, CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)one->wall_ns).text, -TIME_WIDTH, CELL_PLAIN);
    cells_text(cells, units_duration((int64_t)one->idle_ns).text, -TIME_WIDTH, CELL_PLAIN);
    fputc('\n', cells->out);
    free(name);
    free(clean);
}

static void write_threads(const struct cells *cells, const struct profile *profile,
                          const struct judgement *judgement, size_t top)
{
    static const char *const heads[] = {"on-CPU", "wall", "idle"};

    if (judgement->thread_count == 0)
        return;
    cells_heading(cells, "Threads by efficiency", thread_efficiency_formula);
    fputs("  ", cells->out);
    cells_text(cells, "thread", THREAD_WIDTH, CELL_DIM);
    cells_text(cells, "ran", -SHARE_WIDTH, CELL_DIM);
    for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
        cells_text(cells, heads[i], -TIME_WIDTH, CELL_DIM);
    fputc('\n', cells->out);
    for (size_t i = 0; i < judgement->thread_count && i < top; i++)
        write_thread(cells, profile, &judgement->threads[i]);
    if (judgement->thread_count > top)
        fprintf(cells->out, "  and %zu more\n", judgement->thread_count - top);
}

void judgement_text(const struct cells *cells, const struct profile *profile,
                    const struct judgement *judgement, size_t top)
{
    if (judgement == NULL)
        return;
    cells_heading(cells, "Bottleneck", "shares of thread time; a verdict needs 40 %");
    fputs("  ", cells->out);
    cells_wrap(cells, judgement->text, 2, 2, CELL_BOLD);
    judgement_text_classes(cells, judgement, 2);
    write_scores(cells, judgement);
    write_threads(cells, profile, judgement, top);
}
