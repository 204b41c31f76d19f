/*
 * Recorded machines (tests/machines) as files in a scratch directory, with a clock of the test's:
 * reads take no time but what the test says. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_MACHINE_TREE_H
#define PROFINJECT_TESTS_MACHINE_TREE_H

#include "tests/unit/log_double.h"
#include "tests/unit/scratch.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

static uint64_t tree_now_ns;  /* 0: the clock goes as ever */
static uint64_t tree_read_ns; /* what each read takes */
static char tree_source[512]; /* tests/machines */

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (!tree_now_ns || clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, time);
    time->tv_sec = (time_t)(tree_now_ns / 1000000000);
    time->tv_nsec = (long)(tree_now_ns % 1000000000);
    return 0;
}

ssize_t pread(int fd, void *to, size_t size, off_t offset)
{
    tree_now_ns += tree_now_ns ? tree_read_ns : 0;
    return syscall(SYS_pread64, fd, to, size, offset);
}

/* As .init of a suite: a scratch directory to unpack in. */
static inline void tree_init(void)
{
    char directory[400];
    cr_assert_not_null(getcwd(directory, sizeof directory));
    snprintf(tree_source, sizeof tree_source, "%s/tests/machines", directory);
    scratch_init();
    tree_now_ns = UINT64_C(1000000000000);
}

static inline void tree_directories(const char *path)
{
    char part[512];
    for (size_t i = 1; path[i]; i++)
        if (path[i] == '/') {
            snprintf(part, sizeof part, "%.*s", (int)i, path);
            mkdir(part, 0755);
        }
}

/* Of one entry; those of files follow. */
static inline FILE *tree_begin(char *entry)
{
    char *value;
    if ((value = strstr(entry, " -> "))) {
        *value = '\0';
        tree_directories(entry);
        cr_assert_eq(symlink(value + 4, entry), 0);
        return NULL;
    }
    if ((value = strstr(entry, " = ")))
        *value = '\0';
    tree_directories(entry);
    if (entry[strlen(entry) - 1] == '/')
        return NULL;
    FILE *out = fopen(entry, "w");
    cr_assert_not_null(out, "%s", entry);
    if (value)
        fprintf(out, "%s\n", value + 3);
    return out;
}

/* What the tree `name` has for this moment, in the current directory. */
static inline void tree_unpack(const char *name, int moment)
{
    char line[4096], path[600];
    FILE *out = NULL;
    snprintf(path, sizeof path, "%s/%s.tree", tree_source, name);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in, "%s: tests run in the top directory", path);
    while (fgets(line, sizeof line, in)) {
        if (line[0] != '@') {
            if (out)
                fputs(line, out);
            continue;
        }
        if (out)
            fclose(out);
        line[strcspn(line, "\n")] = '\0';
        char *entry = strchr(line, ' ');
        cr_assert_not_null(entry);
        out = (line[1] == ' ' ? 1 : line[1] - '0') == moment ? tree_begin(entry + 1) : NULL;
    }
    if (out)
        fclose(out);
    fclose(in);
}

/* "NAME|SUBJECT|VALUE" */
static inline void tree_describe(const struct double_series *series, char *text, size_t size)
{
    int used =
        snprintf(text, size, "%s|%s|", resource_info(series->resource)->name, series->subject);
    if (series->silent)
        snprintf(text + used, size - (size_t)used, "unavailable (%s)", series->reason);
    else if (series->puts)
        snprintf(text + used, size - (size_t)used, "%lld", (long long)series->value);
    else
        snprintf(text + used, size - (size_t)used, "nothing");
}

/* Each line of the expected is among the series, and, when it says that it is complete, each
 * series is among its lines. */
static inline void tree_compare(const char *name)
{
    char line[512], text[512], path[600];
    unsigned lines = 0, found = 0;
    bool complete = false;
    snprintf(path, sizeof path, "%s/%s.expected", tree_source, name);
    FILE *in = fopen(path, "r");
    cr_assert_not_null(in);
    while (fgets(line, sizeof line, in)) {
        complete |= strncmp(line, "# complete", 10) == 0;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#')
            continue;
        lines++;
        size_t known = (size_t)(strrchr(line, '|') - line) + 1;
        const char *got = "no such series";
        for (unsigned i = 0; i < double_count; i++) {
            tree_describe(&doubles[i], text, sizeof text);
            if (strncmp(text, line, known) == 0)
                got = text;
            if (got == text)
                break;
        }
        found += got == text;
        cr_expect_str_eq(got, line);
    }
    fclose(in);
    cr_expect(lines > 0);
    for (unsigned i = 0; complete && found == lines && double_count != lines && i < double_count;
         i++) {
        tree_describe(&doubles[i], text, sizeof text);
        cr_expect(false, "%u expected, %u there: %s", lines, double_count, text);
    }
}

#endif
