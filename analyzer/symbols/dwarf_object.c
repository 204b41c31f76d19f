/*
 * dwarf_object.h: libelf maps, libdwarf reads.
 */
#include "analyzer/symbols/dwarf_object.h"

#include "analyzer/symbols/section_contents.h"
#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

/* Sections of other names are not looked at: the standard has two dozen. */
#define SECTIONS_MAX 256

struct section {
    char *name;      /* as it is when not compressed */
    Elf_Scn **parts; /* in the file: several in a .dwo, where type units have their own */
    size_t part_count, part_capacity;
    struct section_contents contents; /* once loaded */
    bool tried;                       /* to load them */
    size_t size;                      /* of the contents, decompressed */
    uint64_t address;
};

struct dwarf_object {
    Elf *elf;   /* over a mapping of the file; NULL in a part of another object */
    bool is_64; /* its class */
    struct section *sections;
    size_t count, capacity;
    Dwarf_Obj_Access_Interface access;
    bool opened; /* or tried to */
    Dwarf_Debug debug;
    struct dwarf_object *supplement; /* NULL: none */
};

/* --- what libdwarf asks ------------------------------------------------------- */

static int get_section_info(void *opaque, Dwarf_Half index, Dwarf_Obj_Access_Section *out,
                            int *error)
{
    const struct dwarf_object *object = opaque;

    (void)error;
    memset(out, 0, sizeof(*out));
    if (index >= object->count)
        return DW_DLV_NO_ENTRY;
    const struct section *section = &object->sections[index];
    out->addr = section->address;
    out->type = SHT_PROGBITS;
    out->size = section->size;
    out->name = section->name;
    return DW_DLV_OK;
}

static Dwarf_Endianness get_byte_order(void *opaque)
{
    (void)opaque;
    return DW_OBJECT_LSB;
}

static Dwarf_Small get_word_size(void *opaque)
{
    const struct dwarf_object *object = opaque;

    return object->is_64 ? 8 : 4;
}

static Dwarf_Unsigned get_section_count(void *opaque)
{
    const struct dwarf_object *object = opaque;

    return object->count;
}

/* All parts as one. What cannot be read is left out: units after it are at other offsets then,
 * but each is whole in its part. */
static void join(struct section *section)
{
    struct section_contents *whole = &section->contents;
    size_t size = 0;

    whole->bytes = whole->owned = memory_alloc(section->size + 1);
    for (size_t i = 0; i < section->part_count; i++) {
        struct section_contents part;

        if (!section_contents_init(&part, section->parts[i]))
            continue;
        if (part.size <= section->size - size) {
            memcpy(whole->owned + size, part.bytes, part.size);
            size += part.size;
        }
        section_contents_release(&part);
    }
    whole->size = size;
}

static bool load(struct section *section)
{
    if (!section->tried && section->part_count == 1)
        (void)section_contents_init(&section->contents, section->parts[0]);
    else if (!section->tried && section->part_count > 1)
        join(section);
    section->tried = true;
    return section->contents.bytes != NULL;
}

static bool is_packed(Elf_Scn *section)
{
    GElf_Shdr header;

    return gelf_getshdr(section, &header) != NULL &&
           (header.sh_flags & SHF_COMPRESSED || header.sh_size != section_contents_size(section));
}

static int load_section(void *opaque, Dwarf_Half index, Dwarf_Small **bytes, int *error)
{
    struct dwarf_object *object = opaque;

    (void)error;
    if (index >= object->count || !load(&object->sections[index]))
        return DW_DLV_NO_ENTRY;
    *bytes = (Dwarf_Small *)object->sections[index].contents.bytes;
    return DW_DLV_OK;
}

static const Dwarf_Obj_Access_Methods methods = {
    .get_section_info = get_section_info,
    .get_byte_order = get_byte_order,
    .get_length_size = get_word_size,
    .get_pointer_size = get_word_size,
    .get_section_count = get_section_count,
    .load_section = load_section,
};

/* --- making one --------------------------------------------------------------- */

static struct section *append(struct dwarf_object *object, const struct section *section)
{
    object->sections =
        memory_grow(object->sections, object->count, &object->capacity, sizeof(*object->sections));
    object->sections[object->count] = *section;
    return &object->sections[object->count++];
}

static struct section *find_section(struct dwarf_object *object, const char *name)
{
    for (size_t i = 0; i < object->count; i++)
        if (strcmp(object->sections[i].name, name) == 0)
            return &object->sections[i];
    return NULL;
}

/* Adds what may be one more part of a section. Takes ownership of `name`. */
static void add_part(struct dwarf_object *object, Elf_Scn *elf, const GElf_Shdr *header, char *name)
{
    struct section *section = find_section(object, name);

    if (section != NULL)
        free(name);
    else if (object->count < SECTIONS_MAX)
        section = append(object, &(struct section){.name = name, .address = header->sh_addr});
    else
        free(name);
    if (section == NULL)
        return;
    section->parts = memory_grow(section->parts, section->part_count, &section->part_capacity,
                                 sizeof(*section->parts));
    section->parts[section->part_count++] = elf;
    section->size += section_contents_size(elf);
}

/* Sections of debug information and nothing else: libdwarf has no use for others, and
 * relocations that were left in are not to be applied again. */
