/*
 * The keeper's office: what the process that drains for a whole recording (`record` starts
 * it) shares with all it drains for. A page of memory without a file: the manifest names it
 * (`servant=`) as a descriptor of the keeper's in /proc, so that it cannot be opened any more
 * once the keeper is gone, and leaves nothing.
 *
 * `bell` is rung instead of the rings' own (ring_format.h, KEEPER), so that the keeper can
 * wait for all of them at once. A process that offers its ring adds 1 to `offered` and does
 * not ring: most are over before anybody had to come.
 *
 * All fields are accessed by __atomic builtins. Any thread of any process.
 */
#ifndef PROFINJECT_OFFICE_H
#define PROFINJECT_OFFICE_H

#include <stdbool.h>
#include <stdint.h>

#define OFFICE_MAGIC 0x656369666f6a6e70ull /* "pnjofice" */
#define OFFICE_SIZE 4096u

enum { OFFICE_STAYS = 1, OFFICE_CLOSES = 2 };

struct office {
    uint64_t magic;
    uint32_t ring_version;
    int32_t pid;            /* of the keeper, */
    uint64_t pid_namespace; /* in this one, of */
    uint32_t uid;           /* this user; it takes nobody else's rings */
    uint32_t bell;          /* a futex */
    uint32_t offered;       /* rings, so far */
    uint32_t closed;        /* the keeper takes no more */
    uint32_t command_ended; /* said by `record` */
    uint32_t settled;       /* a futex: no ring is left whose process is gone; the keeper */
};

/* Makes one, and its descriptor, for this process. NULL with -errno in *fd. */
struct office *office_make(int *fd);

/* Maps the one at `path`, for as long as the process lives. NULL when its keeper is gone, of
 * another version, or sees other numbers for processes than the caller. */
struct office *office_open(const char *path);

/* True while the keeper lives, and would take a ring that the caller makes in `pid_namespace`. */
bool office_takes(const struct office *office, uint64_t pid_namespace);

/* True while the keeper lives and takes rings. Preserves errno. */
bool office_is_open(const struct office *office);

#endif
