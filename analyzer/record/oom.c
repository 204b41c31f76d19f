/*
 * The evidence of the kernel's killing for want of memory. Its own file because where it is to
 * be found differs from system to system.
 */
#include "analyzer/record/oom.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_NAMESPACE 0xEFFFFFFCu /* of pids: PROC_PID_INIT_INO; those of the kernel's log */
#define CLOCKS_APART_NS 5000000000u /* the log's clock is not corrected as ours is */

/* Number `name` of a file of lines "name number". */
static bool read_count(const char *path, uint64_t *count)
{
    char line[128];
    bool found = false;
    FILE *in = fopen(path, "re");

    while (in != NULL && !found && fgets(line, sizeof(line), in) != NULL)
        found = sscanf(line, "oom_kill %" SCNu64, count) == 1;
    if (in != NULL)
        fclose(in);
    return found;
}

/* In a container the group's name may be that outside of it, and its own files at the top. */
static bool watch_group(struct oom_watch *watch, const char *mount, const char *group,
                        const char *file)
{
    const char *const groups[] = {group, ""};

    for (size_t i = 0; i < 2; i++) {
        int length = snprintf(watch->path, sizeof(watch->path), "%s%s/%s", mount, groups[i], file);
        if (length > 0 && (size_t)length < sizeof(watch->path) &&
            read_count(watch->path, &watch->count))
            return true;
    }
    return false;
}

/* A line "number:controllers:group"; with no controllers it is of the second version. */
static bool watch_line(struct oom_watch *watch, char *line)
{
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(controllers + 1, ':') : NULL;

    line[strcspn(line, "\n")] = '\0';
    if (group == NULL)
        return false;
    *group++ = '\0';
    if (strcmp(group, "/") == 0)
        group = "";
    if (strcmp(controllers + 1, "memory") == 0)
        return watch_group(watch, "/sys/fs/cgroup/memory", group, "memory.oom_control");
    return controllers[1] == '\0' &&
           (watch_group(watch, "/sys/fs/cgroup", group, "memory.events.local") ||
            watch_group(watch, "/sys/fs/cgroup", group, "memory.events"));
}

void oom_watch_begin(struct oom_watch *watch, pid_t pid)
{
    char path[32], line[512];
    bool found = false;

    snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
    FILE *in = fopen(path, "re");
    while (in != NULL && !found && fgets(line, sizeof(line), in) != NULL)
        found = watch_line(watch, line);
    if (in != NULL)
        fclose(in);
    if (!found)
        watch->path[0] = '\0';
}

bool oom_watch_tells(const struct oom_watch *watch, char text[OOM_TEXT])
{
    uint64_t now = 0;

    if (watch == NULL || watch->path[0] == '\0' || !read_count(watch->path, &now) ||
        now <= watch->count)
        return false;
    snprintf(text, OOM_TEXT, "'%.150s' counts %" PRIu64 " more oom_kill than before", watch->path,
             now - watch->count);
    return true;
}

bool oom_line_tells(const char *line, pid_t pid, uint64_t start_ns, const char **said)
{
    static const char words[] = "Killed process ";
    uint64_t when_us = 0;
    int found = 0;
    const char *message = strchr(line, ';');
    const char *at = message != NULL ? strstr(message, words) : NULL;

    if (at == NULL || strstr(message, "ut of memory") == NULL ||
        sscanf(at + sizeof(words) - 1, "%d", &found) != 1 || found != pid ||
        sscanf(line, "%*u,%*u,%" SCNu64, &when_us) != 1)
        return false;
    *said = message + 1;
    return when_us * 1000 + CLOCKS_APART_NS >= start_ns;
}

bool oom_is_logged(pid_t pid, uint64_t pid_namespace, uint64_t start_ns, char text[OOM_TEXT])
{
    char line[8192];
    const char *said;
    ssize_t got;
    bool found = false;
    int log = pid_namespace == FIRST_NAMESPACE
                  ? open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                  : -1;

    if (log < 0)
        return false;
    /* A line each; EPIPE: some were overwritten before they were read. */
    while (!found && ((got = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE)) {
        line[got > 0 ? got : 0] = '\0';
        found = oom_line_tells(line, pid, start_ns, &said);
        if (found)
            snprintf(text, OOM_TEXT, "the kernel's log: %.*s", (int)strcspn(said, "\n"), said);
    }
    close(log);
    return found;
}
