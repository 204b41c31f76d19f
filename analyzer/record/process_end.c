/*
 * Asking the kernel how a process ended. Its own file because both who kept it and who finds
 * it dead write the same end.
 */
#include "analyzer/record/process_end.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* linux/pidfd.h of Linux 6.15; older headers lack it. */
struct pidfd_exit_info {
    uint64_t mask, cgroup;
    uint32_t ids[11];
    int32_t exit_code;
};
#define PIDFD_GET_EXIT_INFO _IOWR(0xFF, 11, struct pidfd_exit_info)
#define PIDFD_HAS_EXIT 8u

static int status_by_pidfd(int pidfd)
{
    struct pidfd_exit_info info = {.mask = PIDFD_HAS_EXIT};

    if (pidfd < 0 || ioctl(pidfd, PIDFD_GET_EXIT_INFO, &info) != 0 ||
        (info.mask & PIDFD_HAS_EXIT) == 0)
        return -1;
    return info.exit_code;
}

/* Of a zombie. The kernel says 0 to who may not know. */
static int status_by_proc(pid_t pid)
{
    char path[32], text[1024] = "";
    struct stat owner;
    int status = 0;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    bool may_know = stat(path, &owner) == 0 && (owner.st_uid == geteuid() || geteuid() == 0);
    FILE *in = fopen(path, "re");
    if (in == NULL)
        return -1;
    bool got = fgets(text, sizeof(text), in) != NULL;
    fclose(in);
    char *state = got ? strrchr(text, ')') : NULL; /* the name */
    const char *last = got ? strrchr(text, ' ') : NULL;
    if (state == NULL || strncmp(state, ") Z", 3) != 0 || sscanf(last, "%d", &status) != 1)
        return -1;
    return status != 0 || may_know ? status : -1;
}

int process_end_status(pid_t pid, int pidfd)
{
    int status = status_by_pidfd(pidfd);

    if (status < 0)
        status = status_by_proc(pid);
    return status < 0 ? status_by_pidfd(pidfd) : status; /* waited for in between */
}

/* When its first thread was met. */
static uint64_t start_of(struct ring_file *ring)
{
    return ring->slot_count > 0 ? ring_slot_at(ring, 0)->start_ns : 0;
}

int process_end_write(struct drain *drain, int fd, int wait_status, uint64_t when_ns,
                      const struct oom_watch *watch)
{
    struct ring_file *ring = drain->ring;
    bool told = __atomic_load_n(&ring->death.state, __ATOMIC_ACQUIRE) == RING_DEATH_TOLD;
    int status = wait_status >= 0 ? wait_status & 0xff : told ? ring->death.signal & 0x7f : 0;
    char oom[OOM_TEXT];
    bool killed = status == 0 || status == SIGKILL;
    bool by_oom = killed && (oom_is_logged(ring->pid, ring->pid_namespace, start_of(ring), oom) ||
                             (status == SIGKILL && oom_watch_tells(watch, oom)));

    return drain_finish_killed(drain, fd, by_oom ? SIGKILL : status,
                               told ? ring->death.time_ns : when_ns, by_oom ? oom : NULL);
}
