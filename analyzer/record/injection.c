/*
 * Finding and naming the library. Its own file because installation layout and
 * LD_PRELOAD's syntax are nobody else's business.
 */
#include "analyzer/record/injection.h"

#include "analyzer/util/memory.h"
#include "preload/contract/identity.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Relative to the directory of the program: build tree, then PREFIX/bin. */
static const char *const places[] = {"", "../lib/profinject/"};

int injection_find_library(char *path, size_t size, struct problem *problem)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (length <= 0)
        return problem_errno(problem, "cannot find '%s': /proc/self/exe", PROFINJECT_LIBRARY);
    self[length] = '\0';
    char *slash = strrchr(self, '/');
    if (slash != NULL)
        slash[1] = '\0';
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        char *candidate = memory_printf("%s%s%s", self, places[i], PROFINJECT_LIBRARY);
        char *real = realpath(candidate, NULL);
        free(candidate);
        bool fits = real != NULL && strlen(real) < size;
        if (fits)
            memcpy(path, real, strlen(real) + 1);
        free(real);
        if (fits)
            return 0;
    }
    return problem_set(problem, PROBLEM_SYSTEM,
                       "cannot find '%s': it is neither in '%s' nor in '%s../lib/profinject/'",
                       PROFINJECT_LIBRARY, self, self);
}

/* True when one of the words of `list` is `library`. */
static bool is_listed(const char *list, const char *library)
{
    size_t length = strlen(library);

    while (*list != '\0') {
        size_t word = strcspn(list, " :");
        if (word == length && memcmp(list, library, length) == 0)
            return true;
        list += word + (list[word] != '\0');
    }
    return false;
}

int injection_preload(const char *first, const char *library, struct problem *problem)
{
    const char *former = getenv("LD_PRELOAD");

    if (library[strcspn(library, " :")] != '\0')
        return problem_set(problem, PROBLEM_SYSTEM,
                           "cannot inject '%s': LD_PRELOAD takes no path with a blank or colon",
                           library);
    if (former != NULL && is_listed(former, library))
        return 0;
    bool alone = former == NULL || *former == '\0';
    char *value = memory_printf("%s%s%s%s%s", first, *first != '\0' ? ":" : "", library,
                                alone ? "" : ":", alone ? "" : former);
    int status = setenv("LD_PRELOAD", value, 1);
    free(value);
    return status == 0 ? 0 : problem_errno(problem, "cannot set LD_PRELOAD");
}

int injection_check_unwinder(const char *unwinder, struct problem *problem)
{
    void *library;

    if (strcmp(unwinder, "libunwind") != 0)
        return 0;
    library = dlopen("libunwind.so.8", RTLD_LAZY | RTLD_LOCAL);
    if (library == NULL)
        return problem_set(
            problem, PROBLEM_SYSTEM,
            "--unwinder 'libunwind': cannot load libunwind.so.8: install libunwind8, "
            "or use --unwinder auto");
    dlclose(library);
    return 0;
}
