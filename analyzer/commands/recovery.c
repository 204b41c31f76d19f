/*
 * Recovery before reading. Its own file because it writes, which reading does nowhere else.
 */
#include "analyzer/commands/recovery.h"

#include "analyzer/load/sources.h"
#include "analyzer/record/stale_rings.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Of the recording, or that a trace lies in: rings name their traces by whole paths. */
static bool open_recording(struct recording *recording, const char *path)
{
    char whole[PATH_MAX];
    struct stat status;

    if (realpath(path, whole) == NULL || stat(whole, &status) != 0)
        return false;
    return recording_open(recording, S_ISDIR(status.st_mode) ? whole : dirname(whole)) == 0;
}

static void look_at(struct recovery *recovery, const char *path)
{
    struct recording recording;

    if (open_recording(&recording, path))
        recovery->taken_in += stale_rings_take_in(&recording, &recovery->copies);
}

void recovery_init(struct recovery *recovery, const char *const *paths, size_t count)
{
    char *newest = count == 0 ? sources_newest() : NULL;

    memset(recovery, 0, sizeof(*recovery));
    for (size_t i = 0; i < count; i++)
        look_at(recovery, paths[i]);
    if (newest != NULL)
        look_at(recovery, newest);
    free(newest);
}

size_t recovery_left(uint64_t *bytes)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stale_rings shared = stale_rings_count("/dev/shm"), own = {0};

    if (runtime != NULL)
        own = stale_rings_count(runtime);
    *bytes = shared.bytes + own.bytes;
    return shared.left + own.left;
}

void recovery_release(struct recovery *recovery)
{
    trace_copies_release(&recovery->copies);
}

void recovery_tell(const struct recovery *recovery, struct profile *profile)
{
    char text[256];
    size_t copies = recovery->copies.count;

    if (recovery->taken_in > 0) {
        snprintf(text, sizeof(text),
                 "recovered from the ring files of %zu killed process%s: their last part",
                 recovery->taken_in, recovery->taken_in == 1 ? "" : "es");
        profile_add_message(profile, text);
    }
    if (copies > 0) {
        snprintf(text, sizeof(text),
                 "the last part of %zu killed process%s is read from ring files, which cannot be "
                 "taken into the recording",
                 copies, copies == 1 ? "" : "es");
        profile_add_message(profile, text);
    }
}
