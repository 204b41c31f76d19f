/* Parsing of perf maps. Its own file because it alone knows their lines. */
#include "analyzer/symbols/perf_map.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

void perf_map_init(struct perf_map *map, struct jit_code *code)
{
    memset(map, 0, sizeof(*map));
    map->code = code;
}

void perf_map_release(struct perf_map *map)
{
    free(map->line);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* A number and the blanks behind it; NULL when there is none such. */
static const char *read_number(const char *at, const char *end, uint64_t *value)
{
    const char *first;

    if (end - at > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
        at += 2;
    *value = 0;
    for (first = at; at < end && digit_of(*at) >= 0; at++) {
        if (*value >> 60 != 0)
            return NULL;
        *value = *value << 4 | (uint64_t)digit_of(*at);
    }
    if (at == first || at == end || *at != ' ')
        return NULL;
    while (at < end && *at == ' ')
        at++;
    return at;
}

static void take_line(struct perf_map *map, const char *line, size_t size, uint64_t time_ns)
{
    const char *end = line + size;
    uint64_t start, length;

    while (end > line && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    const char *at = read_number(line, end, &start);
    at = at != NULL ? read_number(at, end, &length) : NULL;
    size_t name = at != NULL ? (size_t)(end - at) : 0;
    bool sound = name > 0 && memchr(at, '\0', name) == NULL;
    if (sound && jit_code_add(map->code, start, length, time_ns, at, name) != JIT_CODE_NONE)
        map->names++;
    else if (size > 0 && *line != '#')
        map->unreadable++;
}

/* Part of a line whose end is not there yet. */
static void keep(struct perf_map *map, const char *bytes, size_t size)
{
    if (map->line == NULL)
        map->line = memory_alloc(PERF_MAP_LINE);
    if (size > PERF_MAP_LINE - map->size) {
        map->unreadable += !map->skipping;
        map->skipping = true;
        map->size = 0;
    }
    if (map->skipping)
        return;
    memcpy(map->line + map->size, bytes, size);
    map->size += size;
}

/* Lines of one look have no times of their own: but for the last one they count from its
 * beginning on, so that of two at one address the later one holds. */
void perf_map_feed(struct perf_map *map, const char *bytes, size_t size, uint64_t since_ns,
                   uint64_t last_ns)
{
    const char *end = bytes + size, *newline;

    for (; bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL;
         bytes = newline + 1) {
        size_t length = (size_t)(newline - bytes);
        uint64_t time_ns = newline + 1 == end ? last_ns : since_ns;
        if (map->size == 0 && !map->skipping && length <= PERF_MAP_LINE) {
            take_line(map, bytes, length, time_ns);
            continue;
        }
        keep(map, bytes, length);
        if (!map->skipping)
            take_line(map, map->line, map->size, time_ns);
        map->skipping = false;
        map->size = 0;
    }
    if (bytes < end)
        keep(map, bytes, (size_t)(end - bytes));
}

void perf_map_break(struct perf_map *map, bool gap)
{
    map->size = 0;
    map->skipping = gap;
}
