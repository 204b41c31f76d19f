/*
 * dwarf_die.h over libdwarf.
 */
#include "analyzer/symbols/dwarf_die.h"

#include "analyzer/util/memory.h"

#include <string.h>

/* Turns a libdwarf result into "there or not" and frees what a failure left. */
static bool there(Dwarf_Debug debug, int result, Dwarf_Error error)
{
    if (result == DW_DLV_ERROR && error != NULL)
        dwarf_dealloc_error(debug, error);
    return result == DW_DLV_OK;
}

Dwarf_Die dwarf_die_at(Dwarf_Debug debug, Dwarf_Off offset)
{
    Dwarf_Error error = NULL;
    Dwarf_Die die = NULL;

    return there(debug, dwarf_offdie_b(debug, offset, 1, &die, &error), error) ? die : NULL;
}

Dwarf_Die dwarf_die_child(Dwarf_Debug debug, Dwarf_Die die)
{
    Dwarf_Error error = NULL;
    Dwarf_Die child = NULL;

    return there(debug, dwarf_child(die, &child, &error), error) ? child : NULL;
}

Dwarf_Die dwarf_die_next(Dwarf_Debug debug, Dwarf_Die die)
{
    Dwarf_Error error = NULL;
    Dwarf_Die next = NULL;
    Dwarf_Off offset = dwarf_die_offset(debug, die);
    bool found = there(debug, dwarf_siblingof_b(debug, die, 1, &next, &error), error);

    dwarf_dealloc_die(die);
    if (!found)
        return NULL;
    if (dwarf_die_offset(debug, next) > offset)
        return next;
    dwarf_dealloc_die(next); /* a damaged DW_AT_sibling would have us go in circles */
    return NULL;
}

Dwarf_Half dwarf_die_tag(Dwarf_Debug debug, Dwarf_Die die)
{
    Dwarf_Error error = NULL;
    Dwarf_Half tag = 0;

    return there(debug, dwarf_tag(die, &tag, &error), error) ? tag : 0;
}

Dwarf_Off dwarf_die_offset(Dwarf_Debug debug, Dwarf_Die die)
{
    Dwarf_Error error = NULL;
    Dwarf_Off offset = 0;

    return there(debug, dwarf_dieoffset(die, &offset, &error), error) ? offset : 0;
}

static Dwarf_Attribute attribute_of(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Error error = NULL;
    Dwarf_Attribute attribute = NULL;

    return there(debug, dwarf_attr(die, name, &attribute, &error), error) ? attribute : NULL;
}

static Dwarf_Half form_of(Dwarf_Debug debug, Dwarf_Attribute attribute)
{
    Dwarf_Error error = NULL;
    Dwarf_Half form = 0;

    return there(debug, dwarf_whatform(attribute, &form, &error), error) ? form : 0;
}

/* A number in whichever of the constant and offset forms. */
static bool number_of(Dwarf_Debug debug, Dwarf_Attribute attribute, uint64_t *value)
{
    Dwarf_Error error = NULL;
    Dwarf_Unsigned number = 0;
    Dwarf_Signed negative = 0;
    bool found;

    switch (form_of(debug, attribute)) {
    case DW_FORM_sec_offset:
        found = there(debug, dwarf_global_formref(attribute, &number, &error), error);
        break;
    case DW_FORM_addr:
    case DW_FORM_addrx:
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
    case DW_FORM_GNU_addr_index:
        found = there(debug, dwarf_formaddr(attribute, &number, &error), error);
        break;
    case DW_FORM_sdata:
    case DW_FORM_implicit_const:
        found = there(debug, dwarf_formsdata(attribute, &negative, &error), error);
        number = (Dwarf_Unsigned)negative;
        break;
    default:
        found = there(debug, dwarf_formudata(attribute, &number, &error), error);
        break;
    }
    if (found)
        *value = number;
    return found;
}

uint64_t dwarf_die_number(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Half name, uint64_t otherwise)
{
    Dwarf_Attribute attribute = attribute_of(debug, die, name);
    uint64_t value = otherwise;

    if (attribute == NULL)
        return otherwise;
    (void)number_of(debug, attribute, &value);
    dwarf_dealloc_attribute(attribute);
    return value;
}

/* Forms that point into a supplementary file (dwz), which is not at hand. */
static bool is_elsewhere(Dwarf_Half form)
{
    return form == DW_FORM_GNU_strp_alt || form == DW_FORM_GNU_ref_alt ||
           form == DW_FORM_strp_sup || form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8 ||
           form == DW_FORM_ref_sig8;
}

const char *dwarf_die_text_of(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Attribute attribute = attribute_of(debug, die, name);
    Dwarf_Error error = NULL;
    char *text = NULL;
    bool found;

    if (attribute == NULL)
        return NULL;
    found = !is_elsewhere(form_of(debug, attribute)) &&
            there(debug, dwarf_formstring(attribute, &text, &error), error);
    dwarf_dealloc_attribute(attribute);
    return found && text[0] != '\0' ? text : NULL;
}

