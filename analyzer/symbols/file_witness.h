/*
 * Files that an answer depends on: those that were read, and those that were looked for and
 * were not there. As long as each is as it was, the answer is right.
 *
 * Owns its paths. Not thread-safe.
 */
#ifndef PROFINJECT_SYMBOLS_FILE_WITNESS_H
#define PROFINJECT_SYMBOLS_FILE_WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a file was when it was looked at; all 0 when there was none. The times of both kinds
 * and the inode, because packages and copies bring old times of change along. */
struct file_state {
    uint64_t size, inode;
    int64_t changed_ns, status_changed_ns;
};

struct file_witness {
    char *path;
    struct file_state state;
};

struct file_witnesses {
    struct file_witness *items;
    size_t count, capacity;
};

/* Looks at `path` and notes it, if it is not noted yet. */
void file_witnesses_note(struct file_witnesses *witnesses, const char *path);

/* Notes what was found earlier. */
void file_witnesses_add(struct file_witnesses *witnesses, const char *path,
                        const struct file_state *state);

/* Looks again: true when all are as they were. */
bool file_witnesses_hold(const struct file_witnesses *witnesses);

/* True when any changed at about `since_ns` (CLOCK_REALTIME) or later: it may not be what was
 * read after that time, or change again within the same tick of the clock that files are
 * dated by, unnoticed. */
bool file_witnesses_changed_since(const struct file_witnesses *witnesses, int64_t since_ns);

/* True when both name the same files in the same states. */
bool file_witnesses_equal(const struct file_witnesses *one, const struct file_witnesses *other);

void file_witnesses_release(struct file_witnesses *witnesses);

#endif
