/*
 * The memory of the machine. Its own file because of the names in /proc/vmstat: what was
 * reclaimed is there twice, by who did it and by what it was, and was by zones before.
 */
#include "preload/resources/machine_parts.h"
#include "preload/resources/number_text.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

enum memory_line {
    LINE_TOTAL,
    LINE_FREE,
    LINE_AVAILABLE,
    LINE_CACHED,
    LINE_SWAP_TOTAL,
    LINE_SWAP_FREE,
    LINE_DIRTY,
    LINE_WRITEBACK,
    LINE_COUNT
};

static const char *const line_names[LINE_COUNT] = {
    "MemTotal:",  "MemFree:",  "MemAvailable:", "Cached:",
    "SwapTotal:", "SwapFree:", "Dirty:",        "Writeback:",
};

enum memory_count {
    COUNT_SWAP_IN,
    COUNT_SWAP_OUT,
    COUNT_RECLAIMED,
    COUNT_FAULTS,
    COUNT_MAJOR,
    COUNT_OOM,
    COUNTS
};

/* The first one that a line begins with; the blank makes it whole. */
static const struct {
    const char *name;
    enum memory_count count;
} count_names[] = {
    {"pswpin ", COUNT_SWAP_IN},
    {"pswpout ", COUNT_SWAP_OUT},
    {"pgsteal_kswapd", COUNT_RECLAIMED},
    {"pgsteal_direct", COUNT_RECLAIMED},
    {"pgsteal_khugepaged", COUNT_RECLAIMED},
    {"pgsteal_proactive", COUNT_RECLAIMED},
    {"pgfault ", COUNT_FAULTS},
    {"pgmajfault ", COUNT_MAJOR},
    {"oom_kill ", COUNT_OOM},
};

static const struct {
    size_t series;
    enum resource resource;
} gauges[] = {
    {offsetof(struct machine_memory, total), RESOURCE_MEMORY_TOTAL},
    {offsetof(struct machine_memory, available), RESOURCE_MEMORY_AVAILABLE},
    {offsetof(struct machine_memory, free), RESOURCE_MEMORY_FREE},
    {offsetof(struct machine_memory, cached), RESOURCE_MEMORY_CACHED},
    {offsetof(struct machine_memory, dirty), RESOURCE_MEMORY_DIRTY},
    {offsetof(struct machine_memory, swap), RESOURCE_MEMORY_SWAP},
};

static const struct {
    size_t series;
    enum resource resource;
    bool pages;
} rates[COUNTS] = {
    [COUNT_SWAP_IN] = {offsetof(struct machine_memory, swap_in), RESOURCE_MEMORY_SWAP_IN, true},
    [COUNT_SWAP_OUT] = {offsetof(struct machine_memory, swap_out), RESOURCE_MEMORY_SWAP_OUT, true},
    [COUNT_RECLAIMED] = {offsetof(struct machine_memory, reclaimed), RESOURCE_MEMORY_RECLAIMED,
                         true},
    [COUNT_FAULTS] = {offsetof(struct machine_memory, faults), RESOURCE_MEMORY_FAULTS, false},
    [COUNT_MAJOR] = {offsetof(struct machine_memory, major_faults), RESOURCE_MEMORY_MAJOR_FAULTS,
                     false},
    [COUNT_OOM] = {offsetof(struct machine_memory, oom_kills), RESOURCE_MEMORY_OOM_KILLS, false},
};

static struct machine_series *series_at(struct machine_memory *memory, size_t offset)
{
    return (struct machine_series *)((char *)memory + offset);
}

static void fail_gauges(struct machine_base *base, struct machine_memory *memory, int error)
{
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
        machine_series_fail(series_at(memory, gauges[i].series), base->log, "/proc/meminfo", error);
}

static void fail_rates(struct machine_base *base, struct machine_memory *memory, int error)
{
    for (size_t i = 0; i < COUNTS; i++)
        machine_series_fail(series_at(memory, rates[i].series), base->log, "/proc/vmstat", error);
}

void machine_memory_open(struct machine_base *base, struct machine_memory *memory)
{
    for (size_t i = 0; i < sizeof gauges / sizeof *gauges; i++)
        machine_series_add(series_at(memory, gauges[i].series), base->log, gauges[i].resource,
                           NULL);
    for (size_t i = 0; i < COUNTS; i++)
        machine_series_add(series_at(memory, rates[i].series), base->log, rates[i].resource, NULL);
    long page = sysconf(_SC_PAGESIZE);
    memory->page_size = page > 0 ? (uint64_t)page : 4096;
    int error = kernel_file_open(&base->files, &memory->meminfo, "/proc/meminfo");
    if (error)
        fail_gauges(base, memory, error);
    error = kernel_file_open(&base->files, &memory->vmstat, "/proc/vmstat");
    if (error)
        fail_rates(base, memory, error);
}

