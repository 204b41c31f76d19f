/*
 * html_judgement.h. Its own file as the one that turns verdicts into JSON for the page.
 */
#include "analyzer/reports/html_judgement.h"

#include "analyzer/model/judgement.h"
#include "analyzer/model/labels.h"
#include "analyzer/model/recommendation.h"
#include "analyzer/reports/html_document.h"

#include <math.h>

static double rounded(double value)
{
    return round(value * 10000) / 10000;
}

static void write_classes(struct json *json, const struct judgement *judgement)
{
    json_array_begin(json, "classes");
    for (int i = 0; i < BOTTLENECK_CLASSES; i++) {
        const struct judged_class *one = &judgement->classes[i];
        json_object_begin(json, NULL);
        json_string(json, "name", bottleneck_name((enum bottleneck)i));
        json_double(json, "strength", one->known ? rounded(one->strength) : NAN);
        json_text(json, "evidence", one->evidence);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_scores(struct json *json, const struct judgement *judgement)
{
    json_array_begin(json, "scores");
    for (int i = 0; i < SCORES; i++) {
        const struct judged_score *score = &judgement->scores[i];
        json_object_begin(json, NULL);
        json_string(json, "name", score_name((enum score)i));
        json_string(json, "formula", score_formula((enum score)i));
        json_double(json, "value", score->known ? rounded(score->value) : NAN);
        json_text(json, "inputs", score->inputs);
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_threads(struct json *json, const struct judgement *judgement)
{
    json_string(json, "thread_formula", thread_efficiency_formula);
    json_array_begin(json, "threads");
    for (size_t i = 0; i < judgement->thread_count && i < HTML_ROWS; i++) {
        const struct judged_thread *thread = &judgement->threads[i];
        json_object_begin(json, NULL);
        json_uint(json, "thread", thread->thread);
        json_double(json, "efficiency", thread->known ? rounded(thread->efficiency) : NAN);
        json_double(json, "cpu", round(thread->cpu_ns));
        json_double(json, "wall", round(thread->wall_ns));
        json_double(json, "idle", round(thread->idle_ns));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_judgement(struct json *json, const struct judgement *judgement)
{
    if (judgement == NULL) {
        json_null(json, "judgement");
        return;
    }
    json_object_begin(json, "judgement");
    json_string(json, "verdict", bottleneck_name(judgement->verdict));
    json_string(json, "title", bottleneck_title(judgement->verdict));
    json_text(json, "text", judgement->text);
    json_string(json, "runner_up",
                judgement->runner_up == BOTTLENECK_UNKNOWN ? NULL
                                                           : bottleneck_name(judgement->runner_up));
    json_double(json, "least", BOTTLENECK_LEAST);
    write_classes(json, judgement);
    write_scores(json, judgement);
    write_threads(json, judgement);
    json_object_end(json);
}

/* Labels of the innermost functions of a stack; marks are none. */
static void write_functions(struct json *json, const struct html_findings *findings, uint32_t stack)
{
    const struct profile *profile = findings->profile;
    unsigned count = 0;

    json_array_begin(json, "labels");
    for (; stack != STACK_NONE && count < HTML_ADVICE_FRAMES;
         stack = profile->stacks[stack].parent) {
        uint32_t frame = profile->stacks[stack].frame;
        if (profile->frames[frame].kind == FRAME_MARK)
            continue;
        json_uint(json, NULL, findings->labels->of_frame[frame]);
        count++;
    }
    json_array_end(json);
}

static void write_advice(struct json *json, const struct html_findings *findings)
{
    const struct recommendations *all = findings->recommendations;

    json_array_begin(json, "advice");
    for (size_t i = 0; all != NULL && i < all->count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "rule", all->items[i].rule);
        json_text(json, "advice", all->items[i].advice);
        json_text(json, "finding", all->items[i].finding);
        json_double(json, "share", rounded(all->items[i].share));
        write_functions(json, findings, all->items[i].stack);
        json_object_end(json);
    }
    json_array_end(json);
}

void html_judgement_write(struct json *json, const struct html_findings *findings)
{
    write_judgement(json, findings->judgement);
    write_advice(json, findings);
}