static void add_section(struct dwarf_object *object, Elf_Scn *elf, const GElf_Shdr *header,
                        const char *name)
{
    static const char plain[] = ".debug_", packed[] = ".zdebug_";

    if (header->sh_type == SHT_NOBITS || header->sh_size == 0)
        return;
    if (strncmp(name, plain, strlen(plain)) == 0)
        add_part(object, elf, header, memory_strdup(name));
    else if (strncmp(name, packed, strlen(packed)) == 0)
        add_part(object, elf, header, memory_printf(".%s", name + 2));
}

static void add_sections(struct dwarf_object *object)
{
    Elf *elf = object->elf;
    Elf_Scn *section = NULL;
    size_t names = 0;
    GElf_Shdr header;

    if (elf_getshdrstrndx(elf, &names) != 0)
        return;
    while ((section = elf_nextscn(elf, section)) != NULL) {
        const char *name = NULL;

        if (gelf_getshdr(section, &header) != NULL)
            name = elf_strptr(elf, names, header.sh_name);
        if (name != NULL)
            add_section(object, section, &header, name);
    }
}

static struct dwarf_object *make(void)
{
    struct dwarf_object *object = memory_alloc(sizeof(*object));

    (void)append(object,
                 &(struct section){.name = memory_strdup("")}); /* 0 means none to libdwarf */
    object->access = (Dwarf_Obj_Access_Interface){.object = object, .methods = &methods};
    return object;
}

struct dwarf_object *dwarf_object_new(const struct elf_image *image)
{
    struct dwarf_object *object;
    Elf *elf = elf_begin(image->fd, ELF_C_READ_MMAP, NULL);

    if (elf == NULL)
        return NULL;
    object = make();
    object->elf = elf;
    object->is_64 = gelf_getclass(elf) != ELFCLASS32;
    add_sections(object);
    return object;
}

/* Adds bytes of a section of `whole`, if there is such a section. False when they do not fit. */
static bool add_slice(struct dwarf_object *object, struct dwarf_object *whole,
                      const struct dwarf_slice *slice)
{
    size_t size = 0;
    const uint8_t *bytes = dwarf_object_section(whole, slice->section, &size);

    if (bytes == NULL)
        return true;
    if (slice->offset > size || slice->size > size - slice->offset)
        return false;
    (void)append(object, &(struct section){.name = memory_strdup(slice->section),
                                           .contents = {.bytes = bytes + slice->offset,
                                                        .size = (size_t)slice->size},
                                           .tried = true,
                                           .size = (size_t)slice->size});
    return true;
}

struct dwarf_object *dwarf_object_new_part(struct dwarf_object *whole,
                                           const struct dwarf_slice *slices, size_t count)
{
    struct dwarf_slice texts = {.section = ".debug_str.dwo"};
    struct dwarf_object *object = make();
    bool fits = true;

    object->is_64 = whole->is_64;
    (void)dwarf_object_section(whole, texts.section, &texts.size);
    fits = add_slice(object, whole, &texts);
    for (size_t i = 0; i < count && fits; i++)
        fits = add_slice(object, whole, &slices[i]);
    if (fits)
        return object;
    dwarf_object_free(object);
    return NULL;
}

void dwarf_object_free(struct dwarf_object *object)
{
    Dwarf_Error error = NULL;

    if (object == NULL)
        return;
    if (object->debug != NULL)
        (void)dwarf_object_finish(object->debug, &error);
    for (size_t i = 0; i < object->count; i++) {
        section_contents_release(&object->sections[i].contents);
        free(object->sections[i].parts);
        free(object->sections[i].name);
    }
    free(object->sections);
    if (object->elf != NULL)
        (void)elf_end(object->elf);
    free(object);
}

Dwarf_Debug dwarf_object_debug(struct dwarf_object *object)
{
    Dwarf_Error error = NULL;

    if (!object->opened && dwarf_shim_open(&object->access, &object->debug, &error) != DW_DLV_OK) {
        if (error != NULL)
            dwarf_dealloc_error(NULL, error);
        object->debug = NULL;
    }
    object->opened = true;
    return object->debug;
}

const uint8_t *dwarf_object_section(struct dwarf_object *object, const char *name, size_t *size)
{
    struct section *section = find_section(object, name);

    if (section == NULL || !load(section))
        return NULL;
    *size = section->contents.size;
    return section->contents.bytes;
}

void dwarf_object_set_supplement(struct dwarf_object *object, struct dwarf_object *supplement)
{
    object->supplement = supplement;
}

struct dwarf_object *dwarf_object_supplement(const struct dwarf_object *object)
{
    return object->supplement;
}

/* Places of variables, macros, unwinding and lists of names are not asked for. */
static bool is_read(const char *name)
{
    static const char *const others[] = {".debug_loc",   ".debug_loclists", ".debug_macro",
                                         ".debug_frame", ".debug_names",    ".debug_macinfo",
                                         ".debug_types"};

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (strcmp(name, others[i]) == 0)
            return false;
    return strncmp(name, ".debug_pub", 10) != 0 && strncmp(name, ".debug_gnu", 10) != 0;
}

void dwarf_object_unpack(struct dwarf_object *object)
{
    for (size_t i = 1; i < object->count; i++) {
        struct section *section = &object->sections[i];

        if (is_read(section->name) && section->part_count == 1 && is_packed(section->parts[0]))
            (void)load(section);
    }
}
