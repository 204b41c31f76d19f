/*
 * archive_reader.h: members come in order, each is of one of three kinds.
 */
#include "analyzer/load/archive_reader.h"

#include "analyzer/load/archive_format.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/tar_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Traces are compressed in themselves, symbols and maps are text: ten to one is usual. */
#define BYTES_ALWAYS (UINT64_C(64) << 20)
#define BYTES_PER_BYTE 100
#define FILES_MAX 100000

/* A store of a million places is half of it. */
#define STORE_MAX (UINT64_C(256) << 20)

#define COPY_SIZE (64u << 10)

struct unpacking {
    const char *path, *root;
    struct tar_reader *reader;
    struct symbol_archive *symbols;
    unsigned number, recordings;
    struct problem *problem;
};

char *archive_symbols_name(const struct symbol_store *store)
{
    char hex[ELF_BUILD_ID_MAX * 2 + 1] = "none";
    const char *path = symbol_store_key(store);
    size_t size;
    const uint8_t *build_id = symbol_store_build_id(store, &size);

    for (size_t i = 0; i < size; i++)
        snprintf(hex + i * 2, 3, "%02x", build_id[i]);
    hex[TAR_NAME_MAX - 17] = '\0'; /* the hash tells the rest apart */
    return memory_printf("%s-%016" PRIx64, hex,
                         XXH64(path, strlen(path), XXH64(build_id, size, 0)));
}

static int damaged(const struct unpacking *work, const char *member)
{
    return problem_set(work->problem, PROBLEM_DATA,
                       "cannot read '%s': the archive is damaged (in '%s')", work->path, member);
}

/* --- symbols --------------------------------------------------------------- */

static int take_symbols(struct unpacking *work, const struct tar_entry *entry)
{
    if (entry->size > STORE_MAX)
        return damaged(work, entry->name);
    uint8_t *bytes = memory_alloc(entry->size + 1);
    int64_t got = 1;
    size_t have = 0;
    while (have < entry->size && got > 0) {
        got = tar_reader_read(work->reader, bytes + have, entry->size - have, work->problem);
        have += got > 0 ? (size_t)got : 0;
    }
    struct symbol_store *store = got < 0 ? NULL : symbol_store_unpack(bytes, have);
    free(bytes);
    if (got < 0)
        return (int)got;
    if (store == NULL)
        return damaged(work, entry->name);
    char *name = archive_symbols_name(store);
    bool named = strcmp(name, entry->name) == 0;
    free(name);
    if (named) {
        symbol_archive_add(work->symbols, store, work->number);
        return 0;
    }
    symbol_store_free(store);
    return problem_set(work->problem, PROBLEM_DATA,
                       "cannot read '%s': the symbols in '%s' are of another build than that",
                       work->path, entry->name);
}

/* --- recordings ------------------------------------------------------------ */

/* "1", "2": each as the next one, or one that was begun. */
static bool take_directory(struct unpacking *work, const char *name, unsigned *number)
{
    char expected[16], *end;

    *number = (unsigned)strtoul(name, &end, 10);
    snprintf(expected, sizeof(expected), "%u", *number);
    return strcmp(name, expected) == 0 && *number >= 1 && *number <= work->recordings + 1;
}

static int cannot_write(const struct unpacking *work)
{
    return problem_errno(work->problem, "cannot unpack '%s' into '%s' (TMPDIR)", work->path,
                         work->root);
}

static int copy_out(struct unpacking *work, int fd)
{
    uint8_t *bytes = memory_alloc(COPY_SIZE);
    int64_t got;
    int status = 0;

    while (status == 0 &&
           (got = tar_reader_read(work->reader, bytes, COPY_SIZE, work->problem)) != 0) {
        errno = ENOSPC; /* what a short write means */
        if (got < 0)
            status = (int)got;
        else if (write(fd, bytes, (size_t)got) != got)
            status = cannot_write(work);
    }
    free(bytes);
    return status;
}

static int take_file(struct unpacking *work, const struct tar_entry *entry)
{
    unsigned number;

    if (!take_directory(work, entry->directory, &number))
        return damaged(work, entry->directory);
    char *directory = memory_printf("%s/%u", work->root, number);
    char *path = memory_printf("%s/%s", directory, entry->name);
    int status = 0, fd = -1;
    if (number > work->recordings && mkdir(directory, 0700) != 0)
        status = cannot_write(work);
    else
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (status == 0 && fd < 0)
        status = errno == EEXIST ? damaged(work, entry->name) : cannot_write(work);
    if (number > work->recordings)
        work->recordings = number;
    if (status == 0)
        status = copy_out(work, fd);
    if (fd >= 0)
        close(fd);
    free(path);
    free(directory);
    return status;
}

/* --- the whole ------------------------------------------------------------- */

static int read_mark(struct unpacking *work)
{
    struct tar_entry entry;
    char text[64] = "";
    int version = 0;
    int status = tar_reader_next(work->reader, &entry, work->problem);

    if (status != 0 && status != 1 && tar_reader_is_cut(work->reader))
        return status;
    if (status != 1 || entry.directory[0] != '\0' || strcmp(entry.name, ARCHIVE_MARK) != 0)
        return problem_set(work->problem, PROBLEM_DATA,
                           "cannot read '%s': neither a trace nor an archive of profinject",
                           work->path);
    if (tar_reader_read(work->reader, text, sizeof(text) - 1, work->problem) < 0)
        return work->problem->code;
    if (sscanf(text, ARCHIVE_MARK " %d", &version) != 1)
        return damaged(work, entry.name);
    if (version != ARCHIVE_VERSION)
        return problem_set(work->problem, PROBLEM_DATA,
                           "cannot read '%s': the archive's version is %d, this profinject reads "
                           "%d: use the one that made it",
                           work->path, version, ARCHIVE_VERSION);
    return 0;
}

static int read_members(struct unpacking *work)
{
    struct tar_entry entry;
    int status = read_mark(work);

    while (status == 0 && (status = tar_reader_next(work->reader, &entry, work->problem)) == 1) {
        bool is_symbols = strcmp(entry.directory, ARCHIVE_SYMBOLS) == 0;
        status = is_symbols ? take_symbols(work, &entry) : take_file(work, &entry);
    }
    return status;
}

int archive_reader_unpack(const char *path, const char *root, unsigned number,
                          struct symbol_archive *symbols, unsigned *recordings,
                          struct problem *problem)
{
    struct unpacking work = {.path = path,
                             .root = root,
                             .reader = tar_reader_new(path, problem),
                             .symbols = symbols,
                             .number = number,
                             .problem = problem};

    if (work.reader == NULL)
        return problem->code;
    tar_reader_set_limits(
        work.reader,
        (struct tar_limits){BYTES_ALWAYS + BYTES_PER_BYTE * tar_reader_file_size(work.reader),
                            FILES_MAX});
    int status = read_members(&work);
    tar_reader_free(work.reader);
    *recordings = work.recordings;
    return status;
}
