/*
 * Making, opening and noting recordings. Its own file because launcher and
 * library do the same here, and either may be first.
 */
#include "preload/contract/recording.h"

#include "preload/contract/libc_clock.h"
#include "preload/contract/trace_format.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define MANIFEST_MAX (16u << 10) /* of a manifest that is still believed */

#define NAMES_MAX 1000 /* of recordings begun in one second */

#define MESSAGES_ROOM 4096 /* bytes: why the disk is full has to be told on that disk */

/* A ring directory has to hold the rings of a small process tree. */
#define RINGS_ROOM (8u << 20)

static void expand_time(char *text, size_t size)
{
    struct tm parts;
    time_t now = (time_t)(libc_clock_read_sigsafe(CLOCK_REALTIME) / 1000000000u);
    gmtime_r(&now, &parts);
    strftime(text, size, "%Y%m%d-%H%M%S", &parts);
}

/* What `%letter` stands for, or NULL. */
static const char *expand_letter(char letter, const char *comm, char *scratch, size_t size)
{
    switch (letter) {
    case '%':
        return "%";
    case 'c':
        snprintf(scratch, size, "%s", comm);
        for (char *c = scratch; *c; c++)
            if (*c == '/' || (unsigned char)*c < ' ')
                *c = '_';
        return scratch;
    case 'p':
        snprintf(scratch, size, "%d", (int)getpid());
        return scratch;
    case 't':
        expand_time(scratch, size);
        return scratch;
    case 'h':
        if (gethostname(scratch, size) != 0)
            return "localhost";
        scratch[size - 1] = '\0';
        return scratch;
    default:
        return NULL;
    }
}

int recording_expand(const char *pattern, const char *comm, char *path, size_t size)
{
    size_t used = 0;
    if (pattern[0] != '/') {
        if (!getcwd(path, size))
            return errno == ERANGE ? -ENAMETOOLONG : -errno;
        used = strlen(path);
        if (used + 1 >= size)
            return -ENAMETOOLONG;
        if (used > 1)
            path[used++] = '/';
    }
    for (const char *c = pattern; *c; c++) {
        char scratch[256], plain[2] = {*c, '\0'};
        const char *text = plain;
        if (*c == '%') {
            text = expand_letter(*++c, comm, scratch, sizeof scratch);
            if (!text)
                return -EINVAL;
        }
        size_t length = strlen(text);
        if (used + length >= size)
            return -ENAMETOOLONG;
        memcpy(path + used, text, length);
        used += length;
    }
    while (used > 1 && path[used - 1] == '/')
        used--;
    path[used] = '\0';
    return 0;
}

static bool has_room(const char *directory)
{
    struct statvfs room;
    return access(directory, W_OK | X_OK) == 0 && statvfs(directory, &room) == 0 &&
           (uint64_t)room.f_bavail * room.f_frsize >= RINGS_ROOM;
}

/* Stores into disk-backed pages stall during writeback, so tmpfs comes first. */
static void choose_rings(struct recording *recording)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    const char *chosen = recording->path;
    if (runtime && runtime[0] == '/' && strlen(runtime) < sizeof recording->rings &&
        has_room(runtime))
        chosen = runtime;
    else if (has_room("/dev/shm"))
        chosen = "/dev/shm";
    memcpy(recording->rings, chosen, strlen(chosen) + 1);
}

static int member(const struct recording *recording, const char *name, char *path, size_t size)
{
    int length = snprintf(path, size, "%s/%s", recording->path, name);
    return length < 0 || (size_t)length >= size ? -ENAMETOOLONG : 0;
}

bool recording_is_trace(const char *name)
{
    size_t length = strlen(name), suffix = strlen(RECORDING_TRACE_SUFFIX);
    return length > suffix && strcmp(name + length - suffix, RECORDING_TRACE_SUFFIX) == 0;
}

/* The trace may have parts (trace_parts.h). */
static bool is_part(const char *name)
{
    char trace[NAME_MAX + 1];
    const char *dot = strrchr(name, '.');
    if (!dot)
        return false;
    snprintf(trace, sizeof trace, "%.*s", (int)(dot - name), name);
    return recording_is_trace(trace) &&
           (strspn(dot + 1, "0123456789") == strlen(dot + 1) || strcmp(dot, TRACE_PART_NEW) == 0);
}

static bool is_ours(const char *name)
{
    return is_part(name) || strcmp(name, RECORDING_MANIFEST) == 0 ||
           strcmp(name, RECORDING_MESSAGES) == 0 || strcmp(name, RECORDING_PAGE) == 0 ||
           recording_is_trace(name);
}

/* Removes what a former recording left; the directory must be one, or empty. */
static int clear_directory(const struct recording *recording, bool force)
{
    char path[PATH_MAX];
    struct recording former;
    int status = recording_open(&former, recording->path);
    bool is_recording = status == 0;
    DIR *directory = opendir(recording->path);
    if (!directory)
        return -errno;

    status = is_recording && !force ? -EEXIST : 0;
    for (struct dirent *entry; status == 0 && (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!is_recording)
            status = -ENOTEMPTY;
        else if (is_ours(entry->d_name) &&
                 (status = member(recording, entry->d_name, path, sizeof path)) == 0 &&
                 unlink(path) != 0)
            status = -errno;
    }
    closedir(directory);
    return status;
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int append(const struct recording *recording, const char *name, int flags, const char *text)
{
    char path[PATH_MAX];
    int status = member(recording, name, path, sizeof path);
    if (status != 0)
        return status;
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        return -errno;
    status = write_all(fd, text, strlen(text));
    close(fd);
    return status;
}

void recording_remove(const struct recording *recording)
{
    char path[PATH_MAX];
    if (member(recording, RECORDING_MANIFEST, path, sizeof path) == 0)
        unlink(path);
    if (member(recording, RECORDING_MESSAGES, path, sizeof path) == 0)
        unlink(path);
    rmdir(recording->path);
}

/* Not every file system can; then a full disk is silent. */
static void reserve_messages(const struct recording *recording)
{
    char path[PATH_MAX];
    if (member(recording, RECORDING_MESSAGES, path, sizeof path) != 0)
        return;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, MESSAGES_ROOM);
    close(fd);
}

