/*
 * Costs by line. Its own file beside functions.c: frames are grouped by where they are, not by
 * what they are called.
 */
#include "analyzer/model/source_lines.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/sum.h"

#include <stdlib.h>
#include <string.h>

#define NO_LINE UINT32_MAX

/* Holds no padding: key_table compares bytes. Strings are interned. */
struct line_key {
    const char *file;
    uint64_t line;
};

struct call_key {
    const char *function, *file;
    uint64_t line;
};

struct counting {
    struct source_lines *lines;
    const struct profile *profile;
    const bool *is_wanted;
    uint32_t *line_of_frame;
    struct key_table *calls;
    size_t *line_counted, *call_counted; /* the last entry that did, plus one */
    size_t call_counted_capacity;
};

/* A number in `lines` for every wanted frame whose line is known. */
static void find_lines(struct counting *counting)
{
    struct key_table *table = key_table_new(sizeof(struct line_key));
    struct source_lines *lines = counting->lines;

    for (size_t i = 0; i < counting->profile->frame_count; i++) {
        const struct frame *frame = &counting->profile->frames[i];
        struct line_key key = {frame->file, frame->line};
        counting->line_of_frame[i] = NO_LINE;
        if (!counting->is_wanted[i] || frame->file == NULL || frame->line == 0)
            continue;
        uint32_t number = key_table_add(table, &key, (uint32_t)lines->count);
        if (number == lines->count) {
            lines->items =
                memory_grow(lines->items, lines->count, &lines->capacity, sizeof(*lines->items));
            lines->items[lines->count++] = (struct source_line){frame->file, frame->line, 0, 0};
        }
        counting->line_of_frame[i] = number;
    }
    key_table_free(table);
}

static void add_call(struct counting *counting, const struct frame *callee,
                     const struct frame *caller, size_t entry, int64_t value)
{
    struct source_lines *lines = counting->lines;
    struct call_key key = {callee->function, caller->file, caller->line};
    uint32_t number = key_table_add(counting->calls, &key, (uint32_t)lines->inlined_count);

    if (number == lines->inlined_count) {
        lines->inlined = memory_grow(lines->inlined, lines->inlined_count, &lines->inlined_capacity,
                                     sizeof(*lines->inlined));
        counting->call_counted =
            memory_grow(counting->call_counted, lines->inlined_count,
                        &counting->call_counted_capacity, sizeof(*counting->call_counted));
        counting->call_counted[number] = 0;
        lines->inlined[lines->inlined_count++] =
            (struct inlined_call){callee->function, caller->file, caller->line, 0};
    }
    if (counting->call_counted[number] == entry + 1)
        return;
    counting->call_counted[number] = entry + 1;
    lines->inlined[number].total = sum_signed(lines->inlined[number].total, value);
}

static void add_entry(struct counting *counting, size_t entry, int64_t value)
{
    const struct profile *profile = counting->profile;
    uint32_t leaf = profile->entries.places[entry].stack;

    for (uint32_t stack = leaf; stack != STACK_NONE;) {
        const struct stack_node *node = &profile->stacks[stack];
        uint32_t number = counting->line_of_frame[node->frame];
        if (number != NO_LINE) {
            struct source_line *line = &counting->lines->items[number];
            if (stack == leaf)
                line->self = sum_signed(line->self, value);
            if (counting->line_counted[number] != entry + 1)
                line->total = sum_signed(line->total, value);
            counting->line_counted[number] = entry + 1;
        }
        const struct frame *frame = &profile->frames[node->frame];
        uint32_t above = profile->stacks[node->parent].frame;
        if (frame->kind == FRAME_INLINED && node->parent != STACK_NONE &&
            (counting->is_wanted[node->frame] || counting->is_wanted[above]))
            add_call(counting, frame, &profile->frames[above], entry, value);
        stack = node->parent;
    }
}

static int compare_lines(const void *a, const void *b)
{
    const struct source_line *left = a, *right = b;
    int by_file = left->file == right->file ? 0 : strcmp(left->file, right->file);

    return by_file != 0 ? by_file : (left->line > right->line) - (left->line < right->line);
}

static int compare_calls(const void *a, const void *b)
{
    const struct inlined_call *left = a, *right = b;

    if (left->total != right->total)
        return left->total > right->total ? -1 : 1;
    int by_name = strcmp(left->function, right->function);
    return by_name != 0 ? by_name : (left->line > right->line) - (left->line < right->line);
}

void source_lines_init(struct source_lines *lines, const struct profile *profile,
                       const bool *is_wanted, enum metric metric)
{
    struct counting counting = {.lines = lines, .profile = profile, .is_wanted = is_wanted};

    *lines = (struct source_lines){.count = 0};
    counting.line_of_frame = memory_alloc((profile->frame_count + 1) * sizeof(uint32_t));
    find_lines(&counting);
    counting.line_counted = memory_alloc((lines->count + 1) * sizeof(size_t));
    counting.calls = key_table_new(sizeof(struct call_key));
    counting.call_counted =
        memory_grow(NULL, 0, &counting.call_counted_capacity, sizeof(*counting.call_counted));
    for (size_t i = 0; i < profile->entries.count; i++) {
        int64_t value = entries_value(&profile->entries, i, metric);
        if (value != 0)
            add_entry(&counting, i, value);
    }
    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof(*lines->items), compare_lines);
    if (lines->inlined_count > 0)
        qsort(lines->inlined, lines->inlined_count, sizeof(*lines->inlined), compare_calls);
    key_table_free(counting.calls);
    free(counting.call_counted);
    free(counting.line_counted);
    free(counting.line_of_frame);
}

void source_lines_release(struct source_lines *lines)
{
    free(lines->items);
    free(lines->inlined);
}
