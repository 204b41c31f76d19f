/* Rows applied to a machine whose registers hold 1000 + number and whose memory
 * holds each word's own address. */
#include "preload/cfi_step.h"

#include <criterion/criterion.h>

#define MISSING 11u /* a register nobody knows */

static bool get_register(void *context, unsigned number, uint64_t *value)
{
    (void)context;
    *value = 1000 + number;
    return number != MISSING;
}

static bool read_word(void *context, uint64_t address, uint64_t *value)
{
    (void)context;
    *value = address;
    return address >= 100;
}

static const struct cfi_machine machine = {NULL, get_register, read_word};
static const uint8_t breg7_8[] = {0x77, 0x08}, breg11_0[] = {0x7b, 0x00};

static uint64_t caller_value(enum cfi_place place, int64_t offset)
{
    struct cfi_row row = {.expressions = {{breg7_8, sizeof(breg7_8)}}};
    uint64_t value;

    row.registers[3] = (struct cfi_register){.offset = offset, .place = place};
    return cfi_caller_register_sigsafe(&row, 3, 5000, &machine, &value) ? value : 0;
}

Test(cfi_step, frame_address)
{
    struct cfi_row row = {.cfa_register = 7, .cfa_offset = -16};
    uint64_t cfa;

    cr_assert(cfi_frame_address_sigsafe(&row, &machine, &cfa) && cfa == 991);
    row.cfa_register = MISSING;
    cr_assert_not(cfi_frame_address_sigsafe(&row, &machine, &cfa));
    row.cfa_by_expression = true;
    row.cfa_expression = (struct cfi_expression){breg7_8, sizeof(breg7_8)};
    cr_assert(cfi_frame_address_sigsafe(&row, &machine, &cfa) && cfa == 1015);
    row.cfa_expression = (struct cfi_expression){breg11_0, sizeof(breg11_0)};
    cr_assert_not(cfi_frame_address_sigsafe(&row, &machine, &cfa));
}

Test(cfi_step, every_place_a_register_can_be)
{
    cr_assert_eq(caller_value(CFI_SAME, 0), 1003);
    cr_assert_eq(caller_value(CFI_UNDEFINED, 0), 0);
    cr_assert_eq(caller_value(CFI_SAVED, -24), 4976);
    cr_assert_eq(caller_value(CFI_SAVED, -4999), 0, "unreadable");
    cr_assert_eq(caller_value(CFI_VALUE, -4999), 1);
    cr_assert_eq(caller_value(CFI_REGISTER, 12), 1012);
    cr_assert_eq(caller_value(CFI_REGISTER, MISSING), 0);
    cr_assert_eq(caller_value(CFI_EXPRESSION, 0), 1015);
    cr_assert_eq(caller_value(CFI_VALUE_EXPRESSION, 0), 1015);
}