/* Others may have put a directory, or a link, where everybody may write. */
static int check_owner(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return -errno;
    if (!S_ISDIR(status.st_mode))
        return -ENOTDIR;
    return status.st_uid == geteuid() ? 0 : -EPERM;
}

bool recording_is_others(const struct recording *recording)
{
    int status = check_owner(recording->path);
    return status == -EPERM || status == -ENOTDIR;
}

/* The directory, which is there, becomes one for its owner alone. */
static int take_directory(const struct recording *recording, bool force)
{
    int status = clear_directory(recording, force);
    if (status != 0)
        return status;
    int fd = open(recording->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fchmod(fd, 0700) != 0)
        status = -errno;
    if (fd >= 0)
        close(fd);
    return status;
}

int recording_create(struct recording *recording, const char *path, bool force)
{
    char text[PATH_MAX + 256];

    memset(recording, 0, sizeof *recording);
    if (strlen(path) + 1 > sizeof recording->path)
        return -ENAMETOOLONG;
    memcpy(recording->path, path, strlen(path) + 1);
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    int status = check_owner(path);
    if (status == 0 && !made)
        status = take_directory(recording, force);
    if (status != 0)
        return status;
    uint64_t created = libc_clock_read_sigsafe(CLOCK_REALTIME);
    recording->id = (created ^ ((uint64_t)getpid() << 40)) * 0x9E3779B97F4A7C15u;
    recording->created_ns = created;
    choose_rings(recording);
    snprintf(text, sizeof text, "%s\nid=%016llx\ncreated_realtime_ns=%llu\nrings=%s\n",
             RECORDING_MANIFEST_FIRST_LINE, (unsigned long long)recording->id,
             (unsigned long long)created, recording->rings);
    status = append(recording, RECORDING_MANIFEST, O_CREAT | O_EXCL, text);
    if (status == 0)
        reserve_messages(recording);
    else if (status != -EEXIST) /* somebody else's, begun meanwhile */
        recording_remove(recording);
    return status;
}

int recording_create_numbered(struct recording *recording, const char *path)
{
    char numbered[PATH_MAX];
    int status = recording_create(recording, path, false);
    for (int n = 2;
         (status == -EEXIST || status == -ENOTEMPTY || status == -EPERM) && n < NAMES_MAX; n++) {
        int length = snprintf(numbered, sizeof numbered, "%s.%d", path, n);
        if (length < 0 || (size_t)length >= sizeof numbered)
            return -ENAMETOOLONG;
        status = recording_create(recording, numbered, false);
    }
    return status;
}

/* Reads the lines that concern us; unknown names are somebody else's. */
static void parse_manifest(struct recording *recording, char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        if (strncmp(line, "id=", 3) == 0)
            recording->id = strtoull(line + 3, NULL, 16);
        else if (strncmp(line, "created_realtime_ns=", 20) == 0)
            recording->created_ns = strtoull(line + 20, NULL, 10);
        else if (strncmp(line, "rings=", 6) == 0)
            snprintf(recording->rings, sizeof recording->rings, "%s", line + 6);
        else if (strncmp(line, "servant=", 8) == 0)
            snprintf(recording->servant, sizeof recording->servant, "%s", line + 8);
    }
}

int recording_open(struct recording *recording, const char *path)
{
    char file[PATH_MAX], text[MANIFEST_MAX + 1];
    const size_t first = strlen(RECORDING_MANIFEST_FIRST_LINE);

    memset(recording, 0, sizeof *recording);
    if (strlen(path) + 1 > sizeof recording->path)
        return -ENAMETOOLONG;
    memcpy(recording->path, path, strlen(path) + 1);
    int status = member(recording, RECORDING_MANIFEST, file, sizeof file);
    if (status != 0)
        return status;
    int fd = open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t size = read(fd, text, MANIFEST_MAX);
    status = size < 0 ? -errno : 0;
    close(fd);
    if (status != 0)
        return status;
    text[size] = '\0';
    if (strncmp(text, RECORDING_MANIFEST_FIRST_LINE "\n", first + 1) != 0)
        return -EINVAL;
    parse_manifest(recording, text + first + 1);
    return recording->id && recording->rings[0] == '/' ? 0 : -EINVAL;
}

int recording_note(const struct recording *recording, const char *name, const char *value)
{
    char text[MANIFEST_MAX];
    int length = snprintf(text, sizeof text, "%s=%s\n", name, value);
    if (length < 0 || (size_t)length >= sizeof text)
        return -ENAMETOOLONG;
    return append(recording, RECORDING_MANIFEST, 0, text);
}

void recording_message(const struct recording *recording, const char *line)
{
    char text[1024];
    snprintf(text, sizeof text, "%s\n", line);
    append(recording, RECORDING_MESSAGES, O_CREAT, text);
}
