/* The cache's directory: whose it may be, what is believed, and its bounds. */
#include "analyzer/symbols/symbol_cache.h"

#include "analyzer/util/memory.h"
#include "tests/unit/compiled.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const uint8_t id[] = {0xab, 0xcd};
static struct strings *strings;

static void init(void)
{
    scratch_init();
    strings = strings_new();
}

static void release(void)
{
    strings_free(strings);
    scratch_release();
}

TestSuite(symbol_cache, .init = init, .fini = release);

static struct symbol_cache *open_cache(void)
{
    return symbol_cache_new_at("cache", 1 << 20, 1 << 20);
}

static void add(struct symbol_store *store, uint64_t address, const char *name)
{
    struct symbol_frame frame = {.function = name, .line = 1};

    symbol_store_add(store,
                     &(struct symbol_query){.address = address, .frames = &frame, .count = 1});
}

static void keep(struct symbol_cache *cache, const char *key, uint64_t address, const char *witness)
{
    struct symbol_store *store = symbol_store_new(id, sizeof(id), key);

    add(store, address, "function");
    if (witness != NULL)
        file_witnesses_note(symbol_store_witnesses(store), witness);
    symbol_cache_write(cache, store);
    symbol_store_free(store);
}

/* Whether the address is known of the module; -1: nothing is. */
static int knows(struct symbol_cache *cache, const char *key, uint64_t address)
{
    struct symbol_store *store = symbol_cache_read(cache, id, sizeof(id), key);
    struct symbol_query query = {.address = address};

    if (store == NULL)
        return -1;
    bool found = symbol_store_find(store, strings, &query);
    free(query.frames);
    symbol_store_free(store);
    return found;
}

