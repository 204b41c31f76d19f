/*
 * Where the recording is, and this image's trace in it. Its own file because it is all
 * about names, and asked before there is a session.
 */
#include "preload/place.h"

#include "preload/contract/annex.h"
#include "preload/environment.h"
#include "preload/facts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGES_MAX 10000

/* Makes the recording the output setting names; that is expanded then. */
static int make_recording(struct settings *settings, struct recording *recording)
{
    char path[PATH_MAX], comm[16];
    bool is_default = settings_is_default(settings, SETTING_ID_output);
    facts_comm(comm, sizeof comm);
    int status = recording_expand(settings->output, comm, path, sizeof path);
    if (status != 0)
        return status;
    snprintf(settings->output, sizeof settings->output, "%s", path);
    return is_default ? recording_create_numbered(recording, path)
                      : recording_create(recording, path, false);
}

int place_of_recording(struct settings *settings, struct recording *recording, char *why,
                       size_t why_size)
{
    static char variable[PATH_MAX + sizeof RECORDING_VARIABLE + 1]; /* environ keeps it */
    const char *given = getenv(RECORDING_VARIABLE);
    int status = given ? recording_open(recording, given) : make_recording(settings, recording);
    if (given && status == -EACCES) /* it is another user's, who became this one */
        status = annex_open(recording, given);
    if (status == 0 && recording_is_others(recording))
        status = -EPERM;
    if (status != 0) {
        snprintf(why, why_size, "cannot %s '%s': %s", given ? "join" : "make",
                 given ? given : settings->output, strerrordesc_np(-status));
        return status;
    }
    snprintf(settings->output, sizeof settings->output, "%s", recording->path);
    if (!given) {
        snprintf(variable, sizeof variable, "%s=%s", RECORDING_VARIABLE, recording->path);
        environment_put(variable);
    }
    return 0;
}

int place_of_trace(const struct recording *recording, char *name, size_t size)
{
    char comm[16], path[PATH_MAX];
    struct stat status;
    facts_comm(comm, sizeof comm);
    for (unsigned image = 0; image < IMAGES_MAX; image++) {
        char number[16] = "";
        if (image)
            snprintf(number, sizeof number, ".%u", image);
        snprintf(name, size, "%s.%d%s.pinj", comm, (int)getpid(), number);
        int length = snprintf(path, sizeof path, "%s/%s", recording->path, name);
        if (length < 0 || (size_t)length >= sizeof path)
            return -ENAMETOOLONG;
        if (lstat(path, &status) != 0)
            return 0;
    }
    return -EEXIST;
}
