/*
 * debug_file.h: the search that gdb documents under "Separate Debug Files".
 */
#include "analyzer/symbols/debug_file.h"

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

char *debug_file_dirs(const char *first)
{
    return first == NULL ? memory_strdup(DEBUG_FILE_DIRS)
                         : memory_printf("%s:%s", first, DEBUG_FILE_DIRS);
}

const char *debug_file_next_dir(const char **dirs, int *length)
{
    const char *directory = *dirs + strspn(*dirs, ":");

    *length = (int)strcspn(directory, ":");
    *dirs = directory + *length;
    return *length > 0 ? directory : NULL;
}

/* Takes ownership of `path`. */
static int try_id(struct elf_image *debug, struct looked_paths *looked, char *path,
                  const uint8_t *build_id, size_t build_id_size)
{
    struct problem ignored = {0};
    int result = looked_paths_open(looked, debug, path, &ignored);

    free(path);
    if (result == 0 && elf_image_has_build_id(debug, build_id, build_id_size))
        return 0;
    if (result == 0)
        elf_image_release(debug);
    return PROBLEM_NOTHING;
}

int debug_file_init_by_id(struct elf_image *debug, struct looked_paths *looked, const char *dirs,
                          const uint8_t *build_id, size_t build_id_size)
{
    char digits[2 * ELF_BUILD_ID_MAX + 1];
    const char *directory;
    int length, result = PROBLEM_NOTHING;

    if (build_id_size < 2 || build_id_size > ELF_BUILD_ID_MAX)
        return PROBLEM_NOTHING;
    for (size_t i = 0; i < build_id_size; i++)
        (void)snprintf(digits + 2 * i, 3, "%02x", build_id[i]);
    while (result != 0 && (directory = debug_file_next_dir(&dirs, &length)) != NULL)
        result = try_id(
            debug, looked,
            memory_printf("%.*s/.build-id/%.2s/%s.debug", length, directory, digits, digits + 2),
            build_id, build_id_size);
    return result;
}

static bool has_checksum(const struct elf_image *image, uint32_t expected)
{
    uint8_t *block = memory_alloc(1 << 16);
    uLong sum = crc32(0, NULL, 0);
    off_t position = 0;
    ssize_t size;

    while ((size = pread(image->fd, block, 1 << 16, position)) > 0) {
        sum = crc32(sum, block, (uInt)size);
        position += size;
    }
    free(block);
    return size == 0 && sum == expected;
}

/* A link may have the module's own name, as in ".debug/ls" of "ls": beside it that is no other
 * file. */
