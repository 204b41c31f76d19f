/*
 * Programs compiled while a test runs, every address of their functions, and what
 * independent tools (addr2line, llvm-symbolizer) say about them. To be used in a
 * scratch directory (scratch.h). Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_COMPILED_H
#define PROFINJECT_TESTS_COMPILED_H

#include "analyzer/symbols/source_path.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/memory.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <stdarg.h>
#include <string.h>

static inline int compiled_try(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void compiled_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Runs a shell command, quietly; its status. */
static inline int compiled_shell(const char *format, va_list arguments)
{
    static const char tail[] = "; } 2>command.messages";
    char command[4096] = "{ ";
    size_t room = sizeof(command) - 2 - sizeof(tail);
    int length = vsnprintf(command + 2, room, format, arguments);

    if (length < 0 || (size_t)length >= room)
        abort();
    strcat(command, tail);
    return system(command);
}

static inline int compiled_try(const char *format, ...)
{
    va_list arguments;
    int status;

    va_start(arguments, format);
    status = compiled_shell(format, arguments);
    va_end(arguments);
    return status;
}

static inline void compiled_run(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (compiled_shell(format, arguments) != 0)
        cr_assert_fail("command failed: %s: %s", format, scratch_read("command.messages"));
    va_end(arguments);
}

/* Skips the test when a tool it needs is not there. */
static inline void compiled_need(const char *tool)
{
    if (compiled_try("command -v %s >/dev/null", tool) != 0)
        cr_skip("%s is not installed\n", tool);
}

/* Every byte of every function that `nm` knows the size of; free() it. */
static inline struct symbol_query *compiled_queries(const char *file, size_t *count)
{
    struct symbol_query *queries = NULL;
    size_t capacity = 0;
    unsigned long start, size;
    FILE *in;

    compiled_run("nm -S --defined-only %s | awk 'NF == 4 && $3 ~ /[tTwWiu]/ { print $1, $2 }' "
                 ">functions",
                 file);
    in = fopen("functions", "r");
    *count = 0;
    while (fscanf(in, "%lx %lx", &start, &size) == 2)
        for (unsigned long i = 0; i < size; i++) {
            queries = memory_grow(queries, *count, &capacity, sizeof(*queries));
            queries[(*count)++] = (struct symbol_query){.address = start + i};
        }
    fclose(in);
    cr_assert(*count > 0, "no functions in %s", file);
    return queries;
}

/* Takes away what says the same in other words: discriminators, suffixes of
 * compiler clones, '?' for line 0, "x/..", and blanks, which demanglers put
 * differently. */
static inline void compiled_simplify(char *line)
{
    char *to = line;
    static const char *const tails[] = {" (discriminator", " [clone ", " (.",        ".cold",
                                        ".part.",          ".isra.",   ".constprop."};
    size_t length;

    for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
        char *tail = strstr(line, tails[i]);

        if (tail != NULL)
            strcpy(tail, "\n");
    }
    if (strcmp(line, ":?\n") == 0)
        strcpy(line, "??:0\n");
    length = strlen(line);
    if (length > 3 && strcmp(line + length - 3, ":?\n") == 0)
        line[length - 2] = '0';
    for (const char *from = line; *from != '\0'; from++)
        if (*from != ' ')
            *to++ = *from;
    *to = '\0';
    if (line[0] == '/') {
        char *path = source_path_join(NULL, line);

        strcpy(line, path);
        free(path);
    }
}

/* One address's frames as addr2line -afi prints them, simplified. */
static inline void compiled_print(FILE *out, const struct symbol_query *query)
{
    char line[1 << 14];

    fprintf(out, "0x%lx\n", (unsigned long)query->address);
    if (query->count == 0)
        fprintf(out, "??\n??:0\n");
    for (size_t i = 0; i < query->count; i++) {
        const struct symbol_frame *frame = &query->frames[i];

        snprintf(line, sizeof(line), "%s\n", frame->function == NULL ? "??" : frame->function);
        compiled_simplify(line);
        fputs(line, out);
        fprintf(out, "%s:%u\n", frame->file == NULL ? "??" : frame->file, frame->line);
    }
}

/* Reads one address's lines from a tool's output; `next` holds its first one. */
static inline void compiled_read(FILE *in, char *next, size_t next_size, char *block, size_t size)
{
    snprintf(block, size, "%s", next);
    next[0] = '\0';
    while (fgets(next, (int)next_size, in) != NULL && strncmp(next, "0x", 2) != 0) {
        compiled_simplify(next);
        strncat(block, next, size - strlen(block) - 1);
        next[0] = '\0';
    }
}

/* Compares answers with what `tool` prints for the same addresses, in its order;
 * shows the first differences. Returns how many there are. */
static inline size_t compiled_compare(const char *tool, const char *file,
                                      const struct symbol_query *queries, size_t count)
{
    static char theirs[1 << 16], next[1 << 14];
    size_t different = 0;
    FILE *in, *addresses = fopen("addresses", "w");

    for (size_t i = 0; i < count; i++)
        fprintf(addresses, "0x%lx\n", (unsigned long)queries[i].address);
    fclose(addresses);
    compiled_run("%s %s <addresses >answers", tool, file);
    in = fopen("answers", "r");
    cr_assert(fgets(next, sizeof(next), in) != NULL);
    for (size_t i = 0; i < count; i++) {
        char *ours = NULL;
        size_t size;
        FILE *out = open_memstream(&ours, &size);

        compiled_print(out, &queries[i]);
        fclose(out);
        compiled_read(in, next, sizeof(next), theirs, sizeof(theirs));
        /* The address's own line is padded differently by the tools. */
        if (strcmp(strchr(ours, '\n'), strchr(theirs, '\n') ?: "") != 0 && ++different <= 5)
            cr_log_error("ours\n%s%s\n%s", ours, tool, theirs);
        free(ours);
    }
    fclose(in);
    return different;
}

#define COMPILED_ADDR2LINE "addr2line -a -f -i -C -e"
#define COMPILED_LLVM "llvm-symbolizer --output-style=GNU -a -f -i -C -e"

#endif
