/*
 * Intervals of addresses, and of time. Its own file because both kinds of files fill it, and
 * hostile ones must not make it slow: a look-up costs a logarithm and the owners of the address,
 * of which the newest count when there are very many.
 */
#include "analyzer/symbols/jit_code.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define OWNERS_MAX 1024 /* of one address that are looked at */

/* Entries that cover an address: those that begin nearest to it, of these the newest. */
struct owners {
    uint32_t entries[OWNERS_MAX];
    size_t count;
};

struct jit_code *jit_code_new(void)
{
    return memory_alloc(sizeof(struct jit_code));
}

void jit_code_free(struct jit_code *code)
{
    if (code == NULL)
        return;
    free(code->entries);
    free(code->text);
    free(code->lines);
    free(code->order);
    free(code->reach);
    free(code);
}

static void add_text(struct jit_code *code, const char *text, size_t size)
{
    while (code->text_capacity - code->text_size < size + 1) {
        code->text_capacity = code->text_capacity * 2 + size + 1;
        code->text = memory_resize(code->text, code->text_capacity);
    }
    memcpy(code->text + code->text_size, text, size);
    code->text[code->text_size + size] = '\0';
    code->text_size += size + 1;
}

static uint32_t append(struct jit_code *code, const struct jit_entry *entry)
{
    code->entries =
        memory_grow(code->entries, code->count, &code->capacity, sizeof(*code->entries));
    code->entries[code->count] = *entry;
    code->sorted = false;
    return (uint32_t)code->count++;
}

uint32_t jit_code_add(struct jit_code *code, uint64_t start, uint64_t size, uint64_t from_ns,
                      const char *name, size_t name_size)
{
    /* The upper half of the address space is the kernel's. */
    if (size == 0 || name_size == 0 || start + size < start || (start + size - 1) >> 63 != 0 ||
        code->count >= JIT_CODE_NONE - 1)
        return JIT_CODE_NONE;
    const struct jit_entry entry = {.start = start,
                                    .end = start + size,
                                    .from_ns = from_ns,
                                    .name = code->text_size,
                                    .first_line = code->line_count};
    add_text(code, name, name_size);
    return append(code, &entry);
}

void jit_code_add_line(struct jit_code *code, const struct jit_line *line)
{
    code->lines =
        memory_grow(code->lines, code->line_count, &code->line_capacity, sizeof(*code->lines));
    code->lines[code->line_count++] = *line;
    code->entries[code->count - 1].line_count++;
}

void jit_code_move(struct jit_code *code, uint32_t entry, uint64_t start, uint64_t time_ns)
{
    if (entry >= code->count)
        return;
    struct jit_entry moved = code->entries[entry];
    uint64_t size = moved.end - moved.start;

    if (start + size < start || (start + size - 1) >> 63 != 0 || code->count >= JIT_CODE_NONE - 1)
        return;
    moved.start = start;
    moved.end = start + size;
    moved.from_ns = time_ns;
    append(code, &moved);
}

static int by_start(const void *a, const void *b, void *context)
{
    const struct jit_entry *entries = context;
    uint32_t number_a = *(const uint32_t *)a, number_b = *(const uint32_t *)b;
    uint64_t start_a = entries[number_a].start, start_b = entries[number_b].start;

    if (start_a != start_b)
        return start_a < start_b ? -1 : 1;
    return (number_a > number_b) - (number_a < number_b);
}

/* The middle of a range stands for it, as in a balanced tree. */
static uint64_t fill_reach(struct jit_code *code, size_t low, size_t high)
{
    if (low == high)
        return 0;
    size_t middle = low + (high - low) / 2;
    uint64_t reach = code->entries[code->order[middle]].end;
    uint64_t left = fill_reach(code, low, middle), right = fill_reach(code, middle + 1, high);

    reach = left > reach ? left : reach;
    reach = right > reach ? right : reach;
    code->reach[middle] = reach;
    return reach;
}

static void sort(struct jit_code *code)
{
    code->order = memory_resize(code->order, (code->count + 1) * sizeof(*code->order));
    code->reach = memory_resize(code->reach, (code->count + 1) * sizeof(*code->reach));
    for (size_t i = 0; i < code->count; i++)
        code->order[i] = (uint32_t)i;
    qsort_r(code->order, code->count, sizeof(*code->order), by_start, code->entries);
    fill_reach(code, 0, code->count);
    code->sorted = true;
}

static int by_number(const void *a, const void *b)
{
    uint32_t number_a = *(const uint32_t *)a, number_b = *(const uint32_t *)b;

    return (number_a > number_b) - (number_a < number_b);
}

/* Those in order[low, high), that with the greatest starts first. */
static void collect(const struct jit_code *code, uint64_t pc, size_t low, size_t high,
                    struct owners *owners)
{
    if (low == high || owners->count == OWNERS_MAX)
        return;
    size_t middle = low + (high - low) / 2;
    const struct jit_entry *entry = &code->entries[code->order[middle]];

    if (code->reach[middle] <= pc)
        return;
    if (entry->start <= pc)
        collect(code, pc, middle + 1, high, owners);
    if (entry->start <= pc && pc < entry->end && owners->count < OWNERS_MAX)
        owners->entries[owners->count++] = code->order[middle];
    collect(code, pc, low, middle, owners);
}

static bool is_same(const struct jit_code *code, uint32_t a, uint32_t b)
{
    const struct jit_entry *one = &code->entries[a], *other = &code->entries[b];

    return one->start == other->start && one->end == other->end &&
           one->line_count == other->line_count &&
           strcmp(code->text + one->name, code->text + other->name) == 0;
}

bool jit_code_find(struct jit_code *code, uint64_t pc, uint64_t time_ns, struct jit_owner *owner)
{
    struct owners owners = {.count = 0};
    uint64_t from_ns = 0;

    if (!code->sorted)
        sort(code);
    collect(code, pc, 0, code->count, &owners);
    if (owners.count == 0)
        return false;
    qsort(owners.entries, owners.count, sizeof(owners.entries[0]), by_number);
    *owner = (struct jit_owner){owners.entries[0], 0, UINT64_MAX};
    const uint64_t first_ns = code->entries[owners.entries[0]].from_ns;
    time_ns = time_ns < first_ns ? first_ns : time_ns;
    for (size_t i = 1; i < owners.count; i++) {
        const struct jit_entry *entry = &code->entries[owners.entries[i]];
        from_ns = entry->from_ns > from_ns ? entry->from_ns : from_ns;
        if (is_same(code, owner->entry, owners.entries[i]))
            continue;
        if (from_ns > time_ns) {
            owner->until_ns = from_ns;
            break;
        }
        *owner =
            (struct jit_owner){owners.entries[i], from_ns > first_ns ? from_ns : 0, UINT64_MAX};
    }
    return true;
}

const char *jit_code_name(const struct jit_code *code, uint32_t entry)
{
    return code->text + code->entries[entry].name;
}

const struct jit_line *jit_code_line(const struct jit_code *code, uint32_t entry, uint64_t pc)
{
    const struct jit_entry *found = &code->entries[entry];
    const struct jit_line *line = NULL;

    for (size_t i = 0; i < found->line_count; i++) {
        const struct jit_line *next = &code->lines[found->first_line + i];
        if (next->offset > pc - found->start)
            break;
        line = next;
    }
    return line;
}

uint32_t jit_code_first_line(const struct jit_code *code, uint32_t entry)
{
    const struct jit_entry *found = &code->entries[entry];

    return found->line_count > 0 ? code->lines[found->first_line].line : 0;
}
