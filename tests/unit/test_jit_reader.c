/* Jitdumps: cut without code by the writer, read by the reader. */
#include "analyzer/symbols/jit_reader.h"
#include "preload/contract/jit_dump.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct strings *strings;
static struct jit_code *code;
static struct jit_reader reader;
static uint8_t file[1 << 20], kept[1 << 20], block[JIT_DUMP_BLOCK];
static size_t size;

static void start(void)
{
    strings = strings_new();
    code = jit_code_new();
    jit_reader_init(&reader, code, strings);
    size = 0;
}

static void stop(void)
{
    jit_reader_release(&reader);
    jit_code_free(code);
    strings_free(strings);
}

static void put(const void *bytes, size_t count)
{
    memcpy(file + size, bytes, count);
    size += count;
}

static void put_header(uint64_t flags)
{
    const struct jit_dump_header header = {
        .magic = JIT_DUMP_MAGIC, .version = 1, .total_size = sizeof(header), .flags = flags};
    put(&header, sizeof(header));
}

static void put_prefix(enum jit_dump_id id, size_t body, uint64_t time_ns)
{
    const struct jit_dump_prefix prefix = {(uint32_t)id, (uint32_t)(sizeof(prefix) + body),
                                           time_ns};
    put(&prefix, sizeof(prefix));
}

static void put_load(const char *name, uint64_t address, size_t bytes, uint64_t index,
                     uint64_t time_ns)
{
    const struct jit_dump_load load = {
        .vma = address, .address = address, .size = bytes, .index = index};

    put_prefix(JIT_DUMP_LOAD, sizeof(load) + strlen(name) + 1 + bytes, time_ns);
    put(&load, sizeof(load));
    put(name, strlen(name) + 1);
    memset(file + size, 0xcc, bytes);
    size += bytes;
}

static void put_move(uint64_t index, uint64_t from, uint64_t to, uint64_t time_ns)
{
    const struct jit_dump_move move = {.from = from, .to = to, .size = 16, .index = index};

    put_prefix(JIT_DUMP_MOVE, sizeof(move), time_ns);
    put(&move, sizeof(move));
}

static void put_lines(uint64_t address)
{
    const struct jit_dump_debug debug = {address, 2};
    const struct {
        uint64_t address;
        uint32_t line, column;
        char name[8];
    } first = {address, 3, 0, "long.c"}, second = {address + 4, 5, 0, "\xff"};

    put_prefix(JIT_DUMP_DEBUG, sizeof(debug) + 16 + 7 + 16 + 2, 0);
    put(&debug, sizeof(debug));
    put(&first, 16 + 7);
    put(&second, 16 + 2);
}

/* Cuts the file in pieces of `room`, and reads these. How many bytes were kept. */
static size_t go(size_t room)
{
    int fd = memfd_create("dump", 0);
    struct jit_dump_cut cut = {.fd = fd, .size = size, .to = kept, .block = block};
    size_t all = 0;

    cr_assert_eq(write(fd, file, size), (ssize_t)size);
    for (uint64_t before = 1; cut.at != before && !cut.failed;) {
        before = cut.at;
        cut.room = room;
        cut.filled = 0;
        jit_dump_read(&cut);
        jit_reader_feed(&reader, kept, cut.filled, before == 0);
        all += cut.filled;
    }
    close(fd);
    return all;
}

static const char *name_at(uint64_t pc, uint64_t time_ns)
{
    struct jit_owner owner;

    return jit_code_find(code, pc, time_ns, &owner) ? jit_code_name(code, owner.entry) : "";
}

TestSuite(jit_reader, .init = start, .fini = stop);

Test(jit_reader, names_times_lines_and_moves_without_code)
{
    struct jit_owner owner;

    put_header(0);
    put_lines(0x1000);
    put_load("f", 0x1000, 5000, 1, 10);
    put_load("g", 0x1000, 16, 2, 20);
    put_move(2, 0x1000, 0x9000, 30);
    put_load("h", 0x1000, 100000, 3, 40);
    cr_assert_lt(go(sizeof(kept)), 500, "no code is kept");
    cr_assert_eq(reader.names, 3);
    cr_assert_eq(reader.unreadable, 0);
    cr_assert_str_eq(name_at(0x1004, 15), "f");
    cr_assert_str_eq(name_at(0x1004, 25), "g");
    cr_assert_str_eq(name_at(0x9004, 35), "g");
    cr_assert_str_eq(name_at(0x1004, 45), "h");
    cr_assert(jit_code_find(code, 0x1004, 15, &owner));
    cr_assert_eq(jit_code_line(code, owner.entry, 0x1004)->line, 5);
    cr_assert_str_eq(jit_code_line(code, owner.entry, 0x1004)->file, "long.c");
    cr_assert(jit_code_find(code, 0x1004, 45, &owner));
    cr_assert_null(jit_code_line(code, owner.entry, 0x1004), "lines are of the next code alone");
}

Test(jit_reader, any_pieces_give_the_same)
{
    char name[16];

    for (size_t room = 128; room < 4096; room = room * 3 / 2) {
        stop();
        start();
        put_header(0);
        for (unsigned i = 0; i < 200; i++) {
            snprintf(name, sizeof(name), "f%u", i);
            put_load(name, 0x1000 * (i + 1), i * 7 % 1000 + 1, i, i);
        }
        go(room);
        cr_assert_eq(reader.names, 200);
    }
}

Test(jit_reader, times_of_another_clock_are_none)
{
    put_header(JIT_DUMP_ARCH_TIME);
    put_load("f", 0x1000, 16, 1, 99999);
    put_load("g", 0x1000, 16, 2, 88888);
    go(sizeof(kept));
    cr_assert_str_eq(name_at(0x1000, 5), "g");
}

Test(jit_reader, a_record_that_is_still_being_written_waits)
{
    put_header(0);
    put_load("f", 0x1000, 100, 1, 1);
    size_t whole = size;
    put_load("g", 0x2000, 100, 2, 1);
    const size_t end = size;
    for (size = whole + 1; size < end; size++) {
        int fd = memfd_create("dump", 0);
        struct jit_dump_cut cut = {
            .fd = fd, .size = size, .to = kept, .room = sizeof(kept), .block = block};
        cr_assert_eq(write(fd, file, size), (ssize_t)size);
        jit_dump_read(&cut);
        cr_assert_not(cut.failed);
        cr_assert_eq(cut.at, whole);
        close(fd);
    }
}

Test(jit_reader, what_is_no_jitdump_fails_at_once)
{
    int fd = memfd_create("dump", 0);
    struct jit_dump_cut cut = {
        .fd = fd, .size = 1ull << 40, .to = kept, .room = sizeof(kept), .block = block};

    cr_assert_eq(ftruncate(fd, 1ll << 40), 0);
    jit_dump_read(&cut);
    cr_assert(cut.failed);
    cr_assert_eq(cut.filled, 0);
    close(fd);
}

Test(jit_reader, names_of_such_files)
{
    cr_assert(jit_dump_is_name("/a/jit-12.dump"));
    cr_assert(jit_dump_is_name("jit-1.dump"));
    cr_assert_not(jit_dump_is_name("/a/jit-.dump"));
    cr_assert_not(jit_dump_is_name("/a/jit-1.dump2"));
    cr_assert_not(jit_dump_is_name("/jit-1.dump/lib.so"));
}
