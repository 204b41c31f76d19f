/*
 * dwarf_die.h over libdwarf.
 */
#include "analyzer/symbols/dwarf_die.h"

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/symbols/dwarf_ranges.h"

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

/* Forms that point into the supplementary file (dwz). */
static bool is_in_supplement(Dwarf_Half form)
{
    return form == DW_FORM_GNU_strp_alt || form == DW_FORM_GNU_ref_alt ||
           form == DW_FORM_strp_sup || form == DW_FORM_ref_sup4 || form == DW_FORM_ref_sup8;
}

/* The value of an attribute in one of these forms; libdwarf does not know all. */
static bool supplement_offset(struct dwarf_object *object, Dwarf_Die die, Dwarf_Attribute attribute,
                              Dwarf_Off *value)
{
    Dwarf_Debug debug = dwarf_object_debug(object);
    Dwarf_Half form = form_of(debug, attribute);
    Dwarf_Error error = NULL;
    Dwarf_Off place = 0;
    size_t size = 0;
    const uint8_t *bytes;
    struct byte_cursor cursor;

    if (form != DW_FORM_ref_sup4 && form != DW_FORM_ref_sup8)
        return there(debug, dwarf_global_formref(attribute, value, &error), error);
    bytes = dwarf_object_section(object, ".debug_info", &size);
    if (!there(debug, dwarf_attr_offset(die, attribute, &place, &error), error))
        return false;
    cursor = byte_cursor_from(bytes, size, place);
    *value = byte_fixed(&cursor, form == DW_FORM_ref_sup4 ? 4 : 8);
    return !cursor.failed;
}

static const char *supplement_text(struct dwarf_object *object, Dwarf_Die die,
                                   Dwarf_Attribute attribute)
{
    struct dwarf_object *supplement = dwarf_object_supplement(object);
    size_t size = 0;
    const char *texts;
    Dwarf_Off offset;

    if (supplement == NULL || !supplement_offset(object, die, attribute, &offset))
        return NULL;
    texts = (const char *)dwarf_object_section(supplement, ".debug_str", &size);
    if (texts == NULL || offset >= size || memchr(texts + offset, '\0', size - offset) == NULL)
        return NULL;
    return texts + offset;
}

const char *dwarf_die_text_of(struct dwarf_object *object, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Debug debug = dwarf_object_debug(object);
    Dwarf_Attribute attribute = attribute_of(debug, die, name);
    Dwarf_Error error = NULL;
    char *read = NULL;
    const char *text = NULL;

    if (attribute == NULL)
        return NULL;
    if (is_in_supplement(form_of(debug, attribute)))
        text = supplement_text(object, die, attribute);
    else if (there(debug, dwarf_formstring(attribute, &read, &error), error))
        text = read;
    dwarf_dealloc_attribute(attribute);
    return text != NULL && text[0] != '\0' ? text : NULL;
}

Dwarf_Off dwarf_die_reference(struct dwarf_object *object, Dwarf_Die die, Dwarf_Half name)
{
    Dwarf_Debug debug = dwarf_object_debug(object);
    Dwarf_Attribute attribute = attribute_of(debug, die, name);
    Dwarf_Error error = NULL;
    Dwarf_Off offset = 0;
    Dwarf_Half form;

    if (attribute == NULL)
        return 0;
    form = form_of(debug, attribute);
    if (is_in_supplement(form)) {
        if (supplement_offset(object, die, attribute, &offset) && offset != 0)
            offset |= DWARF_IN_SUPPLEMENT;
    } else if (form == DW_FORM_ref_sig8 ||
               !there(debug, dwarf_global_formref(attribute, &offset, &error), error)) {
        offset = 0;
    }
    dwarf_dealloc_attribute(attribute);
    return offset;
}

/* An address, given itself or by its index. False when `attribute` is none. */
static bool address_of(const struct dwarf_unit *unit, Dwarf_Attribute attribute, uint64_t *address)
{
    Dwarf_Half form = form_of(unit->debug, attribute);
    Dwarf_Error error = NULL;
    Dwarf_Unsigned index = 0;
    Dwarf_Addr found = 0;

    if (form == DW_FORM_addr) {
        bool is_there = there(unit->debug, dwarf_formaddr(attribute, &found, &error), error);

        *address = found;
        return is_there;
    }
    return dwarf_addr_form_is_indexed(form) &&
           there(unit->debug, dwarf_get_debug_addr_index(attribute, &index, &error), error) &&
           dwarf_ranges_address(unit, index, address);
}

