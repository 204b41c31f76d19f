/* Opening and reading them. Its own file because all readers of the machine go this way, so that
 * limits on time and descriptors hold for all. */
#include "preload/resources/kernel_files.h"

#include "preload/contract/libc_clock.h"
#include "preload/resources/kept_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NAMES_MAX 65536u
/* seq_file gives a page at a time, less a line: what is shorter has been read to its end. */
#define SURELY_ALL 2048

unsigned kernel_files_descriptors(unsigned most)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur <= KEPT_FILE_LOW)
        return 0;
    limit.rlim_cur -= KEPT_FILE_LOW;
    return limit.rlim_cur / 4 < most ? (unsigned)(limit.rlim_cur / 4) : most;
}

static bool path_of(const struct kernel_files *files, char *path, const char *format,
                    va_list values)
{
    int root = snprintf(path, KERNEL_PATH_MAX, "%s", files->root);
    if (root < 0 || root >= (int)KERNEL_PATH_MAX)
        return false;
    int rest = vsnprintf(path + root, KERNEL_PATH_MAX - (size_t)root, format, values);
    return rest >= 0 && rest < (int)KERNEL_PATH_MAX - root;
}

/* A pipe in a recorded tree would keep us for ever. */
static int open_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return fd < 0 ? -errno : fd;
}

static void remember(struct kernel_files *files, struct kernel_file *file, const char *path)
{
    size_t size = strlen(path) + 1;
    size_t at = files->paths_used ? files->paths_used : 1; /* no path is at 0 */
    if (!files->paths || at + size > files->paths_size)
        return;
    memcpy(files->paths + at, path, size);
    file->path = (uint32_t)at;
    files->paths_used = at + size;
}

int kernel_file_open(struct kernel_files *files, struct kernel_file *file, const char *format, ...)
{
    char path[KERNEL_PATH_MAX];
    va_list values;
    *file = (struct kernel_file){.fd = -1};
    va_start(values, format);
    bool fits = path_of(files, path, format, values);
    va_end(values);
    if (!fits)
        return -ENAMETOOLONG;
    int fd = open_path(path);
    if (fd < 0)
        return fd;
    file->there = true;
    bool keeps = files->descriptors_used < files->descriptors_max;
    fd = keeps ? kept_file_move(fd) : fd;
    if (keeps && fd >= 0) {
        files->descriptors[files->descriptors_used++] = fd;
        file->fd = fd;
        return 0;
    }
    if (!keeps)
        close(fd);
    remember(files, file, path);
    file->there = file->path != 0;
    return file->there ? 0 : -EMFILE;
}

void kernel_files_close(struct kernel_files *files)
{
    while (files->descriptors_used > 0)
        close(files->descriptors[--files->descriptors_used]);
}

bool kernel_file_is_due(const struct kernel_files *files, const struct kernel_file *file)
{
    return file->there && files->now_ns >= file->due_ns;
}

static ssize_t read_all(struct kernel_files *files, int fd)
{
    size_t size = 0, room = files->text_size - 1;
    ssize_t got;
    int error = 0;
    do {
        got = pread(fd, files->text + size, room - size, (off_t)size);
        error = got < 0 ? errno : 0;
        size += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && size > SURELY_ALL && size < room) || error == EINTR);
    files->text[size] = '\0';
    if (error && size == 0)
        return -error;
    return size > 0 ? (ssize_t)size : -ENODATA;
}

/* Returns true when it is to be left alone for a while. */
static bool note_cost(const struct kernel_files *files, struct kernel_file *file, uint64_t took_ns)
{
    uint32_t cost = took_ns > UINT32_MAX ? UINT32_MAX : (uint32_t)took_ns;
    bool is_first = !file->last_ns;
    file->cost_ns = is_first || cost < file->last_ns ? cost : file->last_ns;
    file->last_ns = cost;
    uint64_t rest_ns = (uint64_t)file->cost_ns * KERNEL_FILE_SHARE;
    if (is_first && rest_ns > KERNEL_FILE_SECOND_NS)
        rest_ns = KERNEL_FILE_SECOND_NS;
    file->due_ns = files->now_ns + rest_ns;
    file->slow = file->sensor && cost > KERNEL_FILE_SLOW_NS ? file->slow + 1 : 0;
    if (file->slow < KERNEL_FILE_SLOW_READS)
        return false;
    file->slow = KERNEL_FILE_SLOW_READS - 1; /* after the rest, one more is enough */
    file->due_ns = files->now_ns + KERNEL_FILE_REST_NS;
    return true;
}

