/*
 * Waits of a profile grouped: by kind, lock, thread, stack, or several of these. One way of adding
 * up, so that tables, JSON and verdicts agree.
 */
#ifndef PROFINJECT_MODEL_WAIT_ROWS_H
#define PROFINJECT_MODEL_WAIT_ROWS_H

#include "analyzer/model/profile.h"
#include "analyzer/model/wait_kind.h"

struct wait_row {
    const struct profile_wait *one; /* any of them: what they have in common */
    struct wait_sums sums;
};

struct wait_rows {
    struct wait_row *rows; /* most blocked first */
    size_t count;
};

/* What the waits of one row have in common. */
#define WAIT_BY_KIND 1u
#define WAIT_BY_OBJECT 2u
#define WAIT_BY_THREAD 4u
#define WAIT_BY_PEER 8u
#define WAIT_BY_STACK 16u

/* Which waits count; a NULL pointer: all. `context` is passed through. */
typedef bool wait_choice(const struct profile_wait *wait, const void *context);

/* Free with wait_rows_release(). */
void wait_rows_init(struct wait_rows *rows, const struct profile *profile, unsigned by,
                    wait_choice *choice, const void *context);
void wait_rows_release(struct wait_rows *rows);

/* What a row is called; free(). */
typedef char *wait_row_name(const struct profile *profile, const struct profile_wait *one);

/* Rows of one name become one: stacks that differ where nobody sees it. */
void wait_rows_join(struct wait_rows *rows, const struct profile *profile, wait_row_name *name);

/* Choices: of a group, `context` is an enum wait_group; of the same object and kind as a wait, which
 * `context` is; of those whose peer is known and who is no holder of a lock: who ended them. */
wait_choice wait_is_of_group, wait_is_alike, wait_is_woken;

#endif
