/*
 * What kind of program a command is, before it is run: whether a library can be
 * injected into it at all, and if not, why.
 *
 * Reads a few bytes of the file; starts nothing. Not thread-safe.
 */
#ifndef PROFINJECT_RECORD_TARGET_H
#define PROFINJECT_RECORD_TARGET_H

#include <stdbool.h>
#include <stddef.h>

enum target_kind {
    TARGET_ORDINARY,   /* dynamic, of this machine class: or nothing is known of it */
    TARGET_STATIC,     /* no dynamic loader: LD_PRELOAD is not looked at */
    TARGET_PRIVILEGED, /* the loader ignores LD_PRELOAD for setuid and capabilities */
    TARGET_FOREIGN,    /* of another machine or word size: the loader would complain */
    TARGET_MUSL,       /* another C library: its loader would refuse to start it */
};

struct target {
    enum target_kind kind;
    char path[4096];        /* the file judged: an interpreter for scripts; "" when not found */
    char first_library[64]; /* must stand before ours in LD_PRELOAD; "": none */
    bool loader_missing;    /* exec will say so */
};

/* Looks up `command` as execvp() would, follows #! lines, reads the ELF header. */
void target_examine(struct target *target, const char *command);

/* Why no profile can be made of such a target, as in "is statically linked: ...";
 * NULL for TARGET_ORDINARY. */
const char *target_reason(enum target_kind kind);

/* False when exec will fail: then what it says is enough. */
bool target_may_start(const struct target *target);

/* Why exec of `command` failed with the errno `reason` and what to do, to follow the
 * reason as in ": make it executable: chmod +x"; "" when there is no more to say.
 * Returns the length. */
int target_way_out(const struct target *target, const char *command, int reason, char *text,
                   size_t size);

/* True when the library must not even be offered: the target would complain or
 * fail to start. Its children are then not profiled either. */
bool target_must_be_spared(enum target_kind kind);

#endif
