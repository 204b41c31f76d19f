/*
 * What the fuzz targets share: an input as a file that needs no disk, and a place for files
 * that need a name of their own. Header only: every target is a program of its own.
 *
 * A target is fuzz_NOUN.c with a libFuzzer entry; corpus/NOUN has what it starts from, of
 * seeds.py and made_seeds.py, and, named after what went wrong, every input that ever found a
 * defect. `make fuzz` builds them, tests/fuzz.bats runs each for a moment, tests/stress for
 * long.
 */
#ifndef PROFINJECT_TESTS_FUZZ_H
#define PROFINJECT_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes whatever a visitor is handed, so that reading beyond its end is seen. */
static volatile uint64_t fuzz_sum;

static inline void fuzz_touch(const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        fuzz_sum += ((const uint8_t *)bytes)[i];
}

static inline void fuzz_write(int fd, const void *data, size_t size)
{
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
}

#define FUZZ_PATH 32

/* A descriptor of a file in memory, and its path. */
static inline int fuzz_memory(char path[FUZZ_PATH])
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    snprintf(path, FUZZ_PATH, "/proc/self/fd/%d", fd);
    return fd;
}

/* The path of a file in memory that holds the input. */
static inline const char *fuzz_file(const void *data, size_t size)
{
    static int fd = -1;
    static char path[FUZZ_PATH];

    if (fd < 0)
        fd = fuzz_memory(path);
    fuzz_write(fd, data, size);
    return path;
}

static char fuzz_scratch[64];

static inline void fuzz_leave(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf '%s'", fuzz_scratch);
    if (system(command) != 0)
        perror(fuzz_scratch);
}

/* A directory in memory for files that must have names; gone when the target ends. */
static inline const char *fuzz_directory(void)
{
    if (*fuzz_scratch == '\0') {
        snprintf(fuzz_scratch, sizeof(fuzz_scratch), "%s/profinject-fuzz.XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(fuzz_scratch) == NULL)
            abort();
        atexit(fuzz_leave);
    }
    return fuzz_scratch;
}

#endif
