/*
 * What the analyzer finds in a trace that was cut, at one length after the other, in one process:
 * as commands of their own all these would take hours.
 *
 *     cut_trace TRACE FROM TO
 *
 * TRACE is cut to TO - 1 bytes, then to one less, down to FROM, and read each time as `report` would.
 * A line per run of lengths that read alike: the shortest and the longest, then chunks, threads,
 * samples and allocations that were found; all 0 where it is no trace any more.
 */
#include "analyzer/load/load.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct found {
    uint64_t chunks, threads, samples, allocations;
};

static struct found read_trace(const char *path)
{
    const struct load_options options = {.no_symbols = true};
    struct problem problem = {0};
    struct profile *profile;
    struct found found = {0};

    if (load_profile(&path, 1, &options, &profile, &problem) != 0)
        return found;
    for (size_t i = 0; i < profile->process_count; i++)
        found.chunks += profile->processes[i].chunks;
    found.threads = profile->thread_count;
    found.samples = (uint64_t)profile_total(profile, METRIC_SAMPLES);
    found.allocations = (uint64_t)profile_total(profile, METRIC_ALLOC_COUNT);
    profile_free(profile);
    return found;
}

static void tell(long first, long last, const struct found *found)
{
    printf("%ld %ld %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", first, last, found->chunks,
           found->threads, found->samples, found->allocations);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    long from = argc == 4 ? atol(argv[2]) : 0, to = argc == 4 ? atol(argv[3]) : 0;
    int fd = argc == 4 ? open(argv[1], O_WRONLY | O_CLOEXEC) : -1;
    struct found before = {0};
    long last = to - 1;

    if (fd < 0 || from < 0 || from >= to) {
        fputs("usage: cut_trace TRACE FROM TO\n", stderr);
        return 2;
    }
    for (long size = to - 1; size >= from; size--) {
        if (ftruncate(fd, size) != 0) {
            perror("cut_trace");
            return 1;
        }
        struct found found = read_trace(argv[1]);
        if (size < to - 1 && memcmp(&found, &before, sizeof(found)) != 0) {
            tell(size + 1, last, &before);
            last = size;
        }
        before = found;
    }
    tell(from, last, &before);
    close(fd);
    return 0;
}
