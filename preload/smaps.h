/*
 * The kernel's account of a process's memory, area by area: /proc/PID/smaps, or maps, which
 * has no sizes.
 *
 * No state, no allocation. Not for signal handlers.
 */
#ifndef PROFINJECT_SMAPS_H
#define PROFINJECT_SMAPS_H

#include "preload/contract/encode_mappings.h"

#include <stdbool.h>
#include <stdint.h>

enum smaps_kind {
    SMAPS_ANONYMOUS, /* nobody's by name */
    SMAPS_BREAK,
    SMAPS_STACK, /* of the first thread */
    SMAPS_FILE,
};

#define SMAPS_PATH_MAX RESIDENT_FILE_MAX

/* Sizes in bytes. */
struct smaps_area {
    uint64_t start, end;
    enum smaps_kind kind;
    bool writable; /* readable as well */
    bool shared;
    bool sized;                    /* what follows the path is known */
    char path[SMAPS_PATH_MAX + 1]; /* its end, where it is longer */
    uint64_t resident;             /* of it: */
    uint64_t anonymous;            /* of no file: private, and written to */
    uint64_t lazy;                 /* freed by MADV_FREE, and not yet taken */
    uint64_t huge;                 /* in transparent huge pages */
    uint64_t hugetlb;              /* in reserved huge pages; not in `resident` */
};

typedef void smaps_visit(void *context, const struct smaps_area *area);

/* Reads the file from `fd` on, and tells of every area in order of addresses. False when it
 * cannot be read. */
bool smaps_read(int fd, smaps_visit *visit, void *context);

#endif
