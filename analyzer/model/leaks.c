/*
 * Grouping of leaks. Its own file because text and JSON show the same groups in the same
 * order.
 */
#include "analyzer/model/leaks.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Keys hold no padding: key_table compares bytes. */
struct group_key {
    uint32_t stack, kind;
};

struct member_key {
    uint32_t group, member;
};

/* Threads and processes that have a part in each group. */
struct members {
    struct key_table *threads, *processes;
    double *bytes; /* one per thread of a group: no more than leaks */
    size_t thread_count, process_count;
};

/* Two calls in one line, as of a loop that was unrolled, are two stacks that look the same:
 * one stack of them stands for all. */
struct same_stacks {
    const struct profile *profile;
    struct key_table *frames, *stacks;
    uint32_t *number; /* of the stack that stands for each */
};

struct frame_key {
    const char *function, *file, *module;
    uint64_t address; /* of frames without a line */
    uint32_t line, unused;
};

struct stack_key {
    uint32_t parent, frame;
};

static void same_stacks_release(struct same_stacks *same)
{
    key_table_free(same->frames);
    key_table_free(same->stacks);
    free(same->number);
}

static uint32_t same_frame(struct same_stacks *same, uint32_t number)
{
    const struct frame *frame = &same->profile->frames[number];
    struct frame_key key = {.function = frame->function,
                            .file = frame->file,
                            .module = frame->module,
                            .address = frame->line == 0 ? frame->address : 0,
                            .line = frame->line};

    return key_table_add(same->frames, &key, number);
}

/* Parents have smaller numbers than their children. */
static void same_stacks_find(struct same_stacks *same)
{
    for (uint32_t stack = 1; stack < same->profile->stack_count; stack++) {
        const struct stack_node *node = &same->profile->stacks[stack];
        struct stack_key key = {same->number[node->parent], same_frame(same, node->frame)};
        same->number[stack] = key_table_add(same->stacks, &key, stack);
    }
}

static void same_stacks_init(struct same_stacks *same, const struct profile *profile)
{
    *same =
        (struct same_stacks){.profile = profile,
                             .frames = key_table_new(sizeof(struct frame_key)),
                             .stacks = key_table_new(sizeof(struct stack_key)),
                             .number = memory_alloc(profile->stack_count * sizeof(*same->number))};
    same_stacks_find(same);
}

static void add_process(struct members *members, struct leak_group *group, uint32_t number,
                        uint32_t process)
{
    struct member_key key = {number, process};

    if (key_table_add(members->processes, &key, (uint32_t)members->process_count) !=
        members->process_count)
        return;
    members->process_count++;
    group->processes++;
}

static void add_thread(struct members *members, struct leak_group *group, uint32_t number,
                       const struct profile_leak *leak)
{
    struct member_key key = {number, leak->thread};
    uint32_t member = key_table_add(members->threads, &key, (uint32_t)members->thread_count);

    if (member == members->thread_count) {
        members->thread_count++;
        group->threads++;
    }
    members->bytes[member] += leak->amount.bytes.total;
    if (members->bytes[member] > group->most || group->threads == 1) {
        group->most = members->bytes[member];
        group->thread = leak->thread;
    }
}

/* `stack`: the one that stands for the leak's. */
static void add_leak(struct leaks *leaks, struct key_table *index, struct members *members,
                     const struct profile *profile, const struct profile_leak *leak, uint32_t stack)
{
    struct group_key key = {stack, leak->kind};
    uint32_t number = key_table_add(index, &key, (uint32_t)leaks->count);
    struct leak_group *group = &leaks->groups[number];

    if (number == leaks->count) {
        leaks->count++;
        *group = (struct leak_group){.stack = stack,
                                     .kind = leak->kind,
                                     .first_ns = leak->first_ns,
                                     .last_ns = leak->last_ns,
                                     .rule = SUPPRESSION_NONE};
    }
    heap_amount_join(&group->amount, &leak->amount);
    if (leak->first_ns < group->first_ns)
        group->first_ns = leak->first_ns;
    if (leak->last_ns > group->last_ns)
        group->last_ns = leak->last_ns;
    add_thread(members, group, number, leak);
    add_process(members, group, number, profile->threads[leak->thread].process);
}

static void suppress(struct leaks *leaks, const struct profile *profile,
                     const struct suppressions *suppressions)
{
    leaks->suppressed = memory_alloc((suppressions->count + 1) * sizeof(*leaks->suppressed));
    for (size_t i = 0; i < leaks->count; i++) {
        struct leak_group *group = &leaks->groups[i];
        if (group->kind == LEAK_REACHABLE)
            continue;
        group->rule = suppressions_find(suppressions, profile, group->stack);
        if (group->rule == SUPPRESSION_NONE)
            continue;
        leaks->suppressed[group->rule].groups++;
        heap_amount_join(&leaks->suppressed[group->rule].amount, &group->amount);
        leaks->all_suppressed.groups++;
        heap_amount_join(&leaks->all_suppressed.amount, &group->amount);
    }
}

static int compare(const void *left, const void *right)
{
    const struct leak_group *a = left, *b = right;
    bool a_hidden = a->rule != SUPPRESSION_NONE, b_hidden = b->rule != SUPPRESSION_NONE;

    if (a_hidden != b_hidden)
        return a_hidden - b_hidden;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->amount.bytes.total != b->amount.bytes.total)
        return a->amount.bytes.total > b->amount.bytes.total ? -1 : 1;
    return (a->stack > b->stack) - (a->stack < b->stack);
}

static void sum(struct leaks *leaks)
{
    for (size_t i = 0; i < leaks->count; i++) {
        const struct leak_group *group = &leaks->groups[i];
        if (group->rule != SUPPRESSION_NONE)
            continue;
        heap_amount_join(&leaks->total[group->kind], &group->amount);
        leaks->stacks[group->kind]++;
        leaks->shown++;
    }
}

void leaks_init(struct leaks *leaks, const struct profile *profile,
                const struct suppressions *suppressions)
{
    struct key_table *index = key_table_new(sizeof(struct group_key));
    struct same_stacks same;
    struct members members = {.bytes = memory_alloc((profile->leak_count + 1) * sizeof(double)),
                              .threads = key_table_new(sizeof(struct member_key)),
                              .processes = key_table_new(sizeof(struct member_key))};

    memset(leaks, 0, sizeof(*leaks));
    leaks->groups = memory_alloc((profile->leak_count + 1) * sizeof(*leaks->groups));
    same_stacks_init(&same, profile);
    for (size_t i = 0; i < profile->leak_count; i++)
        add_leak(leaks, index, &members, profile, &profile->leaks[i],
                 same.number[profile->leaks[i].stack]);
    same_stacks_release(&same);
    if (suppressions != NULL)
        suppress(leaks, profile, suppressions);
    qsort(leaks->groups, leaks->count, sizeof(*leaks->groups), compare);
    sum(leaks);
    key_table_free(index);
    key_table_free(members.threads);
    key_table_free(members.processes);
    free(members.bytes);
}

void leaks_release(struct leaks *leaks)
{
    free(leaks->groups);
    free(leaks->suppressed);
    memset(leaks, 0, sizeof(*leaks));
}
