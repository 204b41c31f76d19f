/* Results of a session. Their own file because they are names and commands, and no profiling. */
#include "preload/analysis.h"

#include "preload/self_report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST 32 /* of the names below, with '/' and a trace's name in a recording */

static const char *const results[] = {"trace.pinj", "report.json", "correlate.json",
                                      "dashboard.html", ANALYSIS_RECORDING};

static int absolute(const char *directory, char path[PATH_MAX])
{
    size_t used = 0;
    if (directory[0] != '/') {
        if (!getcwd(path, PATH_MAX))
            return -errno;
        used = strlen(path);
        path[used++] = '/';
    }
    size_t length = strlen(directory);
    if (used + length + NAME_MAX + LONGEST >= PATH_MAX)
        return -ENAMETOOLONG;
    memcpy(path + used, directory, length + 1);
    return 0;
}

static int has_results(int fd)
{
    struct stat status;
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++)
        if (fstatat(fd, results[i], &status, AT_SYMLINK_NOFOLLOW) == 0)
            return -EEXIST;
    return 0;
}

/* Asked by making something there: permissions are not all that may forbid it. */
static int is_writable(int fd)
{
    if (mkdirat(fd, ANALYSIS_RECORDING, 0700) != 0)
        return -errno;
    return unlinkat(fd, ANALYSIS_RECORDING, AT_REMOVEDIR) == 0 ? 0 : -errno;
}

int analysis_prepare(const char *directory, char path[PATH_MAX])
{
    int status = absolute(directory, path);
    if (status != 0)
        return status;
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    status = has_results(fd);
    if (status == 0)
        status = is_writable(fd);
    close(fd);
    if (status != 0 && made)
        rmdir(path);
    return status;
}

/* "1.250000000:3.500000000", whatever the locale has for a point. */
static void write_time(char *text, size_t size, uint64_t from_ns, uint64_t to_ns)
{
    const uint64_t second = 1000000000u;
    snprintf(text, size, "%llu.%09llu:%llu.%09llu", (unsigned long long)(from_ns / second),
             (unsigned long long)(from_ns % second), (unsigned long long)(to_ns / second),
             (unsigned long long)(to_ns % second));
}

int analysis_write(const char *path, const char *trace, uint64_t from_ns, uint64_t to_ns)
{
    static char place[PATH_MAX + LONGEST];
    char time[64];
    const char *const commands[][7] = {
        {"export", "--format", "pinj", "-o", place, NULL},
        {"report", "--json", "-o", place, to_ns ? "--time" : NULL, time, NULL},
        {"correlate", "--json", "-o", place, to_ns ? "--time" : NULL, time, NULL},
        {"html", "-o", place, to_ns ? "--time" : NULL, time, NULL},
    };
    int first = 0;
    write_time(time, sizeof time, from_ns, to_ns);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        snprintf(place, sizeof place, "%s/%s", path, results[i]);
        int status = self_report(commands[i], trace);
        if (first == 0)
            first = status;
    }
    return first;
}
