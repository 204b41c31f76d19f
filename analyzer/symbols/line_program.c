/*
 * line_program.h. Addresses grow within a sequence, so that the place looked for next is
 * known and a row that ends before it costs one comparison.
 */
#include "analyzer/symbols/line_program.h"

#include "analyzer/symbols/dwarf_shim.h"

/* What a special opcode does, by opcode. */
struct steps {
    int16_t lines[256];
    uint8_t operations[256];
};

struct run {
    struct line_header *header;
    struct byte_cursor code;
    uint64_t code_start;
    struct line_place *places;
    size_t count;
    size_t next;  /* first of the places at or after the last row */
    bool has_row; /* the sequence has one already: */
    uint64_t row_address, row_file;
    uint32_t row_line;
    uint64_t address, file; /* the registers */
    uint32_t line;
    uint8_t operation; /* in its instruction, of machines that have several there */
};

static size_t place_from(const struct run *run, uint64_t address)
{
    size_t low = 0, high = run->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (run->places[middle].address < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void begin_sequence(struct run *run)
{
    run->has_row = false;
    run->address = 0;
    run->operation = 0;
    run->file = 1;
    run->line = 1;
}

/* The places from the last row up to here are its. */
static void give_row(struct run *run)
{
    while (run->next < run->count && run->places[run->next].address < run->address) {
        struct line_place *place = &run->places[run->next++];

        if (place->found || run->row_address < run->code_start)
            continue;
        place->file = run->row_file;
        place->line = run->row_line;
        place->found = true;
    }
}

static inline void add_row(struct run *run)
{
    if (!run->has_row || run->address < run->row_address)
        run->next = place_from(run, run->address);
    else if (run->next < run->count && run->places[run->next].address < run->address)
        give_row(run);
    run->has_row = true;
    run->row_address = run->address;
    run->row_file = run->file;
    run->row_line = run->line;
}

static inline void advance(struct run *run, uint64_t operations)
{
    unsigned each = run->header->operations;

    if (each > 1) {
        operations += run->operation;
        run->operation = (uint8_t)(operations % each);
        operations /= each;
    }
    run->address += operations * run->header->instruction_size;
}

static void define_file(struct run *run, struct byte_cursor *operands)
{
    const char *name = byte_text(operands);
    uint64_t directory = byte_uleb(operands);

    if (!operands->failed)
        line_header_add_file(run->header, name, directory);
}

static void run_extended(struct run *run)
{
    uint64_t size = byte_uleb(&run->code);
    const uint8_t *bytes = byte_take(&run->code, size);
    struct byte_cursor operands;

    if (bytes == NULL || size == 0)
        return;
    operands = byte_cursor_at(bytes, size);
    switch (byte_one(&operands)) {
    case DW_LNE_end_sequence:
        add_row(run);
        begin_sequence(run);
        break;
    case DW_LNE_set_address:
        run->address = byte_fixed(&operands, size - 1 < 8 ? (unsigned)size - 1 : 8);
        run->operation = 0;
        break;
    case DW_LNE_define_file:
        define_file(run, &operands);
        break;
    default:
        break;
    }
}

static void run_standard(struct run *run, uint8_t opcode, const struct steps *steps)
{
    struct byte_cursor *code = &run->code;

    switch (opcode) {
    case DW_LNS_copy:
        add_row(run);
        break;
    case DW_LNS_advance_pc:
        advance(run, byte_uleb(code));
        break;
    case DW_LNS_advance_line:
        run->line += (uint32_t)byte_sleb(code);
        break;
    case DW_LNS_set_file:
        run->file = byte_uleb(code);
        break;
    case DW_LNS_const_add_pc:
        advance(run, steps->operations[255]);
        break;
    case DW_LNS_fixed_advance_pc:
        run->address += byte_fixed(code, 2);
        run->operation = 0;
        break;
    default: /* of columns, statements, epilogues; and what is not known */
        for (unsigned i = 0; i < run->header->operand_counts[opcode - 1]; i++)
            (void)byte_uleb(code);
        break;
    }
}

static void make_steps(const struct line_header *header, struct steps *steps)
{
    for (unsigned opcode = 0; opcode < 256; opcode++) {
        unsigned adjusted = (opcode - header->opcode_base) & 0xff;

        steps->operations[opcode] = (uint8_t)(adjusted / header->line_range);
        steps->lines[opcode] = (int16_t)(header->line_base + (int)(adjusted % header->line_range));
    }
}

void line_program_find(struct line_header *header, uint64_t code_start, struct line_place *places,
                       size_t count)
{
    struct run run = {.header = header,
                      .code = header->program,
                      .code_start = code_start,
                      .places = places,
                      .count = count};
    struct steps steps;

    make_steps(header, &steps);
    begin_sequence(&run);
    while (byte_left(&run.code) > 0) {
        uint8_t opcode = byte_one(&run.code);

        if (opcode >= header->opcode_base) {
            advance(&run, steps.operations[opcode]);
            run.line += (uint32_t)steps.lines[opcode];
            add_row(&run);
        } else if (opcode == 0) {
            run_extended(&run);
        } else {
            run_standard(&run, opcode, &steps);
        }
    }
}
