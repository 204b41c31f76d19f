/*
 * dwarf_notes.h: a mapping of fixed size; its pages cost nothing until they are used.
 */
#include "analyzer/symbols/dwarf_notes.h"

#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#define NAME_MAX_BYTES 4096
#define LOOKS_MAX (1u << 20)

struct note {
    _Atomic uint32_t count;
    _Atomic bool named; /* whoever set it fills `first` */
    char first[NAME_MAX_BYTES];
};

struct dwarf_notes {
    struct note kinds[DWARF_NOTE_KINDS];
    _Atomic uint32_t looks_used; /* may run past the end: then some are missing */
    char looks[LOOKS_MAX];       /* texts, each with its '\0'; a worker that died leaves zeros */
};

struct dwarf_notes *dwarf_notes_new(void)
{
    void *notes = mmap(NULL, sizeof(struct dwarf_notes), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    return notes == MAP_FAILED ? NULL : notes;
}

void dwarf_notes_free(struct dwarf_notes *notes)
{
    if (notes != NULL)
        (void)munmap(notes, sizeof(*notes));
}

void dwarf_notes_add(struct dwarf_notes *notes, enum dwarf_note kind, const char *name)
{
    struct note *note = notes == NULL ? NULL : &notes->kinds[kind];
    size_t length = strnlen(name, NAME_MAX_BYTES - 1);

    if (note == NULL)
        return;
    if (!atomic_exchange(&note->named, true))
        memcpy(note->first, name, length); /* ends: the mapping was zeros */
    atomic_fetch_add(&note->count, 1);
}

uint32_t dwarf_notes_count(const struct dwarf_notes *notes, enum dwarf_note kind,
                           const char **first)
{
    uint32_t count = notes == NULL ? 0 : atomic_load(&notes->kinds[kind].count);

    *first = count == 0 ? NULL : notes->kinds[kind].first;
    return count;
}

void dwarf_notes_look(struct dwarf_notes *notes, const char *path)
{
    size_t size = strlen(path) + 1;
    uint32_t place;

    if (notes == NULL || size > LOOKS_MAX || atomic_load(&notes->looks_used) > LOOKS_MAX)
        return;
    place = atomic_fetch_add(&notes->looks_used, (uint32_t)size);
    if (place <= LOOKS_MAX && size <= LOOKS_MAX - place)
        memcpy(notes->looks + place, path, size);
}

const char *dwarf_notes_next_look(const struct dwarf_notes *notes, const char *previous)
{
    const char *at = notes == NULL ? NULL : notes->looks;
    const char *end = notes == NULL ? NULL : notes->looks + LOOKS_MAX;

    if (previous != NULL)
        at = previous + strlen(previous);
    while (at < end && *at == '\0' && at < notes->looks + atomic_load(&notes->looks_used))
        at++;
    return at < end && *at != '\0' ? at : NULL;
}

bool dwarf_notes_all_looks(const struct dwarf_notes *notes)
{
    return notes != NULL && atomic_load(&notes->looks_used) <= LOOKS_MAX;
}