ssize_t kernel_file_read(struct kernel_files *files, struct kernel_file *file)
{
    if (!file->there)
        return -ENOENT;
    uint64_t begun_ns = libc_clock_now_sigsafe();
    int fd = file->fd >= 0 ? file->fd : open_path(files->paths + file->path);
    if (*files->root) /* opening is what a simulated machine costs, and no real one */
        begun_ns = libc_clock_now_sigsafe();
    ssize_t size = fd >= 0 ? read_all(files, fd) : fd;
    if (file->fd < 0 && fd >= 0)
        close(fd);
    return note_cost(files, file, libc_clock_now_sigsafe() - begun_ns) ? -ETIME : size;
}

ssize_t kernel_file_once(struct kernel_files *files, const char *format, ...)
{
    char path[KERNEL_PATH_MAX];
    va_list values;
    va_start(values, format);
    bool fits = path_of(files, path, format, values);
    va_end(values);
    files->text[0] = '\0';
    int fd = fits ? open_path(path) : -ENAMETOOLONG;
    if (fd < 0)
        return fd;
    ssize_t size = read_all(files, fd);
    close(fd);
    while (size > 0 && (unsigned char)files->text[size - 1] <= ' ')
        files->text[--size] = '\0';
    return size ? size : -ENODATA;
}

bool kernel_file_exists(const struct kernel_files *files, const char *format, ...)
{
    char path[KERNEL_PATH_MAX];
    va_list values;
    va_start(values, format);
    bool fits = path_of(files, path, format, values);
    va_end(values);
    return fits && access(path, F_OK) == 0;
}

/* False: `visit` has seen enough. */
static bool each_entry(const char *entries, long size, unsigned *left,
                       bool (*visit)(void *context, const char *name), void *context)
{
    for (long at = 0; at < size;) {
        const struct dirent64 *entry = (const struct dirent64 *)(entries + at);
        at += entry->d_reclen;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (!(*left)-- || !visit(context, entry->d_name))
            return false;
    }
    return true;
}

int kernel_directory_each(const struct kernel_files *files,
                          bool (*visit)(void *context, const char *name), void *context,
                          const char *format, ...)
{
    _Alignas(struct dirent64) char entries[4096];
    char path[KERNEL_PATH_MAX];
    va_list values;
    va_start(values, format);
    bool fits = path_of(files, path, format, values);
    va_end(values);
    int fd = fits ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        return fits ? -errno : -ENAMETOOLONG;
    unsigned left = NAMES_MAX;
    long size;
    while ((size = syscall(SYS_getdents64, fd, entries, sizeof entries)) > 0 &&
           each_entry(entries, size, &left, visit, context))
        ;
    int error = size < 0 ? errno : 0;
    close(fd);
    return -error;
}

const char *kernel_error_text(int error)
{
    switch (error < 0 ? -error : error) {
    case EACCES:
    case EPERM:
        return "no permission";
    case ENOENT:
    case ENOTDIR:
        return "this kernel or machine does not have it";
    case ENODEV:
    case ENXIO:
        return "the device does not answer";
    case EIO:
        return "the device reports an input/output error";
    case ETIMEDOUT:
    case EAGAIN:
        return "the device does not answer in time";
    case EOPNOTSUPP:
        return "switched off in this kernel";
    case ENODATA:
        return "it is empty";
    case EINVAL:
        return "it holds nothing that can be understood";
    case ERANGE:
        return "it holds a value that cannot be";
    case EMFILE:
    case ENFILE:
        return "no file descriptor left for it";
    default:
        return "it cannot be read";
    }
}
