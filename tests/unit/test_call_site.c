/* Calls recognised from their end; the code is assembled by hand (Intel SDM). */
#include "preload/call_site.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

static struct blocked_memory memory;
static uint8_t code[128] __attribute__((aligned(16)));
static uint64_t got;

static void start(void)
{
    blocked_memory_init(&memory, open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
    memset(code, 0x90, sizeof(code));
}

/* Puts `bytes` so that they end at code + 32. */
static enum call_site site_of(const void *bytes, size_t size, uint64_t function)
{
    memcpy(code + 32 - size, bytes, size);
    return call_site_at(&memory, (uint64_t)code + 32, function);
}

/* An instruction of `opcode` whose 32-bit operand at its end leads from `end` to `target`. */
static size_t relative(uint8_t *at, const void *opcode, size_t size, uint64_t target)
{
    int32_t offset = (int32_t)(target - ((uint64_t)at + size + 4));

    memcpy(at, opcode, size);
    memcpy(at + size, &offset, sizeof(offset));
    return size + sizeof(offset);
}

TestSuite(call_site, .init = start);

Test(call_site, a_direct_call_leads_to_its_function_only)
{
    uint64_t function = (uint64_t)code + 96;

    relative(code + 27, "\xe8", 1, function);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_EXACT);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function + 1), CALL_NONE);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 33, function), CALL_NONE);
}

Test(call_site, plt_entries_are_followed)
{
    uint64_t function = (uint64_t)code + 96;

    got = function;
    relative(code + 27, "\xe8", 1, (uint64_t)code + 64);
    relative(code + 64, "\xff\x25", 2, (uint64_t)&got);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_EXACT);
    relative(code + 64, "\xf3\x0f\x1e\xfa\xf2\xff\x25", 7, (uint64_t)&got);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_EXACT);
    got = function + 8;
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_NONE);
}

Test(call_site, a_call_through_the_global_offset_table_is_exact)
{
    uint64_t function = (uint64_t)code + 96;

    got = function;
    relative(code + 26, "\xff\x15", 2, (uint64_t)&got);
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_EXACT);
    got = 0;
    cr_assert_eq(call_site_at(&memory, (uint64_t)code + 32, function), CALL_NONE);
}

Test(call_site, indirect_calls_of_every_length)
{
    static const struct {
        const char *bytes;
        size_t size;
    } calls[] = {
        {"\xff\xd0", 2},                     /* call *%rax */
        {"\x41\xff\xd4", 3},                 /* call *%r12 */
        {"\xff\x13", 2},                     /* call *(%rbx) */
        {"\xff\x50\x18", 3},                 /* call *0x18(%rax) */
        {"\xff\x14\xc3", 3},                 /* call *(%rbx,%rax,8) */
        {"\xff\x54\x24\x08", 4},             /* call *8(%rsp) */
        {"\xff\x93\x40\x06\x00\x00", 6},     /* call *0x640(%rbx) */
        {"\xff\x94\x24\x00\x01\x00\x00", 7}, /* call *0x100(%rsp) */
        {"\xff\x14\xc5\x00\x10\x40\x00", 7}, /* call *0x401000(,%rax,8) */
    };

    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        memset(code, 0x90, sizeof(code));
        cr_assert_eq(site_of(calls[i].bytes, calls[i].size, 1), CALL_INDIRECT, "call %zu", i);
    }
}

Test(call_site, other_instructions_are_no_calls)
{
    cr_assert_eq(site_of("\xff\xe0", 2, 1), CALL_NONE, "jmp *%%rax");
    memset(code, 0x90, sizeof(code));
    cr_assert_eq(site_of("\x48\x89\xe5", 3, 1), CALL_NONE, "mov %%rsp,%%rbp");
    cr_assert_eq(call_site_at(&memory, 4096, 1), CALL_NONE, "nothing there");
}
