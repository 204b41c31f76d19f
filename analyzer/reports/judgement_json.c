/* The judgement as JSON. Its own file because several outputs hold it. */
#include "analyzer/reports/judgement_json.h"

static void write_class(struct json *json, enum bottleneck class, const struct judged_class *judged)
{
    json_object_begin(json, NULL);
    json_string(json, "class", bottleneck_name(class));
    if (judged->known)
        json_double(json, "share", judged->strength);
    else
        json_null(json, "share");
    json_string(json, "evidence", judged->known ? judged->evidence : NULL);
    json_string(json, "unavailable", judged->known ? NULL : judged->evidence);
    json_object_end(json);
}

static void write_score(struct json *json, enum score score, const struct judged_score *judged)
{
    json_object_begin(json, score_name(score));
    if (judged->known)
        json_double(json, "value", judged->value);
    else
        json_null(json, "value");
    json_string(json, "formula", score_formula(score));
    json_string(json, "inputs", judged->known ? judged->inputs : NULL);
    json_string(json, "unavailable", judged->known ? NULL : judged->inputs);
    json_object_end(json);
}

static void write_thread(struct json *json, const struct profile *profile,
                         const struct judged_thread *judged)
{
    const struct profile_thread *thread = &profile->threads[judged->thread];

    json_object_begin(json, NULL);
    json_int(json, "pid", profile->processes[thread->process].pid);
    json_int(json, "tid", thread->tid);
    json_string(json, "name", thread->name);
    if (judged->known)
        json_double(json, "efficiency", judged->efficiency);
    else
        json_null(json, "efficiency");
    json_double(json, "on_cpu_seconds", judged->cpu_ns / 1e9);
    json_double(json, "wall_seconds", judged->wall_ns / 1e9);
    json_double(json, "idle_seconds", judged->idle_ns / 1e9);
    json_object_end(json);
}

void judgement_json(struct json *json, const struct profile *profile,
                    const struct judgement *judgement)
{
    if (judgement == NULL) {
        json_null(json, "judgement");
        return;
    }
    json_object_begin(json, "judgement");
    json_string(json, "verdict", bottleneck_name(judgement->verdict));
    json_string(json, "runner_up",
                judgement->runner_up == BOTTLENECK_UNKNOWN ? NULL
                                                           : bottleneck_name(judgement->runner_up));
    json_string(json, "evidence", judgement->text);
    json_array_begin(json, "classes");
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++)
        write_class(json, (enum bottleneck)i, &judgement->classes[i]);
    json_array_end(json);
    json_object_begin(json, "scores");
    for (size_t i = 0; i < SCORES; i++)
        write_score(json, (enum score)i, &judgement->scores[i]);
    json_object_end(json);
    json_object_begin(json, "thread_efficiency");
    json_string(json, "formula", thread_efficiency_formula);
    json_array_begin(json, "threads");
    for (size_t i = 0; i < judgement->thread_count; i++)
        write_thread(json, profile, &judgement->threads[i]);
    json_array_end(json);
    json_object_end(json);
    json_object_end(json);
}
