/*
 * Reading smaps. Its own file because nothing else depends on how it is written.
 */
#include "preload/smaps.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE (8u << 10) /* the longest line is one of a path of 4 KiB */

struct reading {
    smaps_visit *visit;
    void *context;
    bool has_area;
    struct smaps_area area;
};

static enum smaps_kind kind_of(const char *path)
{
    if (strcmp(path, "[heap]") == 0)
        return SMAPS_BREAK;
    if (strcmp(path, "[stack]") == 0)
        return SMAPS_STACK;
    /* "[anon:glibc: malloc]": named by prctl(PR_SET_VMA) */
    return *path == '\0' || strncmp(path, "[anon", 5) == 0 ? SMAPS_ANONYMOUS : SMAPS_FILE;
}

/* Fields by blanks: addresses, permissions, offset, device, inode, path. */
static void begin_area(struct reading *reading, char *line)
{
    struct smaps_area *area = &reading->area;
    char *rest;
    memset(area, 0, sizeof *area);
    area->start = strtoull(line, &rest, 16);
    area->end = strtoull(rest + 1, &rest, 16);
    area->writable = strncmp(rest, " rw", 3) == 0;
    area->shared = strlen(rest) > 4 && rest[4] == 's';
    for (int field = 0; field < 4 && rest; field++)
        rest = strchr(rest + 1, ' ');
    const char *path = rest ? rest + strspn(rest, " 0123456789") : "";
    size_t length = strlen(path);
    area->kind = kind_of(path);
    strncpy(area->path, length > SMAPS_PATH_MAX ? path + length - SMAPS_PATH_MAX : path,
            SMAPS_PATH_MAX);
}

static void add_size(struct reading *reading, const char *line)
{
    static const struct {
        const char *name;
        size_t offset;
    } sizes[] = {
        {"Rss:", offsetof(struct smaps_area, resident)},
        {"Anonymous:", offsetof(struct smaps_area, anonymous)},
        {"LazyFree:", offsetof(struct smaps_area, lazy)},
        {"AnonHugePages:", offsetof(struct smaps_area, huge)},
        {"Shared_Hugetlb:", offsetof(struct smaps_area, hugetlb)},
        {"Private_Hugetlb:", offsetof(struct smaps_area, hugetlb)},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t length = strlen(sizes[i].name);
        if (strncmp(line, sizes[i].name, length) != 0)
            continue;
        *(uint64_t *)((char *)&reading->area + sizes[i].offset) += strtoull(line + length, NULL, 10)
                                                                   << 10;
        reading->area.sized = true;
    }
}

static void end_area(struct reading *reading)
{
    if (reading->has_area)
        reading->visit(reading->context, &reading->area);
}

/* Areas begin with small digits, their fields with capitals. */
static void read_line(struct reading *reading, char *line)
{
    if (*line >= 'A' && *line <= 'Z') {
        add_size(reading, line);
        return;
    }
    end_area(reading);
    reading->has_area = true;
    begin_area(reading, line);
}

bool smaps_read(int fd, smaps_visit *visit, void *context)
{
    char text[TEXT_SIZE];
    struct reading reading = {.visit = visit, .context = context};
    size_t kept = 0;
    ssize_t got;
    while ((got = read(fd, text + kept, sizeof text - 1 - kept)) > 0) {
        char *line = text, *end;
        text[kept + (size_t)got] = '\0';
        while ((end = strchr(line, '\n'))) {
            *end = '\0';
            read_line(&reading, line);
            line = end + 1;
        }
        kept = strlen(line);
        memmove(text, line, kept);
    }
    end_area(&reading);
    return got == 0 && reading.has_area;
}
