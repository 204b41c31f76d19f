/*
 * Reading manifests. Its own file because the contract's recording.c reads only
 * what a writer needs, without the heap.
 */
#include "analyzer/load/manifest.h"

#include "analyzer/util/memory.h"
#include "preload/contract/recording.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_end(struct manifest *manifest, const char *value)
{
    if (sscanf(value, "exit %d", &manifest->end_status) == 1)
        manifest->end = MANIFEST_END_EXIT;
    else if (sscanf(value, "signal %d", &manifest->end_status) == 1)
        manifest->end = MANIFEST_END_SIGNAL;
}

static void read_line(struct manifest *manifest, const char *line)
{
    if (strncmp(line, "id=", 3) == 0)
        manifest->id = strtoull(line + 3, NULL, 16);
    else if (strncmp(line, "created_realtime_ns=", 20) == 0)
        manifest->created_ns = strtoull(line + 20, NULL, 10);
    else if (strncmp(line, "pid=", 4) == 0)
        manifest->pid = (int32_t)strtol(line + 4, NULL, 10);
    else if (strncmp(line, "exit=", 5) == 0)
        read_end(manifest, line + 5);
    else if (strncmp(line, "ended_monotonic_ns=", 19) == 0)
        manifest->ended_ns = strtoull(line + 19, NULL, 10);
}

bool manifest_read(const char *directory, struct manifest *manifest)
{
    char *path = memory_printf("%s/%s", directory, RECORDING_MANIFEST);
    FILE *in = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    bool is_manifest = false;

    memset(manifest, 0, sizeof(*manifest));
    free(path);
    if (in == NULL)
        return false;
    if (getline(&line, &capacity, in) > 0) {
        line[strcspn(line, "\n")] = '\0';
        is_manifest = strcmp(line, RECORDING_MANIFEST_FIRST_LINE) == 0;
    }
    while (is_manifest && getline(&line, &capacity, in) > 0)
        read_line(manifest, line);
    free(line);
    fclose(in);
    errno = 0;
    return is_manifest;
}
