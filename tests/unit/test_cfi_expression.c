/* The expression machine: programs with results worked out by hand, and bad ones. */
#include "preload/cfi_expression.h"

#include <criterion/criterion.h>
#include <string.h>

#define INITIAL 1000

/* Register n holds 0x100 * n, 12 is missing; words from 0x2000 to 0x2fff hold their
 * own address plus one. */
static bool get_register(void *context, unsigned number, uint64_t *value)
{
    (void)context;
    *value = 0x100u * number;
    return number != 12;
}

static bool read_word(void *context, uint64_t address, uint64_t *value)
{
    unsigned *reads = context;

    (*reads)++;
    *value = address + 1;
    return address >= 0x2000 && address < 0x3000;
}

static bool evaluate(const void *program, size_t size, uint64_t *result)
{
    unsigned reads = 0;
    const struct cfi_machine machine = {&reads, get_register, read_word};
    uint8_t *bytes = malloc(size ? size : 1); /* exactly as long, for the sanitizer */

    memcpy(bytes, program, size);
    const struct cfi_expression expression = {bytes, size};
    bool good = cfi_evaluate_sigsafe(&expression, INITIAL, &machine, result);
    free(bytes);
    return good;
}

#define GIVES(program, expected)                                                   \
    do {                                                                           \
        uint64_t result;                                                           \
        cr_assert(evaluate(program, sizeof(program) - 1, &result));                \
        cr_assert_eq(result, (uint64_t)(expected), "%#lx", (unsigned long)result); \
    } while (0)

#define FAILS(program)                                                  \
    do {                                                                \
        uint64_t result;                                                \
        cr_assert_not(evaluate(program, sizeof(program) - 1, &result)); \
    } while (0)

Test(cfi_expression, constants)
{
    GIVES("", INITIAL);
    GIVES("\x30", 0);
    GIVES("\x4f", 31);
    GIVES("\x08\xff", 255);
    GIVES("\x09\xff", -1);
    GIVES("\x09\x7f", 127);
    GIVES("\x0a\x34\x12", 0x1234);
    GIVES("\x0b\x00\x80", -32768);
    GIVES("\x0c\x78\x56\x34\xf2", 0xf2345678u);
    GIVES("\x0d\xff\xff\xff\xff", -1);
    GIVES("\x0e\x01\x02\x03\x04\x05\x06\x07\xf8", 0xf807060504030201u);
    GIVES("\x0f\xfe\xff\xff\xff\xff\xff\xff\xff", -2);
    GIVES("\x10\xe5\x8e\x26", 624485);
    GIVES("\x11\xc0\xbb\x78", -123456);
    GIVES("\x11\x7f", -1);
    GIVES("\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", UINT64_MAX);
}

Test(cfi_expression, arithmetic)
{
    GIVES("\x35\x33\x22", 8);
    GIVES("\x33\x35\x1c", -2);
    GIVES("\x08\xfc\x3f\x1a", 12);
    GIVES("\x31\x33\x24", 8);
    GIVES("\x31\x08\x40\x24", 0);
    GIVES("\x31\x09\xff\x24", 0);
    GIVES("\x35\x35\x2a", 1);
    GIVES("\x35\x36\x2a", 0);
    GIVES("\x09\xff\x30\x2a", 0);
    GIVES("\x12\x22", 2 * INITIAL);
    GIVES("\x23\x80\x01", INITIAL + 128);
    GIVES("\x38\x1c", INITIAL - 8);
}

Test(cfi_expression, registers_and_memory)
{
    GIVES("\x70\x00", 0);
    GIVES("\x76\x78", 0x600 - 8);
    GIVES("\x77\x80\x02", 0x700 + 256);
    GIVES("\x80\x00", 0x1000);
    GIVES("\x0a\x00\x20\x06", 0x2001);
    GIVES("\x7f\x80\x24\x06\x23\x07", 0xf00 + 0x1200 + 1 + 7);
}

