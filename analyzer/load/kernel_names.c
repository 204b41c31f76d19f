/*
 * Finding and keeping names of the kernel. Its own file because they are the one thing
 * symbolisation needs that no file on disk has.
 */
#include "analyzer/load/kernel_names.h"

#include "analyzer/trace/trace_reader.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"
#define BOOT_LINE "# boot "

/* The first line of the file without `prefix`, or "". */
static void read_line(const char *path, const char *prefix, char *line, size_t size)
{
    FILE *in = fopen(path, "re");

    line[0] = '\0';
    if (in == NULL)
        return;
    if (fgets(line, (int)size, in) != NULL && strncmp(line, prefix, strlen(prefix)) == 0)
        memmove(line, line + strlen(prefix), strlen(line + strlen(prefix)) + 1);
    else
        line[0] = '\0';
    line[strcspn(line, "\n")] = '\0';
    fclose(in);
}

static bool is_boot(const char *line, const void *boot_id, size_t size)
{
    return size > 0 && strlen(line) == size && memcmp(line, boot_id, size) == 0;
}

/* The file beside a trace, when it is of that boot. */
static struct kernel_symbols *names_beside(const struct source *trace, const void *boot_id,
                                           size_t size)
{
    char line[128];
    char *path = memory_printf("%s/%s", trace->beside, KERNEL_NAMES_FILE);
    struct kernel_symbols *symbols = NULL;

    read_line(path, BOOT_LINE, line, sizeof(line));
    if (is_boot(line, boot_id, size))
        symbols = kernel_symbols_new(path);
    free(path);
    return symbols;
}

struct kernel_symbols *kernel_names_for(const struct sources *sources, const void *boot_id,
                                        size_t size)
{
    struct kernel_symbols *symbols = NULL;
    char line[128];

    for (size_t i = 0; symbols == NULL && i < sources->count; i++)
        symbols = names_beside(&sources->traces[i], boot_id, size);
    if (symbols != NULL)
        return symbols;
    read_line(BOOT_ID_FILE, "", line, sizeof(line));
    return is_boot(line, boot_id, size) ? kernel_symbols_new(KERNEL_SYMBOLS_LIVE) : NULL;
}

/* Addresses of the kernel met in traces. */
struct met {
    struct key_table *table;
    uint64_t *addresses;
    size_t count, capacity;
};

static void on_stack(void *context, const struct trace_stack_node *node)
{
    struct met *met = context;
    uint64_t address = node->pc - (node->flags & TRACE_NODE_EXACT ? 0 : 1);

    if (!kernel_names_is_kernel(address) ||
        key_table_add(met->table, &address, (uint32_t)met->count) != met->count)
        return;
    met->addresses =
        memory_grow(met->addresses, met->count, &met->capacity, sizeof(*met->addresses));
    met->addresses[met->count++] = address;
}

static void meet(struct met *met, const char *path)
{
    const struct trace_visitor visitor = {.context = met, .stack = on_stack};
    struct trace_summary summary;
    struct problem problem;
    struct sources sources;

    if (sources_init(&sources, &path, 1, NULL, &problem) == 0)
        for (size_t i = 0; i < sources.count; i++)
            trace_read(sources.traces[i].content, &visitor, &summary, &problem);
    sources_release(&sources);
}

/* One line a function, however many of its addresses were met. */
static void write_names(const struct met *met, const struct kernel_symbols *symbols, FILE *out)
{
    struct key_table *written = key_table_new(sizeof(uint64_t));
    uint32_t count = 0;

    for (size_t i = 0; i < met->count; i++) {
        const struct kernel_symbol *symbol = kernel_symbols_find(symbols, met->addresses[i]);
        if (symbol == NULL || key_table_add(written, &symbol->address, count) != count)
            continue;
        fprintf(out, "%016" PRIx64 " t %s\n", symbol->address, symbol->name);
        count++;
    }
    key_table_free(written);
}

static bool write_file(const char *path, const struct met *met,
                       const struct kernel_symbols *symbols)
{
    char line[128];
    char *name = memory_printf("%s/%s", path, KERNEL_NAMES_FILE);
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
    bool good = out != NULL;

    read_line(BOOT_ID_FILE, "", line, sizeof(line));
    if (out != NULL) {
        fprintf(out, "%s%s\n", BOOT_LINE, line);
        write_names(met, symbols, out);
        good = !ferror(out);
        good = fclose(out) == 0 && good;
    }
    free(name);
    return good;
}

bool kernel_names_keep(const char *path)
{
    struct met met = {.table = key_table_new(sizeof(uint64_t))};
    struct kernel_symbols *symbols = NULL;
    bool good = true;

    meet(&met, path);
    if (met.count > 0)
        symbols = kernel_symbols_new(KERNEL_SYMBOLS_LIVE);
    if (symbols != NULL)
        good = write_file(path, &met, symbols);
    kernel_symbols_free(symbols);
    key_table_free(met.table);
    free(met.addresses);
    return good;
}