static bool low_pc(const struct dwarf_unit *unit, Dwarf_Die die, uint64_t *low)
{
    Dwarf_Attribute attribute = attribute_of(unit->debug, die, DW_AT_low_pc);
    bool found;

    if (attribute == NULL)
        return false;
    found = address_of(unit, attribute, low);
    dwarf_dealloc_attribute(attribute);
    return found;
}

static void add_one_range(const struct dwarf_unit *unit, Dwarf_Die die, Dwarf_Attribute high_pc,
                          struct range_list *list)
{
    uint64_t low, high;

    if (!low_pc(unit, die, &low))
        return;
    if (address_of(unit, high_pc, &high))
        dwarf_ranges_add(unit, list, low, high);
    else if (number_of(unit->debug, high_pc, &high))
        dwarf_ranges_add(unit, list, low, low + high);
}

static void add_listed_ranges(const struct dwarf_unit *unit, Dwarf_Die die, struct range_list *list)
{
    Dwarf_Attribute attribute = attribute_of(unit->debug, die, DW_AT_ranges);
    uint64_t value;

    if (attribute == NULL)
        return;
    if (number_of(unit->debug, attribute, &value))
        dwarf_ranges_read(unit, value, form_of(unit->debug, attribute) == DW_FORM_rnglistx, list);
    dwarf_dealloc_attribute(attribute);
}

void dwarf_die_ranges(const struct dwarf_unit *unit, Dwarf_Die die, struct range_list *list)
{
    Dwarf_Attribute high_pc = attribute_of(unit->debug, die, DW_AT_high_pc);

    list->count = 0;
    if (high_pc == NULL) {
        add_listed_ranges(unit, die, list);
        return;
    }
    add_one_range(unit, die, high_pc, list);
    dwarf_dealloc_attribute(high_pc);
}

/* What both kinds of unit read from themselves. */
static int open_unit(struct dwarf_unit *unit, struct dwarf_object *object, Dwarf_Die die,
                     uint64_t code_start)
{
    memset(unit, 0, sizeof(*unit));
    unit->object = unit->linked = object;
    unit->debug = dwarf_object_debug(object);
    unit->die = die;
    unit->code_start = code_start;
    return die != NULL &&
                   dwarf_get_version_of_die(die, &unit->version, &unit->offset_size) == DW_DLV_OK
               ? 0
               : -1;
}

int dwarf_unit_init(struct dwarf_unit *unit, struct dwarf_object *object, Dwarf_Die die,
                    uint64_t code_start)
{
    if (open_unit(unit, object, die, code_start) != 0)
        return -1;
    if (unit->version >= 5) {
        unit->address_base = dwarf_die_number(unit->debug, die, DW_AT_addr_base, 0);
        unit->list_base = dwarf_die_number(unit->debug, die, DW_AT_rnglists_base, 0);
    } else {
        unit->address_base = dwarf_die_number(unit->debug, die, DW_AT_GNU_addr_base, 0);
        unit->list_base = dwarf_die_number(unit->debug, die, DW_AT_GNU_ranges_base, 0);
    }
    (void)low_pc(unit, die, &unit->base);
    return 0;
}

/* After the header of the first contribution of DWARF 5 to a section: length, version and
 * two bytes, then for range lists how many offsets there are. */
static uint64_t first_list_base(Dwarf_Half offset_size)
{
    return offset_size == 8 ? 20 : 12;
}

int dwarf_unit_init_split(struct dwarf_unit *unit, struct dwarf_object *object, Dwarf_Die die,
                          const struct dwarf_unit *skeleton)
{
    if (open_unit(unit, object, die, skeleton->code_start) != 0)
        return -1;
    unit->linked = skeleton->linked;
    unit->base = skeleton->base;
    unit->address_base = skeleton->address_base;
    unit->list_base = unit->version >= 5 ? first_list_base(unit->offset_size) : skeleton->list_base;
    return 0;
}

void dwarf_unit_release(struct dwarf_unit *unit)
{
    if (unit->die != NULL)
        dwarf_dealloc_die(unit->die);
    unit->die = NULL;
}