/* CFA of a PLT entry: rsp + 8 + ((pc & 15) >= 11) * 8, here with pc = 0x1000. */
/* breg7 8; breg9 0; lit8; mul; plus; deref; plus_uconst 8: CFAs of bn_mul_mont. */
Test(cfi_expression, libcrypto_wrote_this)
{
    GIVES("\x77\x08\x79\x00\x38\x1e\x22", 0x708 + 0x900 * 8);
    GIVES("\x08\x21\x34\x21", 0x21 | 4);
    FAILS("\x77\x08\x79\x00\x38\x1e\x22\x06\x23\x08"); /* no word there */
    GIVES("\x77\x08\x79\x00\x33\x1e\x22\x06\x23\x08", 0x708 + 0x900 * 3 + 1 + 8);
}

Test(cfi_expression, a_linker_wrote_this)
{
    GIVES("\x77\x08\x80\x00\x3f\x1a\x3b\x2a\x33\x24\x22", 0x708);
    GIVES("\x77\x08\x80\x0b\x3f\x1a\x3b\x2a\x33\x24\x22", 0x710);
    GIVES("\x77\x08\x80\x0a\x3f\x1a\x3b\x2a\x33\x24\x22", 0x708);
}

Test(cfi_expression, what_is_missing_fails)
{
    FAILS("\x7c\x00");
    FAILS("\x0a\x00\x30\x06");
    FAILS("\x30\x06");
    FAILS("\x0a\x00\x30\x06\x35\x1a");
}

Test(cfi_expression, the_stack_has_two_ends)
{
    FAILS("\x22");
    FAILS("\x1a");
    FAILS("\x12\x12\x12\x12\x12\x12\x12\x12");
    GIVES("\x12\x12\x12\x12\x12\x12\x12", INITIAL);
    FAILS("\x30\x31\x32\x33\x34\x35\x36\x37");
    FAILS("\x12\x22\x22");
}

Test(cfi_expression, cut_off_programs_fail)
{
    static const char *const programs[] = {
        "\x08",     "\x0a\x01", "\x0c\x01\x02\x03", "\x0e\x01", "\x10",     "\x10\x80",
        "\x11\xff", "\x23",     "\x23\x80",         "\x77",     "\x77\x80", "\x77\x80\x80\x80"};

    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        uint64_t result;
        cr_assert_not(evaluate(programs[i], strlen(programs[i]), &result), "program %zu", i);
    }
}

Test(cfi_expression, unknown_operations_fail)
{
    uint64_t result;
    static const uint8_t known[] = {0x06, 0x08, 0x10, 0x11, 0x12, 0x1a, 0x1c,
                                    0x1e, 0x21, 0x22, 0x23, 0x24, 0x2a};

    for (unsigned op = 0; op < 256; op++) {
        bool is_known = memchr(known, (int)op, sizeof(known)) || (op >= 0x08 && op <= 0x0f) ||
                        (op >= 0x30 && op <= 0x4f) || (op >= 0x70 && op <= 0x80);
        uint8_t program[12] = {0x31, (uint8_t)op};
        if (!is_known)
            cr_assert_not(evaluate(program, 2, &result), "%#x", op);
    }
}

Test(cfi_expression, random_programs_end)
{
    uint32_t state = 20261120;
    unsigned good = 0;
    uint64_t result;

    for (int round = 0; round < 50000; round++) {
        uint8_t program[64];
        size_t size = (size_t)round % sizeof(program);
        for (size_t i = 0; i < size; i++) {
            state = state * 1664525u + 1013904223u;
            /* Every second byte one that means something. */
            program[i] = i % 2 ? (uint8_t)(state >> 24) : (uint8_t)(0x08 + (state >> 24) % 0x48);
        }
        good += evaluate(program, size, &result);
    }
    cr_assert_gt(good, 1000);
}
