/*
 * A directory of its own for a test that needs files: made, entered, and removed
 * with everything in it. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_SCRATCH_H
#define PROFINJECT_TESTS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_path[] = "/tmp/profinject-test.XXXXXX";

static inline int scratch_remove(const char *path, const struct stat *status, int kind,
                                 struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* As .init and .fini of a suite: each test runs in a process of its own. After a release it may be
 * made anew. */
static inline void scratch_init(void)
{
    memset(scratch_path + sizeof(scratch_path) - 7, 'X', 6);
    if (mkdtemp(scratch_path) == NULL || chdir(scratch_path) != 0)
        abort();
}

static inline void scratch_release(void)
{
    if (chdir("/") != 0 || nftw(scratch_path, scratch_remove, 16, FTW_DEPTH | FTW_PHYS) != 0)
        abort();
}

static inline void scratch_write(const char *name, const char *text)
{
    FILE *out = fopen(name, "w");

    if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0)
        abort();
}

/* Likewise, with the directories above it. */
static inline void scratch_write_deep(const char *name, const char *text)
{
    char path[256];

    snprintf(path, sizeof(path), "%s", name);
    for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    scratch_write(name, text);
}

/* The beginning of a file's text, "" when it is not there. */
static inline const char *scratch_read(const char *name)
{
    static char text[8192];
    FILE *in = fopen(name, "r");
    size_t size = in != NULL ? fread(text, 1, sizeof(text) - 1, in) : 0;

    text[size] = '\0';
    if (in != NULL)
        fclose(in);
    return text;
}

#endif
