/*
 * The keeper: the servant outside (preload/outside.h). A child of `record` that drains the
 * rings of the whole tree of processes, and stays until the last of them has ended, whatever
 * becomes of `record`.
 *
 * It belongs to no terminal and no process group of the command's, holds none of our
 * descriptors, and tells nobody anything: what goes wrong is in the rings.
 */
#ifndef PROFINJECT_RECORD_KEEPER_H
#define PROFINJECT_RECORD_KEEPER_H

#include "preload/contract/office.h"
#include "preload/contract/recording.h"

#include <sys/types.h>

struct keeper {
    pid_t pid; /* 0: there is none */
    struct office *office;
};

/* Starts it and names it in the manifest. Where that fails there is none: processes then
 * drain themselves. */
void keeper_start(struct keeper *keeper, const struct recording *recording);

/* A child of `record` has ended: if it is the keeper, those who wait for it need not.
 * `keeper` is a struct keeper. */
void keeper_note_end(void *keeper, pid_t pid);

/* The command has ended: waits, some seconds at most, until what its processes left is
 * written, those that live apart. */
void keeper_settle(struct keeper *keeper);

#endif