static void put_gauge(struct machine_base *base, struct machine_series *series, bool known,
                      uint64_t kib)
{
    if (known && kib < INT64_MAX / 1024)
        machine_series_put(series, base->log, (int64_t)(kib * 1024));
    else
        machine_series_silence(series, base->log, "/proc/meminfo does not tell it");
}

/* How much of all memory has come or gone since the look before. */
static void note_change(struct machine_base *base, struct machine_memory *memory, uint64_t total,
                        uint64_t available)
{
    uint64_t before = memory->last_available;
    uint64_t moved = available > before ? available - before : before - available;
    memory->last_available = available;
    double change = before && total ? (double)moved / (double)total : 0;
    change = change < 1 ? change : 1;
    if (change > base->change)
        base->change = change;
}

static void look_at_meminfo(struct machine_base *base, struct machine_memory *memory)
{
    uint64_t kib[LINE_COUNT] = {0};
    bool known[LINE_COUNT] = {false};
    for (const char *line = base->files.text; line; line = number_text_line(line))
        for (unsigned i = 0; i < LINE_COUNT; i++) {
            const char *at = number_text_after(line, line_names[i]);
            if (at && number_text_next(&at, &kib[i]))
                known[i] = true;
        }
    put_gauge(base, &memory->total, known[LINE_TOTAL], kib[LINE_TOTAL]);
    put_gauge(base, &memory->available, known[LINE_AVAILABLE], kib[LINE_AVAILABLE]);
    put_gauge(base, &memory->free, known[LINE_FREE], kib[LINE_FREE]);
    put_gauge(base, &memory->cached, known[LINE_CACHED], kib[LINE_CACHED]);
    put_gauge(base, &memory->dirty, known[LINE_DIRTY] && known[LINE_WRITEBACK],
              kib[LINE_DIRTY] + kib[LINE_WRITEBACK]);
    bool swap = known[LINE_SWAP_TOTAL] && known[LINE_SWAP_FREE] &&
                kib[LINE_SWAP_FREE] <= kib[LINE_SWAP_TOTAL];
    put_gauge(base, &memory->swap, swap, kib[LINE_SWAP_TOTAL] - kib[LINE_SWAP_FREE]);
    if (known[LINE_AVAILABLE])
        note_change(base, memory, kib[LINE_TOTAL], kib[LINE_AVAILABLE]);
}

static void look_at_vmstat(struct machine_base *base, struct machine_memory *memory)
{
    uint64_t sums[COUNTS] = {0}, value;
    bool known[COUNTS] = {false};
    for (const char *line = base->files.text; line; line = number_text_line(line)) {
        if (*line != 'p' && *line != 'o')
            continue;
        for (size_t i = 0; i < sizeof count_names / sizeof *count_names; i++) {
            const char *at = number_text_after(line, count_names[i].name);
            if (!at)
                continue;
            at = line + strcspn(line, " \n");
            if (number_text_next(&at, &value)) {
                sums[count_names[i].count] += value;
                known[count_names[i].count] = true;
            }
            break;
        }
    }
    for (size_t i = 0; i < COUNTS; i++) {
        struct machine_series *series = series_at(memory, rates[i].series);
        if (known[i])
            machine_series_count(series, base->log, &memory->counts[i], sums[i],
                                 rates[i].pages ? memory->page_size : 1);
        else
            machine_series_silence(series, base->log,
                                   "/proc/vmstat of this kernel does not tell it");
    }
}

void machine_memory_look(struct machine_base *base, struct machine_memory *memory)
{
    ssize_t size;
    if (kernel_file_is_due(&base->files, &memory->meminfo)) {
        if ((size = kernel_file_read(&base->files, &memory->meminfo)) > 0)
            look_at_meminfo(base, memory);
        else
            fail_gauges(base, memory, (int)size);
    }
    if (kernel_file_is_due(&base->files, &memory->vmstat)) {
        if ((size = kernel_file_read(&base->files, &memory->vmstat)) > 0)
            look_at_vmstat(base, memory);
        else
            fail_rates(base, memory, (int)size);
    }
}
