/*
 * Causes and places of incomplete stacks. Its own file because the names of the causes
 * are its own.
 */
#include "analyzer/reports/info_unwinding.h"

#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ROW "  %-20s "
#define PLACES_SHOWN 5

enum group { GROUP_FRAMES, GROUP_INCOMPLETE, GROUP_LOST, GROUP_COUNT };

static const char *const groups[GROUP_COUNT] = {"hard_frames", "incomplete", "lost"};
static const char *const titles[GROUP_COUNT] = {"hard frames", "incomplete", "lost for want of"};

static const struct cause {
    enum group group;
    const char *key, *text;
} causes[TRACE_UNWINDING_COUNT] = {
    [TRACE_UNWINDING_STATES] = {GROUP_FRAMES, "libunwind", "by libunwind's register states"},
    [TRACE_UNWINDING_REGISTERS] = {GROUP_FRAMES, "tables", "by every register from the tables"},
    [TRACE_UNWINDING_DEPTH] = {GROUP_INCOMPLETE, "depth", "deeper than --max-depth"},
    [TRACE_UNWINDING_NO_TABLE] = {GROUP_INCOMPLETE, "no_table", "in code without unwind tables"},
    [TRACE_UNWINDING_OUTSIDE] = {GROUP_INCOMPLETE, "outside_modules",
                                 "in code outside all modules"},
    [TRACE_UNWINDING_BAD_TABLE] = {GROUP_INCOMPLETE, "bad_table",
                                   "by an unwind table that misleads"},
    [TRACE_UNWINDING_UNREADABLE] = {GROUP_INCOMPLETE, "unreadable",
                                    "at memory that cannot be read"},
    [TRACE_UNWINDING_BACKWARDS] = {GROUP_INCOMPLETE, "backwards", "at a frame below its callee's"},
    [TRACE_UNWINDING_ASKED] = {GROUP_INCOMPLETE, "frame_pointers", "by frame pointers, as asked"},
    [TRACE_UNWINDING_NO_STACK] = {GROUP_LOST, "stack_room", "room on the stack"},
    [TRACE_UNWINDING_NO_NODES] = {GROUP_LOST, "stack_memory", "memory for new stacks"},
    [TRACE_UNWINDING_NO_RING] = {GROUP_LOST, "ring_room", "room in the thread's ring"},
    [TRACE_UNWINDING_NO_TRACE] = {GROUP_LOST, "trace_room", "room in the trace (--max-size)"},
};

static void json_quality(struct json *json, const char *key, const struct stack_quality *quality)
{
    json_object_begin(json, key);
    json_uint(json, "stacks", quality->stacks);
    json_uint(json, "truncated", quality->truncated);
    json_uint(json, "guessed", quality->guessed);
    json_uint(json, "broken", quality->broken);
    json_object_end(json);
}

static void json_troubles(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "troubles");
    for (size_t i = 0; i < profile->trouble_count; i++) {
        const struct profile_trouble *trouble = &profile->troubles[i];
        json_object_begin(json, NULL);
        json_string(json, "module", trouble->module);
        json_uint(json, "samples", trouble->samples);
        json_uint(json, "places", trouble->places);
        json_uint(json, "address", trouble->address);
        json_object_end(json);
    }
    json_array_end(json);
}

void info_unwinding_json(struct json *json, const struct facts *facts,
                         const struct profile *troubles)
{
    json_object_begin(json, "unwinding");
    for (int group = 0; group < GROUP_COUNT; group++) {
        json_object_begin(json, groups[group]);
        for (int i = 0; i < TRACE_UNWINDING_COUNT; i++)
            if ((int)causes[i].group == group)
                json_uint(json, causes[i].key, facts->unwinding[i]);
        json_object_end(json);
    }
    json_quality(json, "offcpu", &facts->offcpu);
    if (troubles != NULL)
        json_troubles(json, troubles);
    json_object_end(json);
}

static void text_group(FILE *out, const struct facts *facts, enum group group)
{
    const char *title = titles[group];

    for (int i = 0; i < TRACE_UNWINDING_COUNT; i++) {
        if (causes[i].group != group || facts->unwinding[i] == 0)
            continue;
        fprintf(out, ROW "%s %s\n", title, units_exact((int64_t)facts->unwinding[i]).text,
                causes[i].text);
        title = "";
    }
}

static void text_troubles(FILE *out, const struct profile *profile)
{
    for (size_t i = 0; i < profile->trouble_count && i < PLACES_SHOWN; i++) {
        const struct profile_trouble *trouble = &profile->troubles[i];
        char *module = utf8_clean(trouble->module != NULL ? trouble->module : "modules");
        fprintf(out, ROW "%s %s %s, most at 0x%" PRIx64 "\n", i == 0 ? "no way on" : "",
                units_exact((int64_t)trouble->samples).text,
                trouble->module != NULL ? "in" : "outside", module, trouble->address);
        free(module);
    }
}

void info_unwinding_text(FILE *out, const struct facts *facts, const struct profile *troubles)
{
    const struct stack_quality *offcpu = &facts->offcpu;

    text_group(out, facts, GROUP_INCOMPLETE);
    text_troubles(out, troubles);
    text_group(out, facts, GROUP_FRAMES);
    if (offcpu->stacks > 0)
        fprintf(
            out, ROW "%s, of them %s truncated, %s guessed, %s broken\n", "off-CPU stacks",
            units_exact((int64_t)offcpu->stacks).text, units_exact((int64_t)offcpu->truncated).text,
            units_exact((int64_t)offcpu->guessed).text, units_exact((int64_t)offcpu->broken).text);
    text_group(out, facts, GROUP_LOST);
}
