/*
 * The keeper's rounds. Its own file beside kept_ring.c, which knows one ring: here is who is
 * kept, for how long, and the process itself.
 */
#include "analyzer/record/keeper.h"

#include "analyzer/record/kept_ring.h"
#include "analyzer/record/nvml_watch.h"
#include "analyzer/record/stale_rings.h"
#include "preload/contract/libc_clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define IDLE_NS 50000000ull /* how soon a process that offers its ring is seen */
#define SETTLE_S 10
#define OFFICE_FD 3
#define DIRECTORY_FD 4

struct rounds {
    const struct recording *recording;
    struct office *office;
    pid_t record; /* whose child it is */
    struct kept_ring *kept;
    uint32_t offered; /* as last looked at */
    bool pending;     /* then some were too young */
    struct election election;
};

static void futex(uint32_t *word, int operation, uint32_t value, uint64_t timeout_ns)
{
    struct timespec timeout = {.tv_sec = (time_t)(timeout_ns / 1000000000u),
                               .tv_nsec = (long)(timeout_ns % 1000000000u)};

    syscall(SYS_futex, word, operation, value, operation == FUTEX_WAIT ? &timeout : NULL, NULL, 0);
}

static bool is_kept(const struct rounds *rounds, ino_t inode)
{
    for (const struct kept_ring *kept = rounds->kept; kept != NULL; kept = kept->next)
        if (kept->inode == inode)
            return true;
    return false;
}

static void consider(struct rounds *rounds, const struct dirent *entry)
{
    char path[PATH_MAX];
    uint64_t id;
    int pid, end = 0;

    if (sscanf(entry->d_name, "profinject.%16" SCNx64 ".%d.ring%n", &id, &pid, &end) != 2 ||
        end == 0 || entry->d_name[end] != '\0' || id != rounds->recording->id || pid <= 0 ||
        is_kept(rounds, entry->d_ino))
        return;
    int length = snprintf(path, sizeof(path), "%s/%s", rounds->recording->rings, entry->d_name);
    if (length < 0 || (size_t)length >= sizeof(path))
        return;
    struct kept_ring *kept = kept_ring_take(path, pid, rounds->recording, DIRECTORY_FD,
                                            &rounds->election, &rounds->pending);
    if (kept == NULL)
        return;
    kept->next = rounds->kept;
    rounds->kept = kept;
}

/* Looks for rings that are offered. */
static void look_around(struct rounds *rounds)
{
    uint32_t offered = __atomic_load_n(&rounds->office->offered, __ATOMIC_ACQUIRE);
    DIR *directory;

    if (offered == rounds->offered && !rounds->pending)
        return;
    rounds->offered = offered;
    rounds->pending = false;
    directory = opendir(rounds->recording->rings);
    if (directory == NULL)
        return;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        consider(rounds, entry);
    closedir(directory);
}

/* Returns how long until the next. */
static uint64_t serve_all(struct rounds *rounds)
{
    uint64_t rest = IDLE_NS;
    bool any = false;

    for (struct kept_ring **at = &rounds->kept; *at != NULL;) {
        struct kept_ring *kept = *at;
        if (kept_ring_serve(kept)) {
            uint64_t own = kept_ring_rest_ns(kept);
            rest = !any || own < rest ? own : rest;
            any = true;
            at = &kept->next;
            continue;
        }
        *at = kept->next;
        kept_ring_release(kept);
    }
    return rounds->pending || rest > 2 * IDLE_NS ? (any && !rounds->pending ? 2 * IDLE_NS : IDLE_NS)
                                                 : rest;
}

static bool has_ended(const struct rounds *rounds)
{
    return __atomic_load_n(&rounds->office->command_ended, __ATOMIC_ACQUIRE) != 0 ||
           getppid() != rounds->record;
}

/* True when nobody is left; those who come now drain themselves. */
static bool may_close(struct rounds *rounds)
{
    struct office *office = rounds->office;

    if (rounds->kept != NULL || rounds->pending)
        return false;
    __atomic_store_n(&office->closed, 1, __ATOMIC_SEQ_CST);
    look_around(rounds);
    if (rounds->kept == NULL && !rounds->pending)
        return true;
    __atomic_store_n(&office->closed, 0, __ATOMIC_RELEASE);
    return false;
}

static void settle(struct office *office, uint32_t how)
{
    __atomic_store_n(&office->settled, how, __ATOMIC_RELEASE);
    futex(&office->settled, FUTEX_WAKE, INT_MAX, 0);
}