static size_t count_files(const char *directory)
{
    DIR *stream = opendir(directory);
    size_t count = 0;

    for (struct dirent *entry; stream != NULL && (entry = readdir(stream)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (stream != NULL)
        closedir(stream);
    return count;
}

Test(symbol_cache, keeps_and_adds)
{
    struct symbol_cache *cache = open_cache();

    cr_expect_eq(knows(cache, "key", 1), -1);
    keep(cache, "key", 1, NULL);
    cr_expect_eq(knows(cache, "key", 1), 1);
    cr_expect_eq(knows(cache, "key", 2), 0);
    keep(cache, "key", 2, NULL); /* of one that had not read the first's */
    cr_expect_eq(knows(cache, "key", 1), 1);
    cr_expect_eq(knows(cache, "key", 2), 1);
    cr_expect_eq(knows(cache, "other key", 1), -1);
    symbol_cache_free(cache);
    cr_expect_eq(count_files("cache"), 1);
}

Test(symbol_cache, believes_nothing_when_a_file_changed)
{
    struct symbol_cache *cache = open_cache();
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    scratch_write("image", "1234");
    utimensat(AT_FDCWD, "image", times, 0);
    keep(cache, "key", 1, "image");
    cr_expect_eq(knows(cache, "key", 1), 1);
    scratch_write("new", "4321"); /* of the same size, another time */
    cr_assert_eq(rename("new", "image"), 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    keep(cache, "key", 1, "image");
    scratch_write("image", "abcd"); /* in place, and dated back as packages are */
    utimensat(AT_FDCWD, "image", times, 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    keep(cache, "key", 1, "image");
    unlink("image");
    cr_expect_eq(knows(cache, "key", 1), -1);
    keep(cache, "key", 1, "image");
    cr_expect_eq(knows(cache, "key", 1), 1);
    scratch_write("image", "1234"); /* looked for in vain, and there now */
    cr_expect_eq(knows(cache, "key", 1), -1);
    symbol_cache_free(cache);
}

Test(symbol_cache, tells_what_changed_lately)
{
    struct file_witnesses witnesses = {0};
    struct timespec now;

    scratch_write("image", "1234");
    file_witnesses_note(&witnesses, "image");
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    cr_expect(file_witnesses_changed_since(&witnesses, now_ns - 1000000000));
    cr_expect_not(file_witnesses_changed_since(&witnesses, now_ns + 1000000000));
    file_witnesses_release(&witnesses);
}

static void write_at(const char *path, off_t offset, const char *bytes, size_t size)
{
    int fd = open(path, O_RDWR);

    cr_assert_geq(fd, 0);
    cr_assert_eq(pwrite(fd, bytes, size, offset), (ssize_t)size);
    close(fd);
}

static char *only_file(void)
{
    DIR *stream = opendir("cache");
    char *path = NULL;

    for (struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (entry->d_name[0] != '.')
            path = memory_printf("cache/%s", entry->d_name);
    closedir(stream);
    return path;
}

Test(symbol_cache, believes_no_damaged_file)
{
    struct symbol_cache *cache = open_cache();

    keep(cache, "key", 1, NULL);
    char *path = only_file();
    write_at(path, 140, "x", 1);
    cr_expect_eq(knows(cache, "key", 1), -1);
    keep(cache, "key", 1, NULL);
    cr_expect_eq(knows(cache, "key", 1), 1);
    cr_assert_eq(truncate(path, 100), 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    cr_assert_eq(truncate(path, 0), 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    free(path);
    symbol_cache_free(cache);
}

Test(symbol_cache, uses_no_directory_others_may_write_to)
{
    struct symbol_cache *cache;

    cr_assert_eq(mkdir("cache", 0700), 0);
    cr_assert_eq(chmod("cache", 0770), 0);
    cr_expect_null(open_cache());
    cr_assert_eq(chmod("cache", 0707), 0);
    cr_expect_null(open_cache());
    cr_assert_eq(chmod("cache", 0755), 0);
    cache = open_cache();
    cr_assert_not_null(cache);
    keep(cache, "key", 1, NULL);
    char *path = only_file();
    cr_assert_eq(chmod(path, 0666), 0); /* nor such a file */
    cr_expect_eq(knows(cache, "key", 1), -1);
    free(path);
    symbol_cache_free(cache);
    cr_assert_eq(symlink("cache", "link"), 0);
    cr_expect_null(symbol_cache_new_at("link", 1, 1));
    scratch_write("file", "");
    cr_expect_null(symbol_cache_new_at("file/below", 1, 1));
    if (geteuid() == 0) {
        cr_assert_eq(chown("cache", 12345, 12345), 0);
        cr_expect_null(open_cache());
    }
}

Test(symbol_cache, is_where_the_user_keeps_caches)
{
    struct symbol_cache *cache;

    char *home = memory_printf("%s/home", scratch_path),
         *xdg = memory_printf("%s/xdg", scratch_path);
    setenv("HOME", home, 1);
    setenv("XDG_CACHE_HOME", xdg, 1);
    free(home);
    free(xdg);
    cache = symbol_cache_new();
    cr_assert_not_null(cache);
    symbol_cache_free(cache);
    cr_expect_eq(access("xdg/profinject/symbols", F_OK), 0);
    setenv("XDG_CACHE_HOME", "relative", 1);
    cache = symbol_cache_new();
    cr_assert_not_null(cache);
    symbol_cache_free(cache);
    cr_expect_eq(access("home/.cache/profinject/symbols", F_OK), 0);
    cr_expect_neq(access("relative", F_OK), 0);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    cr_expect_null(symbol_cache_new());
}

/* Root with the HOME of somebody: his ~/.cache would be root's from then on. */
Test(symbol_cache, leaves_nothing_in_the_home_of_another)
{
    if (geteuid() != 0)
        cr_skip_test("not root");
    char *home = memory_printf("%s/home", scratch_path);
    setenv("HOME", home, 1);
    unsetenv("XDG_CACHE_HOME");
    free(home);
    cr_assert_eq(mkdir("home", 0700), 0);
    cr_assert_eq(chown("home", 12345, 12345), 0);
    cr_expect_null(symbol_cache_new());
    cr_expect_neq(access("home/.cache", F_OK), 0);
    cr_assert_eq(chown("home", 0, 0), 0);
    struct symbol_cache *cache = symbol_cache_new();
    cr_expect_not_null(cache);
    symbol_cache_free(cache);
}

/* As on a full disk: nothing is kept, and nobody dies of it (SIGXFSZ). */
Test(symbol_cache, keeps_nothing_where_files_may_not_grow)
{
    struct rlimit before, limit;
    struct symbol_cache *cache = open_cache();

    cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = (struct rlimit){100, before.rlim_max};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    keep(cache, "key", 1, NULL);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    cr_expect_eq(knows(cache, "key", 1), -1);
    cr_expect_eq(count_files("cache"), 0);
    keep(cache, "key", 1, NULL);
    cr_expect_eq(knows(cache, "key", 1), 1);
    symbol_cache_free(cache);
}

static void set_age(const char *key, time_t seconds)
{
    struct symbol_cache *cache = symbol_cache_new_at("cache", 1 << 20, 1 << 20);
    struct timespec times[2] = {{.tv_sec = time(NULL) - seconds}, {.tv_sec = time(NULL) - seconds}};
    size_t before = count_files("cache");

    keep(cache, key, 1, NULL);
    cr_assert_eq(count_files("cache"), before + 1);
    DIR *stream = opendir("cache");
    for (struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        struct stat status;
        char *path = memory_printf("cache/%s", entry->d_name);
        if (entry->d_name[0] != '.' && stat(path, &status) == 0 &&
            status.st_mtime > time(NULL) - 60)
            utimensat(AT_FDCWD, path, times, 0);
        free(path);
    }
    closedir(stream);
    symbol_cache_free(cache);
}

Test(symbol_cache, lets_the_least_recently_used_go)
{
    struct symbol_cache *cache;
    struct stat status;

    set_age("oldest", 30000);
    char *path = only_file();
    cr_assert_eq(stat(path, &status), 0);
    free(path);
    set_age("middle", 20000);
    set_age("young", 10000);
    cr_assert_eq(count_files("cache"), 3);
    cache = symbol_cache_new_at("cache", 1 << 20, (uint64_t)status.st_size * 3 + 100);
    cr_expect_eq(knows(cache, "oldest", 1), 1); /* used: it is not the oldest now */
    symbol_cache_free(cache);
    cr_expect_eq(count_files("cache"), 3, "who writes nothing does not look");
    cache = symbol_cache_new_at("cache", 1 << 20, (uint64_t)status.st_size * 3 + 100);
    keep(cache, "new", 1, NULL);
    symbol_cache_free(cache);
    cr_expect_eq(count_files("cache"), 3);
    cache = open_cache();
    cr_expect_eq(knows(cache, "oldest", 1), 1);
    cr_expect_eq(knows(cache, "middle", 1), -1);
    cr_expect_eq(knows(cache, "young", 1), 1);
    cr_expect_eq(knows(cache, "new", 1), 1);
    symbol_cache_free(cache);
}

Test(symbol_cache, keeps_no_file_beyond_its_bound_and_no_leftovers)
{
    struct symbol_cache *cache = symbol_cache_new_at("cache", 64, 1 << 20);
    struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

    scratch_write("cache/.new.1.1", "half");
    utimensat(AT_FDCWD, "cache/.new.1.1", times, 0);
    scratch_write("cache/.new.2.2", "half, being written");
    keep(cache, "key", 1, NULL);
    cr_expect_eq(knows(cache, "key", 1), -1);
    symbol_cache_free(cache);
    cr_expect_eq(count_files("cache"), 1);
    cr_expect_eq(access("cache/.new.2.2", F_OK), 0);
}

#define WRITERS 4
#define ROUNDS 200

static _Noreturn void write_and_read(uint64_t base)
{
    struct symbol_cache *cache = open_cache();
    int bad = 0;

    for (uint64_t i = 0; i < ROUNDS; i++) {
        keep(cache, "key", base + i, NULL);
        bad += knows(cache, "key", base) < 0; /* there is always a whole one */
    }
    _exit(bad > 100 ? 100 : bad);
}

Test(symbol_cache, many_writers_make_no_broken_file)
{
    struct symbol_cache *cache = open_cache();
    pid_t writers[WRITERS];

    for (uint64_t i = 0; i < WRITERS; i++) {
        writers[i] = fork();
        if (writers[i] == 0)
            write_and_read(i * 1000);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        int status = 0;
        cr_assert_eq(waitpid(writers[i], &status, 0), writers[i]);
        cr_expect_eq(status, 0, "writer %zu: %d", i, status);
    }
    cr_expect_eq(count_files("cache"), 1);
    cr_expect_neq(knows(cache, "key", 0), -1);
    symbol_cache_free(cache);
}
