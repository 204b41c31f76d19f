/*
 * brief_children WAY N: forks N children one after the other, which end at once; prints the
 * pages a child had to get, on average.
 *   at_once    by _exit
 *   exit       by exit
 *   allocate   having allocated and freed a block
 *   map        having mapped 2 MiB and given them back
 *   nested     having had a child of its own which does so by _exit
 *   regions    in a region of the parent's, if there is a profiler
 *   orphan     by _exit, when the parent is gone
 */
#include "../../preload/profinject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int is(const char *way, const char *name)
{
    return !strcmp(way, name);
}

static void end(const char *way)
{
    void *volatile block;
    pid_t child;

    if (is(way, "allocate")) {
        block = malloc(1000);
        free(block);
    } else if (is(way, "map")) {
        block = mmap(NULL, 2 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(block, 2 << 20);
    } else if (is(way, "nested")) {
        if ((child = fork()) == 0)
            _exit(0);
        waitpid(child, NULL, 0);
    }
    if (is(way, "exit"))
        exit(0);
    _exit(0);
}

static void outlive(pid_t parent)
{
    while (getppid() == parent)
        usleep(1000);
    _exit(0);
}

int main(int argc, char **argv)
{
    const char *way = argc == 3 ? argv[1] : "";
    int count = argc == 3 ? atoi(argv[2]) : 0, well = 0, status;
    pid_t child, parent = getpid();
    struct rusage usage;

    if (count < 1)
        return 2;
    if (is(way, "regions") && profinject_region_push)
        profinject_region_push("region");
    for (int i = 0; i < count; i++) {
        if ((child = fork()) == 0) {
            if (is(way, "orphan"))
                outlive(parent);
            end(way);
        }
        if (is(way, "orphan"))
            return 0;
        well += waitpid(child, &status, 0) == child && status == 0;
    }
    getrusage(RUSAGE_CHILDREN, &usage);
    printf("%ld\n", usage.ru_minflt / count);
    return well != count;
}