static bool is_same_file(const struct elf_image *one, const struct elf_image *other)
{
    struct stat a, b;

    return fstat(one->fd, &a) == 0 && fstat(other->fd, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Takes ownership of `path`. */
static int try_link(struct elf_image *debug, struct looked_paths *looked, char *path,
                    const struct elf_image *image, uint32_t crc)
{
    struct problem ignored = {0};
    int result = looked_paths_open(looked, debug, path, &ignored);
    bool belongs;

    free(path);
    if (result != 0)
        return PROBLEM_NOTHING;
    if (is_same_file(debug, image))
        belongs = false;
    else if (image->build_id_size > 0)
        belongs = elf_image_has_build_id(debug, image->build_id, image->build_id_size);
    else
        belongs = has_checksum(debug, crc);
    if (belongs)
        return 0;
    elf_image_release(debug);
    return PROBLEM_NOTHING;
}

int debug_file_init_by_link(struct elf_image *debug, struct looked_paths *looked, const char *dirs,
                            const struct elf_image *image, const char *path)
{
    uint32_t crc;
    const char *name = elf_image_debuglink(image, &crc), *slash = strrchr(path, '/');
    int own = slash == NULL ? 0 : (int)(slash - path);
    const char *directory;
    int length, result;

    if (name == NULL || slash == NULL)
        return PROBLEM_NOTHING;
    result = try_link(debug, looked, memory_printf("%.*s/%s", own, path, name), image, crc);
    if (result != 0)
        result =
            try_link(debug, looked, memory_printf("%.*s/.debug/%s", own, path, name), image, crc);
    while (result != 0 && (directory = debug_file_next_dir(&dirs, &length)) != NULL)
        result =
            try_link(debug, looked,
                     memory_printf("%.*s%.*s/%s", length, directory, own, path, name), image, crc);
    return result;
}

/* What refers to a supplementary file: its name, and how to recognise it. */
struct supplement_link {
    const char *name;
    const uint8_t *id;
    size_t id_size;
};

/* A text that ends within what is left; NULL otherwise. Goes past it. */
static const char *take_text(struct byte_cursor *cursor)
{
    const char *text = (const char *)cursor->at;
    size_t room = (size_t)(cursor->end - cursor->at), length;

    if (cursor->failed)
        return NULL;
    length = strnlen(text, room);
    if (length == 0 || length == room)
        return NULL;
    (void)byte_take(cursor, length + 1);
    return text;
}

/* .debug_sup: DWARF 5, 7.3.6. */
static bool read_sup(const struct elf_image *image, bool is_supplement,
                     struct supplement_link *link)
{
    size_t size = 0;
    const uint8_t *bytes = elf_image_bytes(image, ".debug_sup", &size);
    struct byte_cursor cursor = byte_cursor_from(bytes, size, 0);

    (void)byte_take(&cursor, 2); /* version */
    if (bytes == NULL || byte_fixed(&cursor, 1) != is_supplement)
        return false;
    if (is_supplement)
        (void)byte_take(&cursor,
                        strnlen((const char *)cursor.at, (size_t)(cursor.end - cursor.at)) + 1);
    else
        link->name = take_text(&cursor);
    link->id_size = byte_uleb(&cursor);
    link->id = cursor.at;
    (void)byte_take(&cursor, link->id_size);
    return !cursor.failed && (is_supplement || link->name != NULL);
}

/* dwz's own section since DWARF 4. */
static bool read_altlink(const struct elf_image *image, struct supplement_link *link)
{
    size_t size = 0;
    const uint8_t *bytes = elf_image_bytes(image, ".gnu_debugaltlink", &size);
    struct byte_cursor cursor = byte_cursor_from(bytes, size, 0);

    if (bytes == NULL)
        return false;
    link->name = take_text(&cursor);
    link->id = cursor.at;
    link->id_size = (size_t)(cursor.end - cursor.at);
    return link->name != NULL;
}

/* Its build-id or, as DWARF 5 has it, what its own .debug_sup says. */
static bool is_supplement(const struct elf_image *image, const struct supplement_link *link)
{
    struct supplement_link own = {0};

    if (link->id_size == 0)
        return false;
    if (elf_image_has_build_id(image, link->id, link->id_size))
        return true;
    return read_sup(image, true, &own) && own.id_size == link->id_size &&
           memcmp(own.id, link->id, link->id_size) == 0;
}

/* Takes ownership of `path`. */
static int try_supplement(struct elf_image *supplement, struct looked_paths *looked, char *path,
                          const struct supplement_link *link)
{
    struct problem ignored = {0};
    int result = looked_paths_open(looked, supplement, path, &ignored);

    free(path);
    if (result != 0)
        return PROBLEM_NOTHING;
    if (is_supplement(supplement, link))
        return 0;
    elf_image_release(supplement);
    return PROBLEM_NOTHING;
}

/* Where the name points to, from the file that has it; there, and where that file really is. */
static int try_name(struct elf_image *supplement, struct looked_paths *looked, const char *from,
                    const struct supplement_link *link)
{
    const char *slash = strrchr(from, '/');
    char *real = NULL;
    int result;

    if (link->name[0] == '/')
        return try_supplement(supplement, looked, memory_strdup(link->name), link);
    result = try_supplement(supplement, looked,
                            slash == NULL
                                ? memory_strdup(link->name)
                                : memory_printf("%.*s/%s", (int)(slash - from), from, link->name),
                            link);
    if (result != 0 && (real = realpath(from, NULL)) != NULL && strcmp(real, from) != 0)
        result = try_supplement(
            supplement, looked,
            memory_printf("%.*s/%s", (int)(strrchr(real, '/') - real), real, link->name), link);
    free(real);
    return result;
}

int debug_file_init_supplement(struct elf_image *supplement, struct looked_paths *looked,
                               const char *dirs, const struct elf_image *image, const char *path,
                               const char **name)
{
    struct supplement_link link = {0};
    const char *below, *directory;
    int length, result;

    *name = NULL;
    if (!read_altlink(image, &link) && !read_sup(image, false, &link))
        return PROBLEM_NOTHING;
    *name = link.name;
    result = debug_file_init_by_id(supplement, looked, dirs, link.id, link.id_size);
    if (result != 0)
        result = try_name(supplement, looked, path, &link);
    below = strstr(link.name, "/.dwz/");
    while (result != 0 && below != NULL &&
           (directory = debug_file_next_dir(&dirs, &length)) != NULL)
        result = try_supplement(supplement, looked,
                                memory_printf("%.*s%s", length, directory, below), &link);
    return result;
}
