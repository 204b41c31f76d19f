/*
 * debug_file.h: the search that gdb documents under "Separate Debug Files".
 */
#include "analyzer/symbols/debug_file.h"

#include "analyzer/util/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* The next of the directories in *dirs, which it goes past; its length in *length. NULL after the
 * last. */
static const char *next_directory(const char **dirs, int *length)
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
    while (result != 0 && (directory = next_directory(&dirs, &length)) != NULL)
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
    if (image->build_id_size > 0)
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
    while (result != 0 && (directory = next_directory(&dirs, &length)) != NULL)
        result =
            try_link(debug, looked,
                     memory_printf("%.*s%.*s/%s", length, directory, own, path, name), image, crc);
    return result;
}
