/*
 * JSON members about a run. Its own file so that `info`, `report` and `export`
 * name and round alike.
 */
#include "analyzer/reports/facts_json.h"

static void positive_or_null(struct json *json, const char *key, double value)
{
    if (value > 0)
        json_double(json, key, value);
    else
        json_null(json, key);
}

void facts_json_clock(struct json *json, const struct facts *facts)
{
    const struct profile_process *root = facts->root;

    positive_or_null(json, "frequency_asked", root != NULL ? (double)root->frequency_asked : 0);
    positive_or_null(json, "frequency_delivered", facts->frequency_delivered);
    positive_or_null(json, "looks_asked", root != NULL ? (double)root->looks_asked : 0);
    positive_or_null(json, "looks_delivered", facts_look_rate(facts));
    positive_or_null(json, "mean_weight", facts->weight);
    json_string(json, "clock", root != NULL ? root->clock : NULL);
    json_string(json, "unwinder", root != NULL ? root->unwinder : NULL);
}

void facts_json_counts(struct json *json, const struct facts *facts)
{
    json_uint(json, "samples", facts->samples);
    json_uint(json, "lost", facts->lost);
    json_uint(json, "truncated", facts->truncated);
    json_uint(json, "guessed", facts->guessed);
    json_uint(json, "broken", facts->broken);
    json_uint(json, "cpu_ns", facts->cpu_ns);
    json_uint(json, "wall_ns", facts->wall_ns);
    json_uint(json, "measured_ns", facts->coverage.measured_ns);
    json_uint(json, "sampled_ns", facts->coverage.sampled_ns);
    json_uint(json, "rest_ns", facts->coverage.rest_ns);
    json_uint(json, "paused_ns", facts->coverage.paused_ns);
}

void facts_json_memory(struct json *json, const char *key, const struct memory_totals *memory)
{
    json_object_begin(json, key);
    json_uint(json, "alloc_count", memory->alloc_count);
    json_uint(json, "alloc_bytes", memory->alloc_bytes);
    json_uint(json, "free_count", memory->free_count);
    json_uint(json, "free_bytes", memory->free_bytes);
    json_object_end(json);
}

void facts_json_place(struct json *json, const char *file, uint32_t line, const char *module)
{
    json_string(json, "file", file);
    if (line != 0)
        json_uint(json, "line", line);
    else
        json_null(json, "line");
    json_string(json, "module", module);
}

void facts_json_stack(struct json *json, const char *key, const struct profile *profile,
                      uint32_t stack)
{
    json_array_begin(json, key);
    for (; stack != STACK_NONE; stack = profile->stacks[stack].parent) {
        const struct frame *frame = &profile->frames[profile->stacks[stack].frame];
        json_object_begin(json, NULL);
        json_string(json, "function", frame->function);
        facts_json_place(json, frame->file, frame->line, frame->module);
        json_object_end(json);
    }
    json_array_end(json);
}
