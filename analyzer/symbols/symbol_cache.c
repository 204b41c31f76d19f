/*
 * The cache's directory. Its own file because it alone writes for the user outside of what he
 * names, and must trust nothing it finds there.
 */
#include "analyzer/symbols/symbol_cache.h"

#include "analyzer/util/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* A file's time says when it was used last, to the hour: no write for every read. */
#define TOUCH_S 3600

/* What a process that was killed left behind. */
#define TEMPORARY_PREFIX ".new."
#define TEMPORARY_MAX_S 3600

#define NAME_SIZE (ELF_BUILD_ID_MAX * 2 + 32)

struct symbol_cache {
    int fd; /* of the directory */
    uint64_t file_max, size_max;
    bool written;
};

/* --- the directory --------------------------------------------------------- */

static bool is_own(const struct stat *status)
{
    return status->st_uid == geteuid() && (status->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* Root with another's HOME (sudo -E, su) must leave nothing of root's there: from a ~/.cache that
 * is root's the user's own programs are locked out. */
static bool may_make_in(const char *parent)
{
    struct stat status;

    return stat(parent, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0);
}

/* Parents too: ~/.cache may not be there yet. */
static void make_directories(char *path)
{
    bool may_make = true;

    for (char *end = path; *end != '\0';) {
        end += 1 + strcspn(end + 1, "/");
        char kept = *end;
        *end = '\0';
        if (may_make && access(path, F_OK) != 0)
            (void)mkdir(path, 0700);
        may_make = may_make_in(path);
        *end = kept;
    }
}

struct symbol_cache *symbol_cache_new_at(const char *path, uint64_t file_max, uint64_t size_max)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct stat status;
    int fd = open(path, flags);

    if (fd < 0 && errno == ENOENT) {
        char *copy = memory_strdup(path);
        make_directories(copy);
        free(copy);
        fd = open(path, flags);
    }
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) != 0 || !is_own(&status)) {
        close(fd);
        return NULL;
    }
    struct symbol_cache *cache = memory_alloc(sizeof(*cache));
    *cache = (struct symbol_cache){.fd = fd, .file_max = file_max, .size_max = size_max};
    return cache;
}

struct symbol_cache *symbol_cache_new(void)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char *path = NULL;

    if (base != NULL && *base == '/') /* another is to be ignored, says its specification */
        path = memory_printf("%s/profinject/symbols", base);
    else if (home != NULL && *home == '/')
        path = memory_printf("%s/.cache/profinject/symbols", home);
    if (path == NULL)
        return NULL;
    struct symbol_cache *cache =
        symbol_cache_new_at(path, SYMBOL_CACHE_FILE_MAX, SYMBOL_CACHE_SIZE_MAX);
    free(path);
    return cache;
}

/* --- one file -------------------------------------------------------------- */

/* "BUILDID-HASH": the same module may be looked at in several ways. */
static void name_of(char name[NAME_SIZE], const uint8_t *build_id, size_t size, const char *key)
{
    for (size_t i = 0; i < size; i++)
        snprintf(name + i * 2, 3, "%02x", build_id[i]);
    snprintf(name + size * 2, NAME_SIZE - size * 2, "-%016" PRIx64, XXH64(key, strlen(key), 0));
}

/* All of it, or NULL. Not mapped: it may be cut short at any time. */
static uint8_t *read_whole(int fd, size_t size)
{
    uint8_t *bytes = memory_alloc(size + 1);
    size_t have = 0;
    ssize_t more = 1;

    while (have < size && (more = pread(fd, bytes + have, size - have, (off_t)have)) > 0)
        have += (size_t)more;
    if (have == size)
        return bytes;
    free(bytes);
    return NULL;
}

static void touch(int fd, const struct stat *status)
{
    if (status->st_mtime + TOUCH_S < time(NULL))
        (void)futimens(fd, NULL);
}

static struct symbol_store *read_store(const struct symbol_cache *cache, const char *name)
{
    int fd = openat(cache->fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct symbol_store *store = NULL;
    uint8_t *bytes = NULL;
    struct stat status;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && is_own(&status) &&
        (uint64_t)status.st_size <= cache->file_max)
        bytes = read_whole(fd, (size_t)status.st_size);
    if (bytes != NULL)
        store = symbol_store_unpack(bytes, (size_t)status.st_size);
    if (store != NULL)
        touch(fd, &status);
    free(bytes);
    close(fd);
    return store;
}

