/*
 * Asking a running process. Its own file because it is the only code of the analyzer
 * that writes into a ring file.
 */
#include "analyzer/record/running.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 5000u
#define LOOK_MS 50u /* how soon the process's end is noticed */

/* Path and inode of the ring file mapped in the process. 1 when there is none. */
static int find_mapping(pid_t pid, char *path, size_t size, unsigned long *inode)
{
    char name[64], line[PATH_MAX + 128];
    int found = 1;

    snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(name, "re");
    if (maps == NULL)
        return -1;
    errno = 0;
    while (found == 1 && fgets(line, sizeof(line), maps) != NULL) {
        const char *file = strchr(line, '/');
        const char *base = file != NULL ? strrchr(file, '/') : NULL;
        line[strcspn(line, "\n")] = '\0';
        if (base == NULL || strncmp(base, "/profinject.", 12) != 0 || strstr(base, ".ring") == NULL)
            continue;
        snprintf(path, size, "%s", file);
        found = sscanf(line, "%*s %*s %*s %*s %lu", inode) == 1 ? 0 : 1;
    }
    int failure = errno;
    fclose(maps);
    errno = failure;
    return found == 1 && failure != 0 ? -1 : found;
}

/* Opens the file as the process sees it; another file of the same name is refused. */
static int open_mapped(pid_t pid, const char *path, unsigned long inode, struct stat *status)
{
    char outside[PATH_MAX + 64];

    snprintf(outside, sizeof(outside), "/proc/%d/root%s", (int)pid, path);
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        fd = open(outside, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_ino == inode)
        return fd;
    close(fd);
    errno = ESTALE;
    return -1;
}

static int map_ring(struct running *running, int fd, const struct stat *status,
                    struct problem *problem)
{
    if ((size_t)status->st_size < sizeof(struct ring_file))
        return problem_set(problem, PROBLEM_SYSTEM, "cannot ask '%d': its ring file is damaged",
                           (int)running->pid);
    running->size = sizeof(struct ring_file);
    void *memory = mmap(NULL, running->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED)
        return problem_errno(problem, "cannot map the ring file of '%s'", running->comm);
    running->ring = memory;
    if (memcmp(running->ring->magic, RING_MAGIC, sizeof(running->ring->magic)) == 0 &&
        running->ring->version == RING_VERSION)
        return 0;
    running_release(running);
    return problem_set(problem, PROBLEM_SYSTEM,
                       "cannot ask '%d': it is profiled by another version of profinject",
                       (int)running->pid);
}

static void read_comm(struct running *running)
{
    char name[64];

    snprintf(name, sizeof(name), "/proc/%d/comm", (int)running->pid);
    FILE *file = fopen(name, "re");
    if (file == NULL)
        return;
    if (fgets(running->comm, sizeof(running->comm), file) != NULL)
        running->comm[strcspn(running->comm, "\n")] = '\0';
    fclose(file);
}

int running_init(struct running *running, pid_t pid, struct problem *problem)
{
    char path[PATH_MAX], name[16];
    unsigned long inode;
    struct stat status;

    memset(running, 0, sizeof(*running));
    running->pid = pid;
    read_comm(running);
    snprintf(name, sizeof(name), "%d", (int)pid);
    int found = find_mapping(pid, path, sizeof(path), &inode);
    if (found < 0) {
        errno = errno == ENOENT ? ESRCH : errno;
        return problem_errno(problem, "cannot ask '%s'", name);
    }
    if (found > 0)
        return problem_set(problem, PROBLEM_SYSTEM, "cannot ask '%s': it is not profiled", name);
    if (strstr(path, ".ring (deleted)") != NULL)
        return problem_set(problem, PROBLEM_SYSTEM, "cannot ask '%s': its profile has ended", name);
    int fd = open_mapped(pid, path, inode, &status);
    if (fd < 0)
        return problem_errno(problem, "cannot open '%s'", path);
    int result = map_ring(running, fd, &status, problem);
    close(fd);
    return result;
}

void running_release(struct running *running)
{
    if (running->ring != NULL)
        munmap(running->ring, running->size);
    running->ring = NULL;
}

static void futex(uint32_t *word, int operation, uint32_t value, const struct timespec *timeout)
{
    syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

int running_ask(struct running *running, uint32_t request, struct problem *problem)
{
    struct ring_file *ring = running->ring;
    const struct timespec look = {.tv_nsec = LOOK_MS * 1000000L};

    if (request == RING_ASK_TOGGLE)
        __atomic_xor_fetch(&ring->requests, request, __ATOMIC_RELEASE);
    else
        __atomic_or_fetch(&ring->requests, request, __ATOMIC_RELEASE);
    uint32_t mine = __atomic_add_fetch(&ring->asked, 1, __ATOMIC_RELEASE);
    __atomic_add_fetch(&ring->bell, 1, __ATOMIC_RELEASE);
    futex(&ring->bell, FUTEX_WAKE, INT_MAX, NULL);
    for (unsigned waited = 0; waited < ANSWER_MS; waited += LOOK_MS) {
        uint32_t answered = __atomic_load_n(&ring->answered, __ATOMIC_ACQUIRE);
        if ((int32_t)(answered - mine) >= 0)
            return 0;
        if (kill(running->pid, 0) != 0 && errno == ESRCH)
            return problem_set(problem, PROBLEM_SYSTEM, "cannot ask '%d': it has ended",
                               (int)running->pid);
        futex(&ring->answered, FUTEX_WAIT, answered, &look);
    }
    return problem_set(problem, PROBLEM_SYSTEM, "cannot ask '%d': no answer in %u seconds",
                       (int)running->pid, ANSWER_MS / 1000);
}
