/*
 * Properties to process. Its own file because it is the one list of property
 * names on the reading side.
 */
#include "analyzer/load/process_facts.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/shell.h"

#include <stdlib.h>
#include <string.h>

void process_facts_init(struct process_facts *facts, struct strings *strings)
{
    memset(facts, 0, sizeof(*facts));
    facts->strings = strings;
    facts->index = key_table_new(sizeof(const char *));
}

void process_facts_release(struct process_facts *facts)
{
    key_table_free(facts->index);
    free(facts->properties);
}

/* `args` is a list of NUL-terminated words; as text it is a shell's command. */
static const char *intern_args(struct strings *strings, const char *value, size_t size)
{
    const char **words = memory_alloc((size + 1) * sizeof(*words));
    size_t count = 0;

    for (size_t at = 0; at < size; at += strnlen(value + at, size - at) + 1)
        words[count++] = value + at;
    char *text = shell_quote(words, count);
    const char *interned = strings_intern(strings, text);
    free(text);
    free(words);
    return interned;
}

void process_facts_set(struct process_facts *facts, const char *name, const char *value,
                       size_t value_size)
{
    const char *key = strings_intern(facts->strings, name);
    uint32_t number = key_table_add(facts->index, &key, (uint32_t)facts->count);

    if (number == facts->count) {
        facts->properties = memory_grow(facts->properties, facts->count, &facts->capacity,
                                        sizeof(*facts->properties));
        facts->properties[facts->count++].name = key;
    }
    facts->properties[number].value = strcmp(name, "args") == 0
                                          ? intern_args(facts->strings, value, value_size)
                                          : strings_intern(facts->strings, value);
}

const char *process_facts_text(const struct process_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->count; i++) {
        if (strcmp(facts->properties[i].name, name) == 0)
            return facts->properties[i].value;
    }
    return NULL;
}

static uint64_t number_of(const struct process_facts *facts, const char *name)
{
    const char *text = process_facts_text(facts, name);

    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

/* A process number, 0 when it cannot be one. */
static int32_t pid_of(const struct process_facts *facts, const char *name)
{
    uint64_t number = number_of(facts, name);

    return number <= INT32_MAX ? (int32_t)number : 0;
}

uint64_t process_facts_heap_interval(const struct process_facts *facts)
{
    return number_of(facts, "heap_interval");
}

uint64_t process_facts_heap_charge(const struct process_facts *facts)
{
    return number_of(facts, "heap_block_charge");
}

uint64_t process_facts_start(const struct process_facts *facts)
{
    return number_of(facts, "start_monotonic_ns");
}

uint64_t process_facts_date(const struct process_facts *facts, uint64_t time_ns)
{
    uint64_t start = number_of(facts, "start_monotonic_ns");
    uint64_t date = number_of(facts, "start_realtime_ns");

    return start == 0 || date == 0 ? 0 : date + time_ns - start;
}

static void tell_memory(const struct process_facts *facts, struct profile_process *process)
{
    const char *mode = process_facts_text(facts, "heap");
    const char *reason = process_facts_text(facts, "heap_reason");

    process->heap.has_sites = process_facts_text(facts, "heap_interval") != NULL ||
                              (mode != NULL && strcmp(mode, "exact") == 0);
    process->heap.interval = process_facts_heap_interval(facts);
    const char *mapped = process_facts_text(facts, "mapped");
    process->mapped.is_known = mapped != NULL && strcmp(mapped, "on") == 0;
    process->mapped.reason = process->mapped.is_known ? NULL : mapped;
    process->has_memory =
        mode != NULL && strcmp(mode, "off") != 0 && strcmp(mode, "unavailable") != 0;
    if (process->has_memory)
        return;
    if (reason == NULL || *reason == '\0')
        reason = mode != NULL && strcmp(mode, "off") == 0 ? "recorded with --heap off"
                                                          : "the trace does not say why";
    process->memory_reason = strings_intern(facts->strings, reason);
}

static void tell_counters(const struct process_facts *facts, struct profile_process *process)
{
    const char *counters = process_facts_text(facts, "counters");

    if (counters == NULL || strcmp(counters, "unavailable") == 0)
        process->counters_reason = process_facts_text(facts, "counters_reason");
    else
        process->counters = counters;
}

void process_facts_tell(struct process_facts *facts, struct profile_process *process)
{
    const char *comm = process_facts_text(facts, "comm");
    const char *command = process_facts_text(facts, "args");

    process->pid = pid_of(facts, "pid");
    process->ppid = pid_of(facts, "ppid");
    process->comm = strings_intern(facts->strings, comm != NULL && *comm ? comm : "unknown");
    process->exe = process_facts_text(facts, "exe");
    process->command = command != NULL && *command != '\0' ? command : process->comm;
    process->start_ns = number_of(facts, "start_monotonic_ns");
    process->start_realtime_ns = number_of(facts, "start_realtime_ns");
    process->clock = process_facts_text(facts, "clock");
    process->unwinder = process_facts_text(facts, "unwinder");
    process->death.oom = process_facts_text(facts, "oom_kill");
    process->frequency_asked = number_of(facts, "frequency_asked");
    process->weight_unit_ns = number_of(facts, "weight_unit_ns");
    process->looks_asked = number_of(facts, "looks_asked");
    process->looks = number_of(facts, "looks");
    process->looking_ns = number_of(facts, "looking_ns");
    process->brief_children = number_of(facts, "brief_children");
    process->brief_ns = 1000 * number_of(facts, "brief_children_us");
    tell_memory(facts, process);
    tell_counters(facts, process);
    process->properties = facts->properties;
    process->property_count = facts->count;
    facts->properties = NULL;
    facts->count = facts->capacity = 0;
}