struct symbol_store *symbol_cache_read(const struct symbol_cache *cache, const uint8_t *build_id,
                                       size_t build_id_size, const char *key)
{
    char name[NAME_SIZE];

    name_of(name, build_id, build_id_size, key);
    struct symbol_store *store = read_store(cache, name);
    if (store != NULL && symbol_store_is_of(store, build_id, build_id_size, key) &&
        file_witnesses_hold(symbol_store_witnesses(store)))
        return store;
    symbol_store_free(store);
    return NULL;
}

/* A limit on the size of files (ulimit -f) is to be an error, not the end of the program. */
static bool write_whole(int fd, const uint8_t *bytes, size_t size)
{
    struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
    size_t done = 0;
    ssize_t more = 1;

    (void)sigaction(SIGXFSZ, &ignored, &before);
    while (done < size && (more = write(fd, bytes + done, size - done)) > 0)
        done += (size_t)more;
    (void)sigaction(SIGXFSZ, &before, NULL);
    return done == size;
}

/* Under another name first, so that nobody ever reads half of it. */
static void write_file(const struct symbol_cache *cache, const char *name, const uint8_t *bytes,
                       size_t size)
{
    struct timespec now;
    char temporary[64];

    clock_gettime(CLOCK_MONOTONIC, &now); /* process numbers repeat, and in other namespaces too */
    snprintf(temporary, sizeof(temporary), TEMPORARY_PREFIX "%d.%lld.%ld", (int)getpid(),
             (long long)now.tv_sec, now.tv_nsec);
    int fd =
        openat(cache->fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    bool whole = write_whole(fd, bytes, size);
    whole = close(fd) == 0 && whole;
    if (!whole || renameat(cache->fd, temporary, cache->fd, name) != 0)
        (void)unlinkat(cache->fd, temporary, 0);
}

void symbol_cache_write(struct symbol_cache *cache, struct symbol_store *store)
{
    const char *key = symbol_store_key(store);
    size_t id_size, size = 0;
    const uint8_t *id = symbol_store_build_id(store, &id_size);
    struct symbol_store *others = symbol_cache_read(cache, id, id_size, key);
    char name[NAME_SIZE];

    if (others != NULL &&
        file_witnesses_equal(symbol_store_witnesses(others), symbol_store_witnesses(store)))
        symbol_store_merge(store, others);
    symbol_store_free(others);
    name_of(name, id, id_size, key);
    uint8_t *bytes = symbol_store_pack(store, &size);
    if (bytes != NULL && size <= cache->file_max)
        write_file(cache, name, bytes, size);
    cache->written = true;
    free(bytes);
}

/* --- its bounds ------------------------------------------------------------ */

struct entry {
    char *name;
    uint64_t size;
    time_t used;
};

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    return (a->used > b->used) - (a->used < b->used);
}

/* Least recently used first, and their sizes added up. */
static struct entry *list(const struct symbol_cache *cache, size_t *count, uint64_t *sum)
{
    int fd = openat(cache->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
    struct entry *entries = NULL;
    struct stat status;
    size_t capacity = 0;

    *count = 0;
    *sum = 0;
    for (struct dirent *item; directory != NULL && (item = readdir(directory)) != NULL;) {
        if (fstatat(cache->fd, item->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(status.st_mode))
            continue;
        if (strncmp(item->d_name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX)) == 0) {
            if (status.st_mtime + TEMPORARY_MAX_S < time(NULL))
                (void)unlinkat(cache->fd, item->d_name, 0);
            continue;
        }
        entries = memory_grow(entries, *count, &capacity, sizeof(*entries));
        entries[(*count)++] =
            (struct entry){memory_strdup(item->d_name), (uint64_t)status.st_size, status.st_mtime};
        *sum += (uint64_t)status.st_size;
    }
    if (directory != NULL)
        closedir(directory);
    if (*count > 0)
        qsort(entries, *count, sizeof(*entries), compare_entries);
    return entries;
}

static void keep_bounds(const struct symbol_cache *cache)
{
    size_t count;
    uint64_t sum;
    struct entry *entries = list(cache, &count, &sum);

    for (size_t i = 0; i < count; i++) {
        if (sum > cache->size_max && unlinkat(cache->fd, entries[i].name, 0) == 0)
            sum -= entries[i].size;
        free(entries[i].name);
    }
    free(entries);
}

void symbol_cache_free(struct symbol_cache *cache)
{
    if (cache == NULL)
        return;
    if (cache->written)
        keep_bounds(cache);
    close(cache->fd);
    free(cache);
}
