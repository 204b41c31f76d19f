/*
 * Reads the note in the program's own memory. Its own file because nothing else looks there.
 */
#include "analyzer/util/own_build.h"

#include "preload/contract/identity.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BUILD_ID_MAX 32
#define ALIGN_4(size) (((size) + 3u) & ~(size_t)3u)

static char text[BUILD_ID_MAX * 2 + 1];

static void read_notes(const uint8_t *at, size_t size)
{
    ElfW(Nhdr) note;

    while (size >= sizeof(note)) {
        memcpy(&note, at, sizeof(note));
        size_t name = ALIGN_4((size_t)note.n_namesz);
        size_t whole = sizeof(note) + name + ALIGN_4((size_t)note.n_descsz);
        if (whole > size)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_descsz <= BUILD_ID_MAX && name == 4 &&
            memcmp(at + sizeof(note), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0)
            for (size_t i = 0; i < note.n_descsz; i++)
                snprintf(text + i * 2, 3, "%02x", at[sizeof(note) + name + i]);
        at += whole;
        size -= whole;
    }
}

/* The program is the first object told. */
static int on_object(struct dl_phdr_info *info, size_t size, void *unused)
{
    (void)size;
    (void)unused;
    for (size_t i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            read_notes((const uint8_t *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr), /* NOLINT */
                       info->dlpi_phdr[i].p_memsz);
    return 1;
}

const char *own_build(void)
{
    if (text[0] == '\0')
        dl_iterate_phdr(on_object, NULL);
    return text[0] != '\0' ? text : PROFINJECT_VERSION;
}
