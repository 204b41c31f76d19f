/*
 * What a worker process learns about files while it reads, told to its parent beside the
 * answers: which .dwo files it looked for, and which were missing or of another build. In
 * memory that both share, written with atomic operations: several workers may read the
 * files of one module, and one that dies has told what it told.
 */
#ifndef PROFINJECT_SYMBOLS_DWARF_NOTES_H
#define PROFINJECT_SYMBOLS_DWARF_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dwarf_notes;

/* What became of one split unit's file. */
enum dwarf_note {
    DWARF_NOTE_MISSING, /* no such file anywhere */
    DWARF_NOTE_OTHER,   /* of another build */
    DWARF_NOTE_KINDS,
};

/* To be made before the workers are started. NULL when there is no memory to share: then
 * nothing is told. */
struct dwarf_notes *dwarf_notes_new(void);
void dwarf_notes_free(struct dwarf_notes *notes); /* NULL is allowed, here and below */

/* Notes that a unit's file `name` is missing or wrong. Paths are cut to a few KiB. */
void dwarf_notes_add(struct dwarf_notes *notes, enum dwarf_note kind, const char *name);

/* How many there were of a kind, and in `first` the name of one of them (NULL: none), which
 * is the notes'. */
uint32_t dwarf_notes_count(const struct dwarf_notes *notes, enum dwarf_note kind,
                           const char **first);

/* Notes that `path` was looked at, found or not. */
void dwarf_notes_look(struct dwarf_notes *notes, const char *path);

/* The path after `previous` (NULL: the first), NULL after the last. Once no worker runs. */
const char *dwarf_notes_next_look(const struct dwarf_notes *notes, const char *previous);

/* False when there were more paths than could be noted. */
bool dwarf_notes_all_looks(const struct dwarf_notes *notes);

#endif