Dwarf_Off dwarf_die_reference(Dwarf_Debug debug, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Attribute attribute = attribute_of(debug, die, name);
    Dwarf_Error error = NULL;
    Dwarf_Off offset = 0;
    bool found;

    if (attribute == NULL)
        return 0;
    found = !is_elsewhere(form_of(debug, attribute)) &&
            there(debug, dwarf_global_formref(attribute, &offset, &error), error);
    dwarf_dealloc_attribute(attribute);
    return found ? offset : 0;
}

static void add_range(const struct dwarf_unit *unit, struct range_list *list, uint64_t low,
                      uint64_t high)
{
    if (low >= high || low < unit->code_start)
        return;
    list->ranges = memory_grow(list->ranges, list->count, &list->capacity, sizeof(*list->ranges));
    list->ranges[list->count++] = (struct address_range){low, high};
}

/* .debug_ranges, DWARF 2 to 4. */
static void add_old_ranges(const struct dwarf_unit *unit, Dwarf_Die die, uint64_t offset,
                           struct range_list *list)
{
    Dwarf_Error error = NULL;
    Dwarf_Ranges *entries = NULL;
    Dwarf_Signed count = 0;
    Dwarf_Unsigned bytes = 0;
    Dwarf_Off real_offset = 0;
    uint64_t base = unit->base;

    if (!there(unit->debug,
               dwarf_get_ranges_b(unit->debug, offset, die, &real_offset, &entries, &count, &bytes,
                                  &error),
               error))
        return;
    for (Dwarf_Signed i = 0; i < count && entries[i].dwr_type != DW_RANGES_END; i++) {
        if (entries[i].dwr_type == DW_RANGES_ADDRESS_SELECTION)
            base = entries[i].dwr_addr2;
        else
            add_range(unit, list, base + entries[i].dwr_addr1, base + entries[i].dwr_addr2);
    }
    dwarf_shim_free_ranges(unit->debug, entries, count);
}

/* .debug_rnglists, DWARF 5. */
static void add_new_ranges(const struct dwarf_unit *unit, Dwarf_Attribute attribute, uint64_t value,
                           struct range_list *list)
{
    Dwarf_Error error = NULL;
    Dwarf_Rnglists_Head head = NULL;
    Dwarf_Unsigned count = 0, offset = 0;

    if (!there(unit->debug,
               dwarf_rnglists_get_rle_head(attribute, form_of(unit->debug, attribute), value, &head,
                                           &count, &offset, &error),
               error))
        return;
    for (Dwarf_Unsigned i = 0; i < count; i++) {
        unsigned length = 0, kind = 0;
        Dwarf_Unsigned raw1 = 0, raw2 = 0, low = 0, high = 0;
        Dwarf_Bool unavailable = 0;
        int result = dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind, &raw1, &raw2,
                                                       &unavailable, &low, &high, &error);

        if (!there(unit->debug, result, error) || kind == DW_RLE_end_of_list)
            break;
        if (!unavailable && kind != DW_RLE_base_addressx && kind != DW_RLE_base_address)
            add_range(unit, list, low, high);
    }
    (void)dwarf_dealloc_rnglists_head(head);
}

static void add_listed_ranges(const struct dwarf_unit *unit, Dwarf_Die die, struct range_list *list)
{
    Dwarf_Attribute attribute = attribute_of(unit->debug, die, DW_AT_ranges);
    uint64_t value;

    if (attribute == NULL)
        return;
    if (number_of(unit->debug, attribute, &value)) {
        if (unit->version >= 5)
            add_new_ranges(unit, attribute, value, list);
        else
            add_old_ranges(unit, die, value, list);
    }
    dwarf_dealloc_attribute(attribute);
}

void dwarf_die_ranges(const struct dwarf_unit *unit, Dwarf_Die die, struct range_list *list)
{
    Dwarf_Error error = NULL;
    Dwarf_Addr low = 0, high = 0;
    Dwarf_Half form = 0;
    enum Dwarf_Form_Class class = DW_FORM_CLASS_UNKNOWN;

    list->count = 0;
    if (there(unit->debug, dwarf_highpc_b(die, &high, &form, &class, &error), error)) {
        error = NULL;
        if (there(unit->debug, dwarf_lowpc(die, &low, &error), error))
            add_range(unit, list, low, class == DW_FORM_CLASS_CONSTANT ? low + high : high);
        return;
    }
    add_listed_ranges(unit, die, list);
}

int dwarf_unit_init(struct dwarf_unit *unit, Dwarf_Debug debug, Dwarf_Die die, uint64_t code_start)
{
    Dwarf_Half offset_size = 0;

    memset(unit, 0, sizeof(*unit));
    unit->debug = debug;
    unit->die = die;
    unit->code_start = code_start;
    if (die == NULL || dwarf_get_version_of_die(die, &unit->version, &offset_size) != DW_DLV_OK)
        return -1;
    unit->base = dwarf_die_number(debug, die, DW_AT_low_pc, 0);
    return 0;
}

void dwarf_unit_release(struct dwarf_unit *unit)
{
    if (unit->die != NULL)
        dwarf_dealloc_die(unit->die);
    unit->die = NULL;
}