static void do_rounds(struct rounds *rounds)
{
    struct office *office = rounds->office;

    for (;;) {
        uint32_t rings = __atomic_load_n(&office->bell, __ATOMIC_ACQUIRE);
        bool ended = has_ended(rounds);
        look_around(rounds);
        uint64_t rest = serve_all(rounds);
        bool closes = ended && may_close(rounds);
        if (ended && !office->settled)
            settle(office, closes ? OFFICE_CLOSES : OFFICE_STAYS);
        if (closes)
            return;
        futex(&office->bell, FUTEX_WAIT, rings, rest);
    }
}

/* Away from the command's terminal, signals and files. */
static bool settle_in(const struct recording *recording, int office)
{
    struct rlimit files;
    sigset_t all;
    int null = open("/dev/null", O_RDWR);
    int directory = open(recording->path, O_PATH | O_DIRECTORY | O_CLOEXEC);

    setsid();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_NAME, "profinject");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    /* High first: none may lie where another is to come. */
    int high = fcntl(office, F_DUPFD_CLOEXEC, DIRECTORY_FD + 1);
    int high_directory = fcntl(directory, F_DUPFD_CLOEXEC, DIRECTORY_FD + 1);
    for (int fd = 0; fd < 3; fd++)
        dup2(null, fd);
    if (null < 0 || dup3(high, OFFICE_FD, O_CLOEXEC) < 0 ||
        dup3(high_directory, DIRECTORY_FD, O_CLOEXEC) < 0)
        return false;
    syscall(SYS_close_range, DIRECTORY_FD + 1u, ~0u, 0u);
    return chdir("/") == 0;
}

static void be_keeper(const struct recording *recording, struct office *office, int fd,
                      pid_t record)
{
    struct rounds rounds = {.recording = recording, .office = office, .record = record};
    struct nvml_watch nvml;

    if (!settle_in(recording, fd))
        _exit(1);
    nvml_watch_start(&nvml);
    election_init(&rounds.election);
    rounds.election.more = nvml_watch_look;
    rounds.election.context = &nvml;
    office->pid = getpid();
    __atomic_store_n(&office->closed, 0, __ATOMIC_RELEASE);
    do_rounds(&rounds);
    nvml_watch_stop(&nvml);
    stale_rings_remove(recording);
    _exit(0);
}

void keeper_start(struct keeper *keeper, const struct recording *recording)
{
    char name[sizeof(recording->servant)];
    pid_t record = getpid();
    int fd;

    memset(keeper, 0, sizeof(*keeper));
    struct office *office = office_make(&fd);
    if (office == NULL)
        return;
    keeper->office = office;
    __atomic_store_n(&office->closed, 1, __ATOMIC_RELEASE); /* until it is there */
    keeper->pid = fork();
    if (keeper->pid == 0)
        be_keeper(recording, office, fd, record);
    close(fd);
    if (keeper->pid < 0) {
        keeper->pid = 0;
        return;
    }
    while (__atomic_load_n(&office->closed, __ATOMIC_ACQUIRE) != 0 &&
           waitpid(keeper->pid, NULL, WNOHANG) == 0)
        usleep(100);
    snprintf(name, sizeof(name), "/proc/%d/fd/%d", (int)keeper->pid, OFFICE_FD);
    recording_note(recording, "servant", name);
}

void keeper_note_end(void *keeper, pid_t pid)
{
    struct keeper *ours = keeper;

    if (pid != ours->pid)
        return;
    ours->pid = 0;
    __atomic_store_n(&ours->office->closed, 1, __ATOMIC_RELEASE);
}

void keeper_settle(struct keeper *keeper)
{
    struct office *office = keeper->office;
    time_t deadline = time(NULL) + SETTLE_S;

    if (keeper->pid == 0)
        return;
    __atomic_store_n(&office->command_ended, 1, __ATOMIC_RELEASE);
    __atomic_add_fetch(&office->bell, 1, __ATOMIC_RELEASE);
    futex(&office->bell, FUTEX_WAKE, INT_MAX, 0);
    while (!__atomic_load_n(&office->settled, __ATOMIC_ACQUIRE) && time(NULL) < deadline &&
           waitpid(keeper->pid, NULL, WNOHANG) == 0)
        futex(&office->settled, FUTEX_WAIT, 0, IDLE_NS);
    if (office->settled == OFFICE_CLOSES)
        waitpid(keeper->pid, NULL, 0);
}
