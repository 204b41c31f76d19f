/*
 * symbol_table.h: collecting, ranking and finding function symbols.
 */
#include "analyzer/symbols/symbol_table.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define VERSYM_HIDDEN 0x8000 /* in an entry of .gnu.version */

/* Weak counts as global: libc's read, write and fwrite are weak names of __read,
 * __write and _IO_fwrite, and what programs call. */
enum { RANK_LOCAL = 0, RANK_GLOBAL = 1, RANK_FUNCTION = 2, RANK_SIZED = 4 };

void symbol_table_init(struct symbol_table *table)
{
    memset(table, 0, sizeof(*table));
}

void symbol_table_release(struct symbol_table *table)
{
    free(table->symbols);
    symbol_table_init(table);
}

void symbol_table_add(struct symbol_table *table, const struct symbol *symbol)
{
    table->symbols =
        memory_grow(table->symbols, table->count, &table->capacity, sizeof(*table->symbols));
    table->symbols[table->count++] = *symbol;
}

static uint8_t rank_of(const GElf_Sym *entry)
{
    uint8_t rank = GELF_ST_BIND(entry->st_info) == STB_LOCAL ? RANK_LOCAL : RANK_GLOBAL;

    if (GELF_ST_TYPE(entry->st_info) != STT_NOTYPE)
        rank |= RANK_FUNCTION;
    if (entry->st_size > 0)
        rank |= RANK_SIZED;
    return rank;
}

static bool may_name_code(const GElf_Sym *entry)
{
    unsigned type = GELF_ST_TYPE(entry->st_info);

    return entry->st_shndx != SHN_UNDEF && entry->st_shndx < SHN_LORESERVE &&
           (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE);
}

static bool section_is_code(const struct elf_image *image, size_t index)
{
    GElf_Shdr header;

    return gelf_getshdr(elf_getscn(image->elf, index), &header) != NULL &&
           (header.sh_flags & SHF_EXECINSTR);
}

/* The versions of a table's symbols (.gnu.version), or NULL. */
static Elf_Data *versions_of(const struct elf_image *image, Elf_Scn *symbols)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(image->elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_GNU_versym &&
            header.sh_link == elf_ndxscn(symbols))
            return elf_getdata(section, NULL);
    return NULL;
}

/* libc keeps cfree for old programs, at free's address: nobody calls it now. One
 * kind of table marks such symbols beside, the other by a single '@' in the name. */
static bool is_old(Elf_Data *versions, int number, const char *name)
{
    GElf_Versym version;
    const char *at = strchr(name, '@');

    if (versions != NULL && gelf_getversym(versions, number, &version) != NULL)
        return version & VERSYM_HIDDEN;
    return at != NULL && at[1] != '@';
}

static void add_section(struct symbol_table *table, const struct elf_image *image, Elf_Scn *section,
                        const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    Elf_Data *versions = versions_of(image, section);
    GElf_Sym entry;
    size_t last_section = SHN_UNDEF;
    bool is_code = false;

    for (int i = 1; data != NULL && gelf_getsym(data, i, &entry) != NULL; i++) {
        const char *name;

        if (!may_name_code(&entry))
            continue;
        if (entry.st_shndx != last_section) {
            last_section = entry.st_shndx;
            is_code = section_is_code(image, last_section);
        }
        name = is_code ? elf_strptr(image->elf, header->sh_link, entry.st_name) : NULL;
        if (name == NULL || *name == '\0' || *name == '$') /* $x: mapping symbols */
            continue;
        symbol_table_add(table, &(struct symbol){
                                    .start = entry.st_value,
                                    .end = entry.st_value + entry.st_size >= entry.st_value
                                               ? entry.st_value + entry.st_size
                                               : UINT64_MAX,
                                    .section = entry.st_shndx,
                                    .rank = rank_of(&entry),
                                    .old = is_old(versions, i, name),
                                    .name = name,
                                });
    }
}

void symbol_table_add_image(struct symbol_table *table, const struct elf_image *image)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(image->elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL &&
            (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM))
            add_section(table, image, section, &header);
}

bool symbol_name_is_internal(const char *name)
{
    return strncmp(name, "__GI_", 5) == 0;
}

/* Of several names of one function the plainest is what its callers wrote: malloc, not
 * __libc_malloc; of libm's acosl and acosf64x the one that is as old as C. */
static int compare_names(const char *a, const char *b)
{
    size_t a_underscores = strspn(a, "_"), b_underscores = strspn(b, "_");
    size_t a_length = strlen(a), b_length = strlen(b);

    if (symbol_name_is_internal(a) != symbol_name_is_internal(b))
        return symbol_name_is_internal(a) ? 1 : -1;
    if (a_underscores != b_underscores)
        return a_underscores < b_underscores ? -1 : 1;
    if (a_length != b_length)
        return a_length < b_length ? -1 : 1;
    return strcmp(a, b);
}

int symbol_compare(const struct symbol *a, const struct symbol *b)
{
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    if (a->old != b->old)
        return a->old ? 1 : -1;
    return compare_names(a->name, b->name);
}

static int compare_symbols(const void *left, const void *right)
{
    return symbol_compare(left, right);
}

void symbol_table_sort(struct symbol_table *table)
{
    size_t kept = 0;
    uint64_t reach = 0;

    if (table->count == 0)
        return;
    qsort(table->symbols, table->count, sizeof(*table->symbols), compare_symbols);
    for (size_t i = 0; i < table->count; i++)
        if (kept == 0 || table->symbols[kept - 1].start != table->symbols[i].start)
            table->symbols[kept++] = table->symbols[i];
    table->count = kept;
    for (size_t i = 0; i < kept; i++) {
        if (table->symbols[i].end > reach)
            reach = table->symbols[i].end;
        table->symbols[i].reach = reach;
    }
}

/* Number of symbols that start at or below `address`. */
static size_t count_up_to(const struct symbol_table *table, uint64_t address)
{
    size_t low = 0, high = table->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (table->symbols[middle].start <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct symbol *symbol_table_find(const struct symbol_table *table, uint64_t address,
                                       uint32_t section)
{
    size_t below = count_up_to(table, address);
    const struct symbol *nearest = below > 0 ? &table->symbols[below - 1] : NULL;

    for (size_t i = below; i > 0 && table->symbols[i - 1].reach > address; i--)
        if (table->symbols[i - 1].end > address)
            return &table->symbols[i - 1];
    if (nearest != NULL && nearest->end == nearest->start && nearest->section == section &&
        section != 0)
        return nearest;
    return NULL;
}

uint32_t symbol_section_at(const struct elf_image *image, uint64_t address)
{
    Elf_Scn *section = NULL;
    GElf_Shdr header;

    while ((section = elf_nextscn(image->elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL && (header.sh_flags & SHF_EXECINSTR) &&
            address >= header.sh_addr && address - header.sh_addr < header.sh_size)
            return (uint32_t)elf_ndxscn(section);
    return 0;
}
