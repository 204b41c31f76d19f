/*
 * Looking at a program before it is started. Its own file because it reads a format, and
 * its callers have nothing to do with files.
 */
#include "preload/started_program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define START_SIZE 1024     /* of a file: where linkers put what is looked for */
#define INTERPRETER_MAX 128 /* longer names are nobody's */
#define OUR_LOADER "ld-linux-x86-64"

bool started_program_is_there(int directory, const char *path)
{
    int saved_errno = errno;
    bool there = !path || !*path || faccessat(directory, path, X_OK, AT_EACCESS) == 0 ||
                 (errno != ENOENT && errno != ENOTDIR && errno != EACCES);
    errno = saved_errno;
    return there;
}

/* The path behind "#!", terminated in place; NULL when there is none. */
static char *script_interpreter(char *text, size_t size)
{
    text[size] = '\0';
    char *path = text + 2 + strspn(text + 2, " \t");
    path[strcspn(path, " \t\r\n")] = '\0';
    return *path ? path : NULL;
}

static bool elf_takes_us(int fd, const uint8_t *start, size_t size)
{
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    char loader[INTERPRETER_MAX] = "";
    if (start[EI_CLASS] != ELFCLASS64 || size < sizeof header)
        return size < sizeof header;
    memcpy(&header, start, sizeof header);
    if (header.e_machine != EM_X86_64)
        return false;
    for (unsigned i = 0; i < header.e_phnum; i++) {
        uint64_t at = header.e_phoff + (uint64_t)i * sizeof segment;
        if (at > size || size - at < sizeof segment)
            return true;
        memcpy(&segment, start + at, sizeof segment);
        if (segment.p_type != PT_INTERP || segment.p_filesz >= sizeof loader)
            continue;
        return pread(fd, loader, segment.p_filesz, (off_t)segment.p_offset) <= 0 ||
               strstr(loader, OUR_LOADER) != NULL;
    }
    return true; /* static: nobody asks */
}

/* `depth` scripts may still stand before the program. */
static bool takes_us(int fd, int depth)
{
    _Alignas(8) uint8_t start[START_SIZE + 1];
    ssize_t size = fd < 0 ? 0 : pread(fd, start, START_SIZE, 0);
    if (size > SELFMAG && memcmp(start, ELFMAG, SELFMAG) == 0)
        return elf_takes_us(fd, start, (size_t)size);
    if (size < 3 || memcmp(start, "#!", 2) != 0 || depth == 0)
        return true;
    char *path = script_interpreter((char *)start, (size_t)size);
    int interpreter = path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    bool takes = takes_us(interpreter, depth - 1);
    if (interpreter >= 0)
        close(interpreter);
    return takes;
}

bool started_program_takes_us_by_fd(int fd)
{
    int saved_errno = errno;
    bool takes = takes_us(fd, 2);
    errno = saved_errno;
    return takes;
}

bool started_program_takes_us(int directory, const char *path)
{
    int saved_errno = errno;
    if (!path || !*path)
        return started_program_takes_us_by_fd(directory);
    int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool takes = takes_us(fd, 2);
    if (fd >= 0)
        close(fd);
    errno = saved_errno;
    return takes;
}

bool started_program_takes_us_by_name(const char *name)
{
    return !name || !strchr(name, '/') || started_program_takes_us(AT_FDCWD, name);
}
