/* Code of the C runtime as compilers made it (objdump of crti.o, crtn.o, crtbegin.o),
 * with the frame known at every instruction; code that must not be followed; noise. */
#include "preload/straight_code.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct place {
    size_t at;
    int64_t cfa, fp;
};

static void check(const uint8_t *code, size_t size, const struct place *places, size_t count)
{
    struct straight_code found;
    for (size_t i = 0; i < count; i++) {
        size_t at = places[i].at;
        cr_assert(straight_code_follow_sigsafe(code + at, size - at, &found), "+%zu", at);
        cr_assert_eq(found.cfa_offset, places[i].cfa, "+%zu: %ld", at, (long)found.cfa_offset);
        cr_assert_eq(found.fp_distance, places[i].fp, "+%zu: %ld", at, (long)found.fp_distance);
    }
}

Test(straight_code, init)
{
    static const uint8_t code[] = {0xf3, 0x0f, 0x1e, 0xfa, 0x48, 0x83, 0xec, 0x08, 0x48,
                                   0x8b, 0x05, 0xc5, 0x2f, 0,    0,    0x48, 0x85, 0xc0,
                                   0x74, 0x02, 0xff, 0xd0, 0x48, 0x83, 0xc4, 0x08, 0xc3};
    static const struct place places[] = {{0, 8, 0},   {4, 8, 0},   {8, 16, 0},  {15, 16, 0},
                                          {18, 16, 0}, {20, 16, 0}, {22, 16, 0}, {26, 8, 0}};
    check(code, sizeof code, places, sizeof places / sizeof places[0]);
}

Test(straight_code, fini)
{
    static const uint8_t code[] = {0x48, 0x83, 0xec, 0x08, 0x48, 0x83, 0xc4, 0x08, 0xc3};
    static const struct place places[] = {{0, 8, 0}, {4, 16, 0}, {8, 8, 0}};
    check(code, sizeof code, places, sizeof places / sizeof places[0]);
}

Test(straight_code, do_global_dtors_aux)
{
    static const uint8_t code[] = {
        0xf3, 0x0f, 0x1e, 0xfa, 0x80, 0x3d, 0x25, 0x2f, 0,    0,    0,    0x75, 0x2b, 0x55, 0x48,
        0x83, 0x3d, 0xea, 0x2e, 0,    0,    0,    0x48, 0x89, 0xe5, 0x74, 0x0c, 0x48, 0x8b, 0x3d,
        0x06, 0x2f, 0,    0,    0xe8, 0x29, 0xff, 0xff, 0xff, 0xe8, 0x64, 0xff, 0xff, 0xff, 0xc6,
        0x05, 0xfd, 0x2e, 0,    0,    0x01, 0x5d, 0xc3, 0x0f, 0x1f, 0x00, 0xc3};
    static const struct place places[] = {{0, 8, 0},    {4, 8, 0},    {11, 8, 0},   {13, 8, 0},
                                          {14, 16, 16}, {22, 16, 16}, {25, 16, 16}, {27, 16, 16},
                                          {34, 16, 16}, {39, 16, 16}, {44, 16, 16}, {51, 16, 16},
                                          {52, 8, 0},   {56, 8, 0}};
    check(code, sizeof code, places, sizeof places / sizeof places[0]);
}

Test(straight_code, register_tm_clones)
{
    static const uint8_t code[] = {0x48, 0x8d, 0x3d, 0x69, 0x2f, 0,    0,    0x48, 0x8d, 0x35,
                                   0x62, 0x2f, 0,    0,    0x48, 0x29, 0xfe, 0x48, 0x89, 0xf0,
                                   0x48, 0xc1, 0xee, 0x3f, 0x48, 0xc1, 0xf8, 0x03, 0x48, 0x01,
                                   0xc6, 0x48, 0xd1, 0xfe, 0x74, 0x14, 0x48, 0x8b, 0x05, 0x0d,
                                   0x2f, 0,    0,    0x48, 0x85, 0xc0, 0x74, 0x08, 0xff, 0xe0};
    static const struct place places[] = {{0, 8, 0},  {7, 8, 0},  {14, 8, 0}, {17, 8, 0},
                                          {20, 8, 0}, {28, 8, 0}, {31, 8, 0}, {34, 8, 0},
                                          {36, 8, 0}, {43, 8, 0}, {46, 8, 0}, {48, 8, 0}};
    check(code, sizeof code, places, sizeof places / sizeof places[0]);
}

Test(straight_code, what_it_does_not_know_it_does_not_follow)
{
    static const uint8_t codes[][8] = {
        {0x48, 0x89, 0xec, 0xc3},             /* mov %rbp,%rsp */
        {0x48, 0x8d, 0x65, 0xf0, 0xc3},       /* lea -16(%rbp),%rsp */
        {0x48, 0x01, 0xc4, 0xc3},             /* add %rax,%rsp */
        {0x48, 0x8b, 0x24, 0x24, 0xc3},       /* mov (%rsp),%rsp */
        {0x48, 0x83, 0xe4, 0xf0, 0xc3},       /* and $-16,%rsp */
        {0x5b, 0xc3},                         /* pop %rbx */
        {0xc9, 0xc3},                         /* leave */
        {0x55, 0xc3},                         /* push %rbp; ret: to nowhere */
        {0x48, 0x83, 0xec, 0x08, 0xc3},       /* returns to a local */
        {0xff, 0xf0, 0xc3},                   /* push %rax */
        {0x48, 0x83, 0xc4},                   /* cut off */
        {0xe8, 0, 0},                         /* cut off */
        {0x90, 0x90, 0x90, 0x90, 0x90, 0x90}, /* no end */
    };
    struct straight_code found;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        cr_assert_not(straight_code_follow_sigsafe(codes[i], i == 10 || i == 11 ? 3 : 6, &found),
                      "%zu", i);
    cr_assert_not(straight_code_follow_sigsafe(codes[0], 0, &found));
}

/* The end of _dl_start_user in glibc's loader. */
Test(straight_code, the_outermost_frame_says_so)
{
    static const uint8_t code[] = {0x49, 0x8d, 0x55, 0x08, 0x31, 0xed, 0xe8, 0xf0, 0x9e,
                                   0xfe, 0xff, 0x48, 0x8d, 0x15, 0x29, 0x9b, 0xfe, 0xff};
    for (size_t at = STRAIGHT_CODE_BEFORE; at < sizeof code; at++)
        cr_assert_eq(straight_code_is_outermost_sigsafe(code + at), at == 11);
}

/* Bytes of no meaning, in a block of their own size: the sanitizer sees a read behind. */
Test(straight_code, never_reads_beyond_the_code)
{
    static const uint8_t likely[] = {0x48, 0x83, 0xff, 0xe8, 0xc6, 0x05, 0x74, 0xf3,
                                     0x0f, 0x1e, 0x80, 0x3d, 0xc1, 0xd1, 0x8b, 0x15};
    struct straight_code found;
    srandom(1);
    for (int round = 0; round < 200000; round++) {
        size_t size = (size_t)random() % 12;
        uint8_t *code = malloc(size);
        for (size_t i = 0; i < size; i++)
            code[i] = random() & 1 ? likely[(size_t)random() % sizeof likely] : (uint8_t)random();
        if (straight_code_follow_sigsafe(code, size, &found))
            cr_assert(found.cfa_offset >= 8);
        free(code);
    }
}
