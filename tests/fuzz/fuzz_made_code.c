/*
 * Perf maps and jitdumps of anybody's making, in pieces: taken in by the reader, the jitdump
 * through the writer that leaves the code out, and asked for names at all times.
 */
#include "analyzer/load/made_code.h"
#include "preload/contract/jit_dump.h"
#include "tests/fuzz/fuzz.h"

/* The first byte says which it is, and how large pieces are. */
#define DUMP 1
#define KNOWN 2

static void ask(const struct jit_code *code, uint32_t entry, uint64_t pc)
{
    const char *name = jit_code_name(code, entry);
    const struct jit_line *line = jit_code_line(code, entry, pc);

    fuzz_touch(name, strlen(name));
    if (line != NULL)
        fuzz_touch(line->file, strlen(line->file));
    fuzz_sum += jit_code_first_line(code, entry);
}

static void ask_all(struct jit_code *code)
{
    struct jit_owner owner;

    for (size_t i = 0; i < code->count && i < 300; i++) {
        uint64_t pc = code->entries[i].start, time = code->entries[i].from_ns;
        if (!jit_code_find(code, pc, time, &owner))
            abort();
        if (time < owner.from_ns || time > owner.until_ns)
            abort();
        ask(code, owner.entry, pc);
        if (!jit_code_find(code, code->entries[i].end - 1, UINT64_MAX, &owner))
            abort();
        ask(code, owner.entry, pc);
    }
}

static void feed(struct made_code *made, struct strings *strings, struct trace_code_names *names,
                 const uint8_t *bytes, size_t size, uint64_t next)
{
    names->bytes = bytes;
    names->size = size;
    names->next = next;
    made_code_names(made, strings, names);
    names->offset = next;
    names->since_ns = names->written_ns;
    names->written_ns += size;
}

static void feed_dump(struct made_code *made, struct strings *strings, const uint8_t *data,
                      size_t size, size_t room)
{
    static uint8_t kept[1 << 18], block[JIT_DUMP_BLOCK];
    struct trace_code_names names = {.kind = TRACE_CODE_DUMP};
    char path[FUZZ_PATH];
    int fd = fuzz_memory(path);
    struct jit_dump_cut cut = {.fd = fd, .size = size, .to = kept, .room = room, .block = block};

    fuzz_write(fd, data, size);
    for (uint64_t before = 1; cut.at != before && !cut.failed;) {
        before = cut.at;
        cut.filled = 0;
        jit_dump_read(&cut);
        if (cut.at > size || cut.filled > room)
            abort();
        feed(made, strings, &names, kept, cut.filled, cut.at);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct made_code made = {.code = NULL};
    struct strings *strings = strings_new();
    struct trace_code_names names = {.kind = TRACE_CODE_MAP};
    uint8_t way = size > 0 ? data[0] : 0;
    size_t piece = 1 + (way >> 2) * 37u;

    data += size > 0;
    size -= size > 0;
    if (way & DUMP)
        feed_dump(&made, strings, data, size, 64 + piece * 16);
    names.kind = way & DUMP ? TRACE_CODE_DUMP : TRACE_CODE_MAP;
    names.serial = (way & DUMP) != 0; /* anew, without the writer between */
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        feed(&made, strings, &names, data + at, part, at + part);
        names.offset -= way & KNOWN && names.offset > 0; /* a byte comes again */
    }
    if (made.code != NULL)
        ask_all(made.code);
    made_code_release(&made);
    jit_code_free(made.code);
    strings_free(strings);
    return 0;
}
