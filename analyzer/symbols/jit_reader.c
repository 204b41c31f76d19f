/* Parsing of jitdumps. Its own file because it alone knows their records' bodies. */
#include "analyzer/symbols/jit_reader.h"

#include "analyzer/util/key_table.h"
#include "analyzer/util/memory.h"
#include "preload/contract/jit_dump.h"

#include <stdlib.h>
#include <string.h>

#define LINES_MAX 65536 /* of one function */

/* As in the file. */
struct line_entry {
    uint64_t address;
    uint32_t line, column;
};

void jit_reader_init(struct jit_reader *reader, struct jit_code *code, struct strings *strings)
{
    memset(reader, 0, sizeof(*reader));
    reader->code = code;
    reader->strings = strings;
    reader->indexes = key_table_new(sizeof(uint64_t));
}

void jit_reader_release(struct jit_reader *reader)
{
    key_table_free(reader->indexes);
    free(reader->lines);
}

/* Lines count for the code at the address they were told for. */
static void add_lines(struct jit_reader *reader, uint64_t address, uint64_t size)
{
    for (size_t i = 0; reader->lines_address == address && i < reader->line_count; i++)
        if (reader->lines[i].offset < size)
            jit_code_add_line(reader->code, &reader->lines[i]);
    reader->line_count = 0;
}

static bool take_load(struct jit_reader *reader, uint64_t time_ns, const uint8_t *body, size_t size)
{
    struct jit_dump_load load;

    if (size < sizeof(load))
        return false;
    memcpy(&load, body, sizeof(load));
    const char *name = (const char *)body + sizeof(load);
    size_t length = strnlen(name, size - sizeof(load));
    uint32_t entry = length < size - sizeof(load) ? jit_code_add(reader->code, load.address,
                                                                 load.size, time_ns, name, length)
                                                  : JIT_CODE_NONE;
    if (entry == JIT_CODE_NONE)
        return false;
    add_lines(reader, load.address, load.size);
    key_table_add(reader->indexes, &load.index, entry);
    reader->names++;
    return true;
}

static bool take_move(struct jit_reader *reader, uint64_t time_ns, const uint8_t *body, size_t size)
{
    struct jit_dump_move move;

    if (size < sizeof(move))
        return false;
    memcpy(&move, body, sizeof(move));
    uint32_t entry = key_table_add(reader->indexes, &move.index, JIT_CODE_NONE);
    if (entry == JIT_CODE_NONE)
        return false;
    jit_code_move(reader->code, entry, move.to, time_ns);
    return true;
}

static void add_line(struct jit_reader *reader, const struct jit_line *line)
{
    size_t count = reader->line_count;

    if (count > 0 && line->offset < reader->lines[count - 1].offset)
        return;
    reader->lines =
        memory_grow(reader->lines, count, &reader->line_capacity, sizeof(*reader->lines));
    reader->lines[reader->line_count++] = *line;
}

/* "\xff" stands for the file's name in the entry before. */
static const char *file_of(struct jit_reader *reader, const char *name, size_t length)
{
    bool same = length == 1 && (uint8_t)name[0] == 0xff && reader->line_count > 0;

    return same ? reader->lines[reader->line_count - 1].file
                : strings_intern_bytes(reader->strings, name, length);
}

static bool take_lines(struct jit_reader *reader, const uint8_t *body, size_t size)
{
    struct jit_dump_debug debug;

    reader->line_count = 0;
    if (size < sizeof(debug))
        return false;
    memcpy(&debug, body, sizeof(debug));
    reader->lines_address = debug.address;
    size_t at = sizeof(debug);
    for (uint64_t i = 0; i < debug.count && i < LINES_MAX; i++) {
        struct line_entry entry;
        if (size - at <= sizeof(entry))
            return false;
        memcpy(&entry, body + at, sizeof(entry));
        const char *name = (const char *)body + at + sizeof(entry);
        size_t length = strnlen(name, size - at - sizeof(entry));
        if (length == size - at - sizeof(entry))
            return false;
        at += sizeof(entry) + length + 1;
        uint64_t offset = entry.address - debug.address;
        if (offset <= UINT32_MAX)
            add_line(reader, &(struct jit_line){(uint32_t)offset, entry.line,
                                                file_of(reader, name, length)});
    }
    return true;
}

static bool take(struct jit_reader *reader, const struct jit_dump_prefix *prefix,
                 const uint8_t *body, size_t size)
{
    uint64_t time_ns = reader->timeless ? 0 : prefix->timestamp;

    switch (prefix->id) {
    case JIT_DUMP_LOAD:
        return take_load(reader, time_ns, body, size);
    case JIT_DUMP_MOVE:
        return take_move(reader, time_ns, body, size);
    case JIT_DUMP_DEBUG:
        return take_lines(reader, body, size);
    default:
        return true;
    }
}

/* Bytes of it that are there: the code is not. 0: it is none. */
static size_t size_of(const struct jit_dump_prefix *prefix, const uint8_t *body, size_t left)
{
    struct jit_dump_load load;
    uint64_t size = prefix->total_size;

    if (prefix->id == JIT_DUMP_LOAD && left >= sizeof(load) &&
        size >= sizeof(*prefix) + sizeof(load)) {
        memcpy(&load, body, sizeof(load));
        size -= load.size < size - sizeof(*prefix) - sizeof(load) ? load.size : 0;
    }
    return size >= sizeof(*prefix) && size - sizeof(*prefix) <= left ? (size_t)size : 0;
}

static size_t take_header(struct jit_reader *reader, const uint8_t *bytes, size_t size)
{
    struct jit_dump_header header;

    if (size < sizeof(header))
        return size;
    memcpy(&header, bytes, sizeof(header));
    if (header.magic != JIT_DUMP_MAGIC || header.total_size < sizeof(header) ||
        header.total_size > size)
        return size;
    reader->timeless = header.flags & JIT_DUMP_ARCH_TIME;
    return header.total_size;
}

void jit_reader_feed(struct jit_reader *reader, const uint8_t *bytes, size_t size, bool is_start)
{
    size_t at = is_start ? take_header(reader, bytes, size) : 0;

    while (size - at >= sizeof(struct jit_dump_prefix)) {
        struct jit_dump_prefix prefix;
        memcpy(&prefix, bytes + at, sizeof(prefix));
        const uint8_t *body = bytes + at + sizeof(prefix);
        size_t whole = size_of(&prefix, body, size - at - sizeof(prefix));
        if (whole == 0) {
            reader->unreadable++;
            return;
        }
        reader->unreadable += !take(reader, &prefix, body, whole - sizeof(prefix));
        at += whole;
    }
}
