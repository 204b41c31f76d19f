/* The lock. Its own file because collectors need not know how it was come by. */
#include "preload/resources/election.h"

#include "preload/contract/recording.h"
#include "preload/resources/kept_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ASK_NS 500000000ull

void election_init(struct election *election)
{
    *election = (struct election){.lock = -1};
}

/* flock() itself: the library's own name for it is that of a hook. */
static bool take_lock(struct election *election, int directory, uint64_t now_ns)
{
    if (election->lock >= 0)
        return true;
    if (election->asked_ns && now_ns - election->asked_ns < ASK_NS)
        return false;
    election->asked_ns = now_ns;
    int fd =
        kept_file_move(openat(directory, RECORDING_MESSAGES, O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0)
        return false;
    if (syscall(SYS_flock, fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        return false;
    }
    election->lock = fd;
    return true;
}

struct machine *election_ask(struct election *election, const void *holder, int directory,
                             const char *root, struct resource_log *log, uint64_t now_ns)
{
    if (!election->holder && take_lock(election, directory, now_ns)) {
        election->machine = machine_new(root, log);
        election->holder = election->machine ? holder : NULL;
    }
    return election->holder == holder ? election->machine : NULL;
}

void election_leave(struct election *election, const void *holder)
{
    if (!election->holder || election->holder != holder)
        return;
    machine_free(election->machine);
    election->machine = NULL;
    election->holder = NULL;
}

void election_close(struct election *election)
{
    election_leave(election, election->holder);
    if (election->lock >= 0)
        close(election->lock);
    election_init(election);
}
