/* Finding and making annexes. Its own file because their names are known nowhere else. */
#include "preload/contract/annex.h"

#include "preload/contract/trace_chunk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ATTEMPTS 20 /* of a millisecond, while another process is making it */

void annex_prefix(const char *path, char *prefix, size_t size)
{
    snprintf(prefix, size, "profinject.annex.%016llx.",
             (unsigned long long)trace_chunk_hash(path, strlen(path)));
}

/* The directory is in a place where everybody may make one. */
static bool is_own(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           !(status.st_mode & 077);
}

int annex_open(struct recording *annex, const char *path)
{
    char prefix[64], own[128];
    annex_prefix(path, prefix, sizeof prefix);
    snprintf(own, sizeof own, "%s/%s%u", ANNEX_DIRECTORY, prefix, (unsigned)geteuid());
    int status = recording_create(annex, own, false);
    for (int i = 0; i < ATTEMPTS && status != 0; i++) {
        const struct timespec moment = {0, 1000000};
        if (status != -EEXIST && status != -EINVAL && status != -ENOTEMPTY)
            return status;
        if (!is_own(own))
            return -EPERM;
        status = recording_open(annex, own);
        if (status == -EINVAL || status == -ENOENT) {
            nanosleep(&moment, NULL);
            status = -EINVAL;
        }
    }
    return status;
}
