/*
 * elf_image.h over libelf, which is built for damaged input; what it hands out
 * is still checked here before use (strings end, sizes fit).
 */
#include "analyzer/symbols/elf_image.h"

#include "analyzer/symbols/section_contents.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_build_id_notes(struct elf_image *image, Elf_Data *data)
{
    GElf_Nhdr note;
    size_t name, desc, next, position = 0;

    while (data != NULL && image->build_id_size == 0 &&
           (next = gelf_getnote(data, position, &note, &name, &desc)) > 0) {
        const char *bytes = data->d_buf;

        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof(ELF_NOTE_GNU) &&
            memcmp(bytes + name, ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) == 0 && note.n_descsz > 0 &&
            note.n_descsz <= ELF_BUILD_ID_MAX) {
            memcpy(image->build_id, bytes + desc, note.n_descsz);
            image->build_id_size = note.n_descsz;
        }
        position = next;
    }
}

/* For files without section headers; in separate debug files the offsets of
 * program headers are not to be trusted, so sections come first. */
static void read_build_id_segments(struct elf_image *image)
{
    size_t count = 0;

    if (image->build_id_size != 0 || elf_getphdrnum(image->elf, &count) != 0)
        return;
    for (size_t i = 0; i < count && image->build_id_size == 0; i++) {
        GElf_Phdr header;

        if (gelf_getphdr(image->elf, (int)i, &header) != NULL && header.p_type == PT_NOTE)
            read_build_id_notes(
                image, elf_getdata_rawchunk(image->elf, (int64_t)header.p_offset, header.p_filesz,
                                            header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR));
    }
}

static void look_at_section(struct elf_image *image, Elf_Scn *section, size_t names)
{
    GElf_Shdr header;

    if (gelf_getshdr(section, &header) == NULL)
        return;
    if ((header.sh_flags & SHF_EXECINSTR) && header.sh_addr < image->code_start)
        image->code_start = header.sh_addr;
    if (header.sh_type == SHT_NOTE && image->build_id_size == 0)
        read_build_id_notes(image, elf_getdata(section, NULL));
    if (header.sh_type == SHT_SYMTAB && header.sh_size > header.sh_entsize)
        image->has_symtab = true;
    if (header.sh_type == SHT_PROGBITS && header.sh_size > 0) {
        const char *name = elf_strptr(image->elf, names, header.sh_name);

        if (name != NULL &&
            (strcmp(name, ".debug_info") == 0 || strcmp(name, ".zdebug_info") == 0)) {
            image->unknown_compression = section_contents_unknown(image->elf, section);
            image->has_dwarf = image->unknown_compression == 0;
        }
    }
}

static int look_around(struct elf_image *image, const char *path, struct problem *problem)
{
    size_t names = 0;
    Elf_Scn *section = NULL;

    if (image->elf == NULL || elf_kind(image->elf) != ELF_K_ELF)
        return problem_set(problem, PROBLEM_DATA, "cannot read symbols of '%s': not an ELF file",
                           path);
    image->code_start = UINT64_MAX;
    if (elf_getshdrstrndx(image->elf, &names) == 0)
        while ((section = elf_nextscn(image->elf, section)) != NULL)
            look_at_section(image, section, names);
    read_build_id_segments(image);
    return 0;
}

int elf_image_init(struct elf_image *image, const char *path, struct problem *problem)
{
    struct stat status;
    int result;

    memset(image, 0, sizeof(*image));
    (void)elf_version(EV_CURRENT);
    /* O_NONBLOCK: a mapped path may have become a FIFO since. */
    image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (image->fd < 0)
        return problem_errno(problem, "cannot open '%s'", path);
    if (fstat(image->fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        elf_image_release(image);
        return problem_set(problem, PROBLEM_DATA, "cannot read symbols of '%s': not a regular file",
                           path);
    }
    image->elf = elf_begin(image->fd, ELF_C_READ, NULL);
    result = look_around(image, path, problem);
    if (result != 0)
        elf_image_release(image);
    return result;
}

/* Bytes the vdso's own headers span; the kernel maps whole pages of it. */
static size_t vdso_size(const char *start)
{
    Elf64_Ehdr header;

    memcpy(&header, start, sizeof(header));
    return header.e_shoff + (size_t)header.e_shnum * header.e_shentsize;
}

int elf_image_init_vdso(struct elf_image *image, struct problem *problem)
{
    char *start = (char *)getauxval(AT_SYSINFO_EHDR); /* NOLINT: an address by definition */

    memset(image, 0, sizeof(*image));
    image->fd = -1;
    if (start == NULL)
        return problem_set(problem, PROBLEM_NOTHING,
                           "cannot read symbols of '[vdso]': this system has none");
    return elf_image_init_memory(image, (uint8_t *)start, vdso_size(start), "[vdso]", problem);
}

int elf_image_init_memory(struct elf_image *image, uint8_t *bytes, size_t size, const char *name,
                          struct problem *problem)
{
    int result;

    memset(image, 0, sizeof(*image));
    (void)elf_version(EV_CURRENT);
    image->fd = -1;
    image->elf = elf_memory((char *)bytes, size);
    result = look_around(image, name, problem);
    if (result != 0)
        elf_image_release(image);
    return result;
}

void elf_image_release(struct elf_image *image)
{
    if (image->elf != NULL)
        (void)elf_end(image->elf);
    if (image->fd >= 0)
        (void)close(image->fd);
    image->elf = NULL;
    image->fd = -1;
}

bool elf_image_has_build_id(const struct elf_image *image, const uint8_t *id, size_t size)
{
    return image->build_id_size == size && memcmp(image->build_id, id, size) == 0;
}

Elf_Scn *elf_image_section(const struct elf_image *image, const char *name, GElf_Shdr *header)
{
    size_t names = 0;
    Elf_Scn *section = NULL;

    if (elf_getshdrstrndx(image->elf, &names) != 0)
        return NULL;
    while ((section = elf_nextscn(image->elf, section)) != NULL) {
        const char *found;

        if (gelf_getshdr(section, header) == NULL || header->sh_type == SHT_NOBITS)
            continue;
        found = elf_strptr(image->elf, names, header->sh_name);
        if (found != NULL && strcmp(found, name) == 0)
            return section;
    }
    return NULL;
}

const uint8_t *elf_image_bytes(const struct elf_image *image, const char *name, size_t *size)
{
    GElf_Shdr header;
    Elf_Scn *section = elf_image_section(image, name, &header);
    Elf_Data *data = section == NULL ? NULL : elf_rawdata(section, NULL);

    if (data == NULL)
        return NULL;
    *size = data->d_size;
    return data->d_buf;
}

const char *elf_image_debuglink(const struct elf_image *image, uint32_t *crc)
{
    GElf_Shdr header;
    Elf_Scn *section = elf_image_section(image, ".gnu_debuglink", &header);
    Elf_Data *data = section == NULL ? NULL : elf_rawdata(section, NULL);
    const char *name;
    size_t length;

    if (data == NULL || data->d_buf == NULL || data->d_size < sizeof(*crc) + 2)
        return NULL;
    name = data->d_buf;
    length = strnlen(name, data->d_size - sizeof(*crc));
    if (length == 0 || length == data->d_size - sizeof(*crc) || memchr(name, '/', length) != NULL)
        return NULL;
    memcpy(crc, name + data->d_size - sizeof(*crc), sizeof(*crc));
    return name;
}
