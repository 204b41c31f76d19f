/* Finding them. Its own file because it is all about paths: of groups within hierarchies, of
 * hierarchies within mounts. */
#include "preload/resources/group_place.h"

#include "preload/resources/number_text.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const names[GROUP_CONTROLLERS] = {"cpu", "cpuacct", "memory", "pids"};

#define UNIFIED GROUP_CONTROLLERS /* the hierarchy of version 2 */

/* What the process is in, by hierarchy, and where that is mounted. */
struct search {
    char groups[GROUP_CONTROLLERS + 1][GROUP_PATH_MAX];
    struct group_place mounts[GROUP_CONTROLLERS + 1];
    char roots[GROUP_CONTROLLERS + 1][GROUP_PATH_MAX]; /* of mounts within their hierarchy */
};

/* Whether `word` is in the list up to `end`, between commas. */
static bool has_word(const char *list, const char *end, const char *word)
{
    size_t length = strlen(word);
    while (list < end) {
        size_t item = strcspn(list, ",\n ");
        item = item < (size_t)(end - list) ? item : (size_t)(end - list);
        if (item == length && strncmp(list, word, length) == 0)
            return true;
        list += item + 1;
    }
    return false;
}

/* "\040" is a blank, and likewise. False: there is no room. */
static bool copy_path(char *to, const char *from, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (used + 1 >= GROUP_PATH_MAX)
            return false;
        if (from[i] == '\\' && i + 3 < length) {
            to[used++] =
                (char)((from[i + 1] & 3) << 6 | (from[i + 2] & 7) << 3 | (from[i + 3] & 7));
            i += 3;
        } else {
            to[used++] = from[i];
        }
    }
    to[used] = '\0';
    return true;
}

/* "4:memory,cpu:/path", "0::/path" */
static void read_group(struct search *search, const char *line)
{
    const char *list = strchr(line, ':');
    const char *end = list ? strchr(list + 1, ':') : NULL;
    if (!end)
        return;
    list++;
    const char *path = end + 1;
    for (unsigned i = 0; i <= GROUP_CONTROLLERS; i++)
        if (i == UNIFIED ? list == end && line[0] == '0' : has_word(list, end, names[i]))
            if (!copy_path(search->groups[i], path, strcspn(path, "\n")))
                search->groups[i][0] = '\0';
}

/* "31 23 0:28 ROOT MOUNT options [more] - TYPE source options" */
static void read_mount(struct search *search, const char *line)
{
    const char *at = line, *root = NULL, *mount = NULL, *type = strstr(line, " - ");
    size_t root_length = 0, mount_length = 0;
    for (unsigned field = 0; field < 5; field++) {
        size_t length = number_text_word(&at);
        root = field == 3 ? at : root;
        root_length = field == 3 ? length : root_length;
        mount = at;
        mount_length = length;
        at += length;
    }
    if (!type || mount_length == 0)
        return;
    type += 3;
    bool unified = number_text_after(type, "cgroup2 ") != NULL;
    if (!unified && !number_text_after(type, "cgroup "))
        return;
    const char *end = type + strlen(type), *options = strrchr(type, ' ');
    for (unsigned i = 0; i <= GROUP_CONTROLLERS; i++) {
        struct group_place *place = &search->mounts[i];
        if (place->there ||
            !(i == UNIFIED ? unified : !unified && has_word(options + 1, end, names[i])))
            continue;
        place->there = copy_path(place->path, mount, mount_length) &&
                       copy_path(search->roots[i], root, root_length);
        place->unified = unified;
    }
}

/* Line by line: machines with many containers have thousands of mounts. */
static bool read_lines(struct kernel_files *files, struct search *search, const char *path,
                       void (*read_line)(struct search *search, const char *line))
{
    char name[KERNEL_PATH_MAX];
    if (snprintf(name, sizeof name, "%s%s", files->root, path) >= (int)sizeof name)
        return false;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t kept = 0;
    ssize_t got = 0;
    while (fd >= 0 && (got = read(fd, files->text + kept, files->text_size - 1 - kept)) > 0) {
        char *line = files->text, *end;
        line[kept + (size_t)got] = '\0';
        for (; (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            read_line(search, line);
        }
        kept = strlen(line);
        memmove(files->text, line, kept);
        if (kept == files->text_size - 1)
            kept = 0; /* no mount of ours has such a line */
    }
    if (fd >= 0)
        close(fd);
    return fd >= 0 && got == 0;
}

/* The group within the mount. Where the mount shows a group that is not above ours, as in
 * containers that see paths of their host, it shows ours. */
static bool join(struct group_place *place, const char *group, const char *root)
{
    size_t length = strlen(root);
    const char *rest = "";
    if (strcmp(root, "/") == 0)
        rest = group;
    else if (strncmp(group, root, length) == 0 && (group[length] == '/' || !group[length]))
        rest = group + length;
    size_t used = strlen(place->path), more = strlen(rest);
    while (more > 0 && rest[more - 1] == '/')
        more--;
    if (used + more >= GROUP_PATH_MAX)
        return false;
    place->mount_length = (unsigned)used;
    memcpy(place->path + used, rest, more);
    place->path[used + more] = '\0';
    return true;
}

void group_places_find(struct group_places *places, struct kernel_files *files, int pid)
{
    struct search search = {.groups = {""}};
    char path[64];
    bool any = false;
    memset(places, 0, sizeof *places);
    if (pid)
        snprintf(path, sizeof path, "/proc/%d/cgroup", pid);
    if (!read_lines(files, &search, pid ? path : "/proc/self/cgroup", read_group) ||
        !read_lines(files, &search, "/proc/self/mountinfo", read_mount)) {
        places->reason = "/proc does not tell which";
        return;
    }
    for (unsigned i = 0; i < GROUP_CONTROLLERS; i++) {
        unsigned from = search.mounts[i].there && search.groups[i][0] ? i : UNIFIED;
        struct group_place *place = &places->of[i];
        *place = search.mounts[from];
        const char *group = search.groups[from];
        if (number_text_after(group, "/..")) {
            places->reason = "its group is outside of what is shown here";
            place->there = false;
        }
        place->there = place->there && group[0] == '/' && join(place, group, search.roots[from]);
        any |= place->there;
    }
    if (!any && !places->reason)
        places->reason = "no control groups are mounted here";
}

bool group_place_up(const struct group_place *place, char *path)
{
    size_t length = strlen(path);
    if (length <= place->mount_length)
        return false;
    while (length > place->mount_length && path[length - 1] != '/')
        length--;
    if (length > place->mount_length && path[length - 1] == '/')
        length--;
    path[length] = '\0';
    return true;
}
