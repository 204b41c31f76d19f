/*
 * Makes calls into the C library fail: of those named in FAIL_CALLS (a list, by commas) every
 * FAIL_EVERYth, or the FAIL_ATth alone, as where memory, descriptors or room on the disk ran
 * out; with FAIL_SHORT=on reads and writes of it do half of what they should instead. Calls
 * inside the C library are not seen, but for those of malloc().
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

static unsigned long calls, every, alone;
static bool is_short;
static const char *names = "";

__attribute__((constructor)) static void init(void)
{
    const char *text = getenv("FAIL_EVERY"), *wanted = getenv("FAIL_CALLS");
    const char *at = getenv("FAIL_AT");
    is_short = getenv("FAIL_SHORT") != NULL;
    names = wanted ? wanted : "";
    alone = at ? strtoul(at, NULL, 10) : 0;
    every = text ? strtoul(text, NULL, 10) : 0; /* last: from here on */
}

static bool is_named(const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)); at += length)
        if ((at == names || at[-1] == ',') && (at[length] == ',' || !at[length]))
            return true;
    return false;
}

static bool fails(const char *name, int reason)
{
    if ((!every && !alone) || !is_named(name))
        return false;
    unsigned long number = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (number != alone && (!every || number % every))
        return false;
    errno = reason;
    return true;
}

void *malloc(size_t size)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails("malloc", ENOMEM) ? NULL : __libc_realloc(block, size);
}

/* An allocator has all of it, or its blocks are not told of. */
void free(void *block)
{
    __libc_free(block);
}

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

size_t malloc_usable_size(void *block)
{
    return NEXT(malloc_usable_size)(block);
}

void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (fails("mmap", ENOMEM))
        return MAP_FAILED;
    return NEXT(mmap)(at, size, protection, flags, fd, offset);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails("open", EMFILE) ? -1 : NEXT(open)(path, flags, mode);
}

int openat(int directory, const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails("open", EMFILE) ? -1 : NEXT(openat)(directory, path, flags, mode);
}

int ftruncate(int fd, off_t size)
{
    return fails("ftruncate", ENOSPC) ? -1 : NEXT(ftruncate)(fd, size);
}

/* Half of it, of a byte nothing less. */
static size_t half(size_t size)
{
    return size > 1 ? size / 2 : size;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    bool failed = fails("write", ENOSPC);
    if (failed && !is_short)
        return -1;
    return NEXT(write)(fd, bytes, failed ? half(size) : size);
}

ssize_t read(int fd, void *bytes, size_t size)
{
    bool failed = fails("read", EIO);
    if (failed && !is_short)
        return -1;
    return NEXT(read)(fd, bytes, failed ? half(size) : size);
}
