/*
 * archive_writer.h: what archive_reader.c takes apart.
 */
#include "analyzer/load/archive_writer.h"

#include "analyzer/load/archive_format.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/tar_writer.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COPY_SIZE (64u << 10)

struct packing {
    struct tar_writer *writer;
    const char *directory; /* its name in the archive */
    struct problem *problem;
};

static int put_bytes(const struct packing *work, int fd, const char *path, uint64_t size)
{
    uint8_t *bytes = memory_alloc(COPY_SIZE);
    ssize_t got = 1;

    while (size > 0 && (got = read(fd, bytes, size < COPY_SIZE ? size : COPY_SIZE)) > 0) {
        tar_writer_put(work->writer, bytes, (size_t)got);
        size -= (uint64_t)got;
    }
    free(bytes);
    if (got < 0)
        return problem_errno(work->problem, "cannot read '%s'", path);
    return size == 0 ? 0
                     : problem_set(work->problem, PROBLEM_SYSTEM,
                                   "cannot read '%s': it became shorter", path);
}

static int put_file(const struct packing *work, const char *path, const char *name)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat status;
    int result = 0;

    if (fd < 0 || fstat(fd, &status) != 0)
        result = problem_errno(work->problem, "cannot read '%s'", path);
    else if (!tar_writer_begin(work->writer, work->directory, name, (uint64_t)status.st_size,
                               status.st_mtime))
        result = problem_set(work->problem, PROBLEM_DATA,
                             "cannot archive '%s': its name or its size (8 GiB) is too long", name);
    else
        result = put_bytes(work, fd, path, (uint64_t)status.st_size);
    if (fd >= 0)
        close(fd);
    return result;
}

static int is_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int put_directory(struct packing *work, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_file, alphasort), status = 0;

    if (count < 0)
        return problem_errno(work->problem, "cannot read '%s'", path);
    for (int i = 0; i < count; i++) {
        char *file = memory_printf("%s/%s", path, entries[i]->d_name);
        progress_step("writing the archive", (size_t)i, (size_t)count);
        if (status == 0)
            status = put_file(work, file, entries[i]->d_name);
        free(file);
        free(entries[i]);
    }
    free(entries);
    return status;
}

static int put_symbols(const struct packing *work, struct symbol_store *store)
{
    char *name = archive_symbols_name(store);
    size_t size = 0;
    void *bytes = symbol_store_pack(store, &size);
    bool good = bytes != NULL && tar_writer_add(work->writer, ARCHIVE_SYMBOLS, name, bytes, size,
                                                (int64_t)time(NULL));

    free(bytes);
    free(name);
    return good ? 0
                : problem_set(work->problem, PROBLEM_DATA,
                              "cannot archive the symbols of '%s': they are too many",
                              symbol_store_key(store));
}

int archive_writer_pack(const char *root, unsigned recordings, const struct symbol_archive *symbols,
                        FILE *out, struct problem *problem)
{
    struct packing work = {.writer = tar_writer_new(out), .problem = problem};
    char mark[64];
    int status = 0;

    snprintf(mark, sizeof(mark), ARCHIVE_MARK " %d\n", ARCHIVE_VERSION);
    tar_writer_add(work.writer, "", ARCHIVE_MARK, mark, strlen(mark), (int64_t)time(NULL));
    for (unsigned i = 1; i <= recordings && status == 0; i++) {
        char number[16];
        snprintf(number, sizeof(number), "%u", i);
        char *path = memory_printf("%s/%s", root, number);
        work.directory = number;
        status = put_directory(&work, path);
        free(path);
    }
    for (size_t i = 0; i < symbols->count && status == 0; i++)
        status = put_symbols(&work, symbols->items[i].store);
    tar_writer_finish(work.writer);
    return status;
}
