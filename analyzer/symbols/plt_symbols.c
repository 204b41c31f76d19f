/*
 * plt_symbols.h. A stub is recognised by its indirect jump through a GOT slot,
 * and named after the relocation of that slot: true for .plt, .plt.sec and
 * .plt.got of every linker, whatever their order and entry size.
 */
#include "analyzer/symbols/plt_symbols.h"

#include "analyzer/util/memory.h"

#include <stdlib.h>
#include <string.h>

#define JUMP_SIZE 6 /* ff 25 disp32: jmp *disp(%rip) */

struct slot {
    uint64_t address;
    const char *name;
    uint64_t resolver; /* that a function with no name here is chosen by (IFUNC); else 0 */
};

struct slots {
    struct slot *entries;
    size_t count, capacity;
};

static int compare_slots(const void *left, const void *right)
{
    const struct slot *a = left, *b = right;

    return a->address < b->address ? -1 : a->address > b->address;
}

static void add_slot(struct slots *slots, struct slot slot)
{
    slots->entries =
        memory_grow(slots->entries, slots->count, &slots->capacity, sizeof(*slots->entries));
    slots->entries[slots->count++] = slot;
}

static void collect_slots(struct slots *slots, const struct elf_image *image, Elf_Scn *section,
                          const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    Elf_Scn *symbol_section = elf_getscn(image->elf, header->sh_link);
    Elf_Data *symbols = symbol_section == NULL ? NULL : elf_getdata(symbol_section, NULL);
    GElf_Shdr symbol_header;
    GElf_Rela entry;

    bool has_symbols = symbols != NULL && symbols->d_type == ELF_T_SYM &&
                       gelf_getshdr(symbol_section, &symbol_header) != NULL;

    if (data == NULL)
        return;
    for (int i = 0; gelf_getrela(data, i, &entry) != NULL; i++) {
        uint64_t type = GELF_R_TYPE(entry.r_info);
        GElf_Sym symbol;
        const char *name;

        if (type == R_X86_64_IRELATIVE)
            add_slot(slots, (struct slot){entry.r_offset, NULL, (uint64_t)entry.r_addend});
        if (!has_symbols || (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT))
            continue;
        if (gelf_getsym(symbols, (int)GELF_R_SYM(entry.r_info), &symbol) == NULL)
            continue;
        name = elf_strptr(image->elf, symbol_header.sh_link, symbol.st_name);
        if (name != NULL && *name != '\0')
            add_slot(slots, (struct slot){entry.r_offset, name, 0});
    }
}

static int compare_resolvers(const void *left, const void *right)
{
    const struct slot *const *a = left, *const *b = right;

    return (*a)->resolver < (*b)->resolver ? -1 : (*a)->resolver > (*b)->resolver;
}

/* The first of the ordered slots whose resolver is at or above `address`. */
static size_t first_resolver(struct slot *const *slots, size_t count, uint64_t address)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slots[middle]->resolver < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Names slots after their resolvers, which have the function's own name: the best that
 * `table` has there. Of slots with one resolver the first is compared alone: a hundred thousand
 * of either would take a minute. */
static void name_resolved(const struct slots *slots, const struct symbol_table *table)
{
    struct slot **ordered = memory_alloc((slots->count + 1) * sizeof(*ordered));
    const struct symbol **best = memory_alloc((slots->count + 1) * sizeof(*best));
    size_t count = 0;

    for (size_t i = 0; i < slots->count; i++)
        if (slots->entries[i].resolver != 0)
            ordered[count++] = &slots->entries[i];
    qsort(ordered, count, sizeof(*ordered), compare_resolvers); /* NOLINT: of pointers */
    for (size_t i = 0; i < table->count && count > 0; i++) {
        const struct symbol *symbol = &table->symbols[i];
        size_t at = first_resolver(ordered, count, symbol->start);

        if (at < count && ordered[at]->resolver == symbol->start &&
            (best[at] == NULL || symbol_compare(symbol, best[at]) < 0))
            best[at] = symbol;
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && ordered[i]->resolver == ordered[i - 1]->resolver)
            best[i] = best[i - 1];
        ordered[i]->name = best[i] == NULL ? NULL : best[i]->name;
    }
    free(best);
    free(ordered);
}

static void add_stubs(struct symbol_table *table, const struct slots *slots, Elf_Scn *section,
                      const GElf_Shdr *header)
{
    Elf_Data *data = elf_getdata(section, NULL);
    const uint8_t *code = data == NULL ? NULL : data->d_buf;
    uint64_t step = header->sh_entsize >= 8 ? header->sh_entsize : 16;

    for (uint64_t at = 0; code != NULL && at + JUMP_SIZE <= data->d_size; at++) {
        int32_t displacement;
        struct slot key;
        const struct slot *slot;
        uint64_t start;

        if (code[at] != 0xff || code[at + 1] != 0x25)
            continue;
        memcpy(&displacement, code + at + 2, sizeof(displacement));
        key.address = header->sh_addr + at + JUMP_SIZE + (uint64_t)(int64_t)displacement;
        slot = bsearch(&key, slots->entries, slots->count, sizeof(key), compare_slots);
        if (slot == NULL || slot->name == NULL)
            continue;
        start = header->sh_addr + at / step * step;
        symbol_table_add(table, &(struct symbol){
                                    .start = start,
                                    .end = start + step,
                                    .section = (uint32_t)elf_ndxscn(section),
                                    .plt = true,
                                    .name = slot->name,
                                });
    }
}

void plt_symbols_add(struct symbol_table *table, const struct elf_image *image)
{
    struct slots slots = {0};
    size_t names = 0;
    Elf_Scn *section = NULL;
    GElf_Shdr header;
    GElf_Ehdr machine;

    if (gelf_getehdr(image->elf, &machine) == NULL || machine.e_machine != EM_X86_64 ||
        elf_getshdrstrndx(image->elf, &names) != 0)
        return;
    while ((section = elf_nextscn(image->elf, section)) != NULL)
        if (gelf_getshdr(section, &header) != NULL && header.sh_type == SHT_RELA &&
            header.sh_flags & SHF_ALLOC)
            collect_slots(&slots, image, section, &header);
    if (slots.count > 0)
        qsort(slots.entries, slots.count, sizeof(*slots.entries), compare_slots);
    name_resolved(&slots, table);
    while (slots.count > 0 && (section = elf_nextscn(image->elf, section)) != NULL) {
        const char *name;

        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_PROGBITS)
            continue;
        name = elf_strptr(image->elf, names, header.sh_name);
        if (name != NULL && strncmp(name, ".plt", 4) == 0)
            add_stubs(table, &slots, section, &header);
    }
    free(slots.entries);
}
