/* Go programs by their note. Its own file because more than one of our ways is not theirs. */
#include "preload/go_program.h"

#include <link.h>
#include <stddef.h>
#include <string.h>

/* Go's linker leaves a note of that name in every program. */
static int find_go(struct dl_phdr_info *info, size_t size, void *found)
{
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        const char *at = (const char *)(info->dlpi_addr + header->p_vaddr); /* NOLINT */
        const char *end = at + header->p_memsz;
        while (header->p_type == PT_NOTE && end - at > (ptrdiff_t)sizeof(ElfW(Nhdr))) {
            const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
            *(bool *)found |= note->n_namesz == 4 && memcmp(note + 1, "Go\0", 4) == 0;
            at += sizeof *note + ((note->n_namesz + 3u) & ~3u) + ((note->n_descsz + 3u) & ~3u);
        }
    }
    return 1; /* the program itself, no library of it */
}

bool go_program_is_this(void)
{
    bool found = false;
    dl_iterate_phdr(find_go, &found);
    return found;
}
