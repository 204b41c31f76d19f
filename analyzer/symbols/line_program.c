/*
 * line_program.h: opcode lengths and little more (DWARF 5, 6.2.4 and 6.2.5).
 */
#include "analyzer/symbols/line_program.h"

#include "analyzer/symbols/dwarf_shim.h"

/* What is left to read; `bad` once something lay beyond the end. */
struct cursor {
    const uint8_t *at, *end;
    bool bad;
};

struct program {
    struct cursor code;
    const uint8_t *operand_counts; /* of standard opcodes, from opcode 1 */
    uint8_t opcode_base;
};

static void skip(struct cursor *cursor, uint64_t bytes)
{
    if (bytes > (uint64_t)(cursor->end - cursor->at)) {
        cursor->bad = true;
        bytes = (uint64_t)(cursor->end - cursor->at);
    }
    cursor->at += bytes;
}

static uint64_t read_fixed(struct cursor *cursor, unsigned bytes)
{
    const uint8_t *at = cursor->at;
    uint64_t value = 0;

    skip(cursor, bytes);
    for (unsigned i = 0; i < bytes && !cursor->bad; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

static uint64_t read_uleb(struct cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned shift = 0; !cursor->bad; shift += 7) {
        uint8_t byte = (uint8_t)read_fixed(cursor, 1);

        if (shift < 64)
            value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            break;
    }
    return value;
}

/* Leaves program->code at the first opcode. False when the header is damaged. */
static bool open_program(struct program *program, const uint8_t *section, size_t size,
                         uint64_t offset)
{
    struct cursor header = {section, section + size, false};
    unsigned width = 4;
    uint64_t length;

    skip(&header, offset);
    length = read_fixed(&header, 4);
    if (length == 0xffffffff) {
        width = 8;
        length = read_fixed(&header, 8);
    }
    if (header.bad || length > (uint64_t)(header.end - header.at))
        return false;
    header.end = header.at + length;
    if (read_fixed(&header, 2) != 5)
        return false;
    skip(&header, 2); /* sizes of address and segment selector */
    length = read_fixed(&header, width);
    program->code = header;
    skip(&program->code, length);
    skip(&header, 5); /* instruction sizes, default_is_stmt, line_base, line_range */
    program->opcode_base = (uint8_t)read_fixed(&header, 1);
    program->operand_counts = header.at;
    skip(&header, program->opcode_base > 0 ? program->opcode_base - 1u : 0);
    return !header.bad && !program->code.bad && program->opcode_base > 0;
}

enum effect { EFFECT_NONE, EFFECT_ROW, EFFECT_END, EFFECT_FILE };

static enum effect run_extended(struct cursor *code)
{
    uint64_t length = read_uleb(code);
    bool ends = length > 0 && code->at < code->end && *code->at == DW_LNE_end_sequence;

    skip(code, length);
    return ends ? EFFECT_END : EFFECT_NONE;
}

static enum effect run_opcode(struct program *program)
{
    struct cursor *code = &program->code;
    uint8_t opcode = (uint8_t)read_fixed(code, 1);

    if (opcode >= program->opcode_base)
        return EFFECT_ROW;
    if (opcode == 0)
        return run_extended(code);
    if (opcode == DW_LNS_fixed_advance_pc) {
        skip(code, 2);
        return EFFECT_NONE;
    }
    for (unsigned i = 0; i < program->operand_counts[opcode - 1]; i++)
        (void)read_uleb(code);
    if (opcode == DW_LNS_copy)
        return EFFECT_ROW;
    return opcode == DW_LNS_set_file ? EFFECT_FILE : EFFECT_NONE;
}

void line_program_find_defaults(const uint8_t *section, size_t size, uint64_t offset,
                                bool *by_default, size_t row_count)
{
    struct program program;
    bool file_set = false;
    size_t row = 0;

    if (!open_program(&program, section, size, offset))
        return;
    while (row < row_count && !program.code.bad && program.code.at < program.code.end) {
        enum effect effect = run_opcode(&program);

        if (effect == EFFECT_ROW || effect == EFFECT_END)
            by_default[row++] = !file_set;
        file_set = effect != EFFECT_END && (file_set || effect == EFFECT_FILE);
    }
}
