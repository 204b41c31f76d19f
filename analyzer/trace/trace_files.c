/* Opening traces. Its own file because a trace may be several files, and change meanwhile. */
#include "analyzer/trace/trace_files.h"

#include "analyzer/trace/chunk_scanner.h"
#include "preload/contract/trace_parts.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ATTEMPTS 10

static int map_descriptor(int fd, const char *path, struct trace_file *file,
                          struct problem *problem)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return problem_errno(problem, "cannot read '%s'", path);
    if (!S_ISREG(status.st_mode))
        return problem_set(problem, PROBLEM_DATA, "cannot read '%s': not a regular file", path);
    *file = (struct trace_file){.inode = status.st_ino, .device = status.st_dev};
    if (status.st_size == 0)
        return 0;
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return problem_errno(problem, "cannot read '%s'", path);
    file->bytes = bytes;
    file->size = (size_t)status.st_size;
    return 0;
}

static int map_file(const char *path, struct trace_file *file, struct problem *problem)
{
    /* O_NONBLOCK: a FIFO must be refused, not waited for. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return problem_errno(problem, "cannot open '%s'", path);
    int status = map_descriptor(fd, path, file, problem);
    close(fd);
    return status;
}

/* By its first chunk; one of which nothing is known goes first, where its damage is told. */
static void place(struct trace_files *files, struct trace_file *file)
{
    struct chunk_scanner scanner = {.bytes = file->bytes, .size = file->size};
    struct trace_chunk_header header;
    size_t at = files->count++;

    if (chunk_scanner_first(&scanner, &header))
        file->sequence = header.sequence;
    for (; at > 0 && files->items[at - 1].sequence > file->sequence; at--)
        files->items[at] = files->items[at - 1];
    files->items[at] = *file;
}

/* True when the part still is what was opened. */
static bool is_still(const char *path, const struct trace_file *file)
{
    struct stat status;

    return stat(path, &status) == 0 && status.st_ino == file->inode &&
           status.st_dev == file->device;
}

/* The further parts; false when one was replaced meanwhile. */
static bool open_parts(struct trace_files *files, const char *path)
{
    char name[PATH_MAX + 16];
    struct problem unused;
    struct trace_file parts[TRACE_PARTS] = {0};
    bool there[TRACE_PARTS] = {false}, still = true;

    for (uint32_t i = 1; i < TRACE_PARTS; i++)
        there[i] = trace_part_name(name, sizeof(name), path, i) == 0 &&
                   map_file(name, &parts[i], &unused) == 0;
    for (uint32_t i = 1; i < TRACE_PARTS; i++) {
        if (!there[i])
            continue;
        trace_part_name(name, sizeof(name), path, i);
        still &= is_still(name, &parts[i]);
        if (parts[i].size > 0)
            place(files, &parts[i]);
    }
    return still;
}

static int open_all(struct trace_files *files, const char *path, bool *still,
                    struct problem *problem)
{
    struct trace_file first = {0};

    files->count = 0;
    int status = map_file(path, &first, problem);
    if (status != 0)
        return status;
    if (first.size > 0)
        place(files, &first);
    *still = open_parts(files, path) && is_still(path, &first);
    if (files->count == 0)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot read '%s': not a profinject trace (the file is empty)", path);
    return 0;
}

int trace_files_open(struct trace_files *files, const char *path, struct problem *problem)
{
    bool still = false;
    int status = open_all(files, path, &still, problem);

    for (int i = 1; i < ATTEMPTS && status == 0 && !still; i++) {
        trace_files_close(files);
        status = open_all(files, path, &still, problem);
    }
    return status;
}

void trace_files_close(struct trace_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        munmap((void *)(uintptr_t)files->items[i].bytes, files->items[i].size);
    files->count = 0;
}
