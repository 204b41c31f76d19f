/*
 * Data symbols. Its own file because function symbols (symbol_table.c) are ranked by what callers
 * write, and data have no sections of code.
 */
#include "analyzer/symbols/data_symbols.h"

#include "analyzer/symbols/debug_file.h"
#include "analyzer/symbols/demangle.h"
#include "analyzer/symbols/elf_image.h"
#include "analyzer/symbols/module_files.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The best symbol for a query so far; of several the smallest, then a global one. */
struct candidate {
    const char *name; /* as in the file; NULL: none */
    uint64_t start, size;
    bool is_local;
};

static bool may_be_data(const GElf_Sym *entry)
{
    unsigned type = GELF_ST_TYPE(entry->st_info);

    return entry->st_shndx != SHN_UNDEF && entry->st_size > 0 &&
           (type == STT_OBJECT || type == STT_COMMON);
}

static bool is_better(const struct candidate *candidate, const GElf_Sym *entry)
{
    bool is_local = GELF_ST_BIND(entry->st_info) == STB_LOCAL;

    if (candidate->name == NULL || entry->st_size != candidate->size)
        return candidate->name == NULL || entry->st_size < candidate->size;
    return candidate->is_local && !is_local;
}

static int compare_queries(const void *a, const void *b)
{
    uint64_t address_a = ((const struct data_query *)a)->address;
    uint64_t address_b = ((const struct data_query *)b)->address;

    return (address_a > address_b) - (address_a < address_b);
}

/* Number of queries below `address`. */
static size_t count_below(const struct data_query *queries, size_t count, uint64_t address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (queries[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void consider(struct candidate *candidates, const struct data_query *queries, size_t count,
                     const GElf_Sym *entry, const char *name)
{
    size_t i = count_below(queries, count, entry->st_value);

    for (; i < count && queries[i].address - entry->st_value < entry->st_size; i++) {
        if (!is_better(&candidates[i], entry))
            continue;
        candidates[i] = (struct candidate){.name = name,
                                           .start = entry->st_value,
                                           .size = entry->st_size,
                                           .is_local = GELF_ST_BIND(entry->st_info) == STB_LOCAL};
    }
}

static void look_in_section(struct candidate *candidates, const struct data_query *queries,
                            size_t count, Elf *elf, Elf_Scn *section, const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    GElf_Sym entry;

    for (int i = 1; data != NULL && gelf_getsym(data, i, &entry) != NULL; i++) {
        const char *name =
            may_be_data(&entry) ? elf_strptr(elf, header->sh_link, entry.st_name) : NULL;
        if (name != NULL && *name != '\0')
            consider(candidates, queries, count, &entry, name);
    }
}

static void look_in_image(struct candidate *candidates, const struct data_query *queries,
                          size_t count, const struct elf_image *image)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(image->elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            look_in_section(candidates, queries, count, image->elf, section, &header);
}

static bool is_loaded(const struct elf_image *image, uint64_t address)
{
    size_t count = 0;
    GElf_Phdr header;

    if (elf_getphdrnum(image->elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++)
        if (gelf_getphdr(image->elf, (int)i, &header) != NULL && header.p_type == PT_LOAD &&
            address >= header.p_vaddr && address - header.p_vaddr < header.p_memsz)
            return true;
    return false;
}

static char *name_of(const struct candidate *candidate, uint64_t address)
{
    char *plain = memory_strdup(candidate->name);
    uint64_t offset = address - candidate->start;

    plain[strcspn(plain, "@")] = '\0';
    char *demangled = demangle(plain);
    const char *name = demangled != NULL ? demangled : plain;
    char *text = offset > 0 ? memory_printf("%s+0x%" PRIx64, name, offset) : memory_strdup(name);
    free(demangled);
    free(plain);
    return text;
}

static void look_in_files(const struct module_files *files, struct data_query *queries,
                          size_t count)
{
    struct candidate *candidates = memory_alloc((count + 1) * sizeof(*candidates));

    qsort(queries, count, sizeof(*queries), compare_queries);
    look_in_image(candidates, queries, count, &files->image);
    if (files->has_debug)
        look_in_image(candidates, queries, count, &files->debug);
    if (files->has_mini)
        look_in_image(candidates, queries, count, &files->mini.image);
    for (size_t i = 0; i < count; i++) {
        queries[i].inside = is_loaded(&files->image, queries[i].address);
        if (candidates[i].name != NULL && queries[i].inside)
            queries[i].name = name_of(&candidates[i], queries[i].address);
    }
    free(candidates);
}

bool data_symbols_resolve(const char *path, const uint8_t *build_id, size_t build_id_size,
                          const char *debug_dirs, struct data_query *queries, size_t count)
{
    char *dirs = debug_file_dirs(debug_dirs);
    struct module_files files;
    struct problem problem;
    bool is_there;

    for (size_t i = 0; i < count; i++)
        queries[i] = (struct data_query){queries[i].address, queries[i].number, false, NULL};
    is_there = module_files_open(&files, path, build_id, build_id_size, dirs, NULL, &problem) == 0;
    if (is_there)
        look_in_files(&files, queries, count);
    module_files_close(&files);
    free(dirs);
    return is_there;
}
