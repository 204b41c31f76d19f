/*
 * Entries of .debug_info by our own reader (dwarf_entries.h), abbreviations first: two bytes say
 * how many bytes of them there are. What is walked is an end in itself: every step goes forward.
 */
#include "analyzer/symbols/dwarf_entries.h"
#include "tests/fuzz/fuzz.h"

#define STEPS 4096

static unsigned steps;

/* Lists of siblings, each with what is below its entries, as long as there are steps left. */
static void walk(const struct dwarf_entries *entries, Dwarf_Off parent, unsigned depth)
{
    struct dwarf_entry entry;
    Dwarf_Off last = parent;
    bool more = dwarf_entries_child(entries, parent, &entry);

    for (; more && steps > 0; more = dwarf_entries_next(entries, &entry), steps--) {
        struct entry_code code;

        if (entry.offset <= last || entry.after <= entry.offset)
            abort();
        last = entry.offset;
        if (dwarf_entries_code(entries, &entry, &code))
            fuzz_touch(&code, sizeof(code));
        if (entry.has_children && depth > 0)
            walk(entries, entry.offset, depth - 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dwarf_entries entries;
    size_t abbreviations;

    if (size < 2)
        return 0;
    abbreviations = (size_t)data[0] << 8 | data[1];
    data += 2;
    size -= 2;
    abbreviations = abbreviations < size ? abbreviations : size;
    steps = STEPS;
    if (dwarf_entries_init(&entries, data + abbreviations, size - abbreviations, data,
                           abbreviations, 0)) {
        static const unsigned header_sizes[] = {11, 12, 20, 23, 24};

        for (size_t i = 0; i < sizeof(header_sizes) / sizeof(*header_sizes); i++)
            walk(&entries, header_sizes[i], 16);
    }
    dwarf_entries_release(&entries);
    return 0;
}
