/* The lock, and the descriptors. Its own file because collectors need not know how these were come
 * by. */
#include "preload/resources/election.h"

#include "preload/contract/recording.h"
#include "preload/resources/kept_file.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ASK_NS 500000000ull
#define LEND_LEAST 16 /* a process needs ten at once */

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
    /* To be written, though nobody does: NFS locks no others. */
    int fd = kept_file_move(openat(directory, RECORDING_MESSAGES, O_RDWR | O_NOFOLLOW | O_CLOEXEC));
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

int election_lend(struct election *election, int most)
{
    struct rlimit limit;
    if (!election->has_room && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        rlim_t half = limit.rlim_cur > KEPT_FILE_LOW ? (limit.rlim_cur - KEPT_FILE_LOW) / 2 : 0;
        election->room = half < INT_MAX ? (int)half : INT_MAX;
        election->has_room = true;
    }
    int part = election->room / 4 > LEND_LEAST ? election->room / 4 : LEND_LEAST;
    int lent = part < most ? part : most;
    if (lent > election->room)
        return 0;
    election->room -= lent;
    return lent;
}

void election_give_back(struct election *election, int descriptors)
{
    election->room += descriptors;
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
