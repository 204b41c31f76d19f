/*
 * Unwind tables as binutils reads them: the rows of `readelf --debug-dump=frames-interp`,
 * an interpreter that shares nothing with ours. Header only: every unit test is a
 * program of its own.
 */
#ifndef PROFINJECT_TESTS_FRAMES_ORACLE_H
#define PROFINJECT_TESTS_FRAMES_ORACLE_H

#include <dlfcn.h>
#include <inttypes.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row: ELF addresses, and the columns as readelf prints them. A register
 * without a column is "u", as for readelf. */
struct oracle_row {
    uint64_t start, end;
    char cfa[24], rbp[24], ra[24];
};

/* Where the columns of the entry being read stand; -1: no such column. */
struct oracle {
    FILE *in;
    int rbp, ra;
    uint64_t entry_end;
    bool in_eh_frame, in_entry;
    struct oracle_row row; /* waits for its end */
    bool has_row;
};

static inline bool oracle_open(struct oracle *oracle, const char *path)
{
    char command[4200];

    *oracle = (struct oracle){0};
    snprintf(command, sizeof(command), "LC_ALL=C readelf --debug-dump=frames-interp '%s' 2>&1",
             path);
    oracle->in = popen(command, "r"); /* NOLINT(bugprone-command-processor,cert-env33-c) */
    return oracle->in != NULL;
}

static inline void oracle_close(struct oracle *oracle)
{
    pclose(oracle->in);
}

static inline void oracle_columns(struct oracle *oracle, char *line)
{
    char *rest = NULL;
    int column = 0;

    oracle->rbp = oracle->ra = -1;
    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        if (strcmp(word, "rbp") == 0)
            oracle->rbp = column;
        else if (strcmp(word, "ra") == 0)
            oracle->ra = column;
        column++;
    }
}

static inline struct oracle_row oracle_parse(const struct oracle *oracle, char *line)
{
    struct oracle_row row = {.end = oracle->entry_end, .rbp = "u", .ra = "u"};
    char *rest = NULL;
    int column = 0;

    for (char *word = strtok_r(line, " \n", &rest); word; word = strtok_r(NULL, " \n", &rest)) {
        if (column == 0)
            sscanf(word, "%" SCNx64, &row.start);
        else if (word[0] == '(')
            continue; /* a register by number, then by name */
        else if (column == 1)
            snprintf(row.cfa, sizeof(row.cfa), "%s", word);
        else if (column == oracle->rbp)
            snprintf(row.rbp, sizeof(row.rbp), "%s", word);
        else if (column == oracle->ra)
            snprintf(row.ra, sizeof(row.ra), "%s", word);
        column++;
    }
    return row;
}

/* Reads one line; true when it completes the row before it, which is in *row. */
static inline bool oracle_line(struct oracle *oracle, char *line, struct oracle_row *row)
{
    bool complete = false;
    char *range = strstr(line, " pc=");

    if (strstr(line, "Contents of the "))
        oracle->in_eh_frame = strstr(line, ".eh_frame section") != NULL;
    if (line[0] == '\n' || range || strstr(line, " CIE ")) {
        complete = oracle->has_row;
        *row = oracle->row;
        oracle->has_row = false;
        oracle->in_entry = range && sscanf(range, " pc=%*x..%" SCNx64, &oracle->entry_end) == 1;
    } else if (oracle->in_eh_frame && oracle->in_entry && strstr(line, "LOC ")) {
        oracle_columns(oracle, line);
    } else if (oracle->in_eh_frame && oracle->in_entry) {
        struct oracle_row next = oracle_parse(oracle, line);
        complete = oracle->has_row;
        *row = oracle->row;
        row->end = next.start;
        oracle->row = next;
        oracle->has_row = true;
    }
    return complete;
}

/* The next row of .eh_frame; false at the end. */
static inline bool oracle_next(struct oracle *oracle, struct oracle_row *row)
{
    char line[1024];

    while (fgets(line, sizeof(line), oracle->in))
        if (oracle_line(oracle, line, row) && row->start < row->end)
            return true;
    return false;
}

/* The load bias and the file (PATH_MAX bytes) of a library by name, or of the
 * program (NULL); false when it is not to be had. */
static inline bool oracle_module(const char *name, uint64_t *bias, char *path)
{
    struct link_map *map = NULL;
    void *handle = dlopen(name, RTLD_NOW);

    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
        return false;
    *bias = map->l_addr;
    return realpath(name ? map->l_name : "/proc/self/exe", path) != NULL;
}

#endif
