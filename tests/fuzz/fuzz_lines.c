/*
 * .debug_line: what is read of DWARF by ourselves. The texts a table refers to are in the same
 * input. Read in a worker (dwarf_crew.h), which may die of what libdwarf does; of this it is
 * not to.
 */
#include "analyzer/symbols/line_program.h"
#include "tests/fuzz/fuzz.h"

#define PLACES 64

static void touch_files(const struct line_header *header)
{
    for (uint64_t number = 0; number <= header->file_count; number++) {
        const struct line_file *file = line_header_file(header, number);
        const char *directory =
            file == NULL ? NULL : line_header_directory(header, file->directory);

        if (file != NULL)
            fuzz_touch(file->name, strlen(file->name));
        if (directory != NULL)
            fuzz_touch(directory, strlen(directory));
    }
}

/* One place asked alone has the answer that it has among others. */
static void compare(struct line_header *header, uint64_t code_start, const struct line_place *place)
{
    struct line_place alone = {.address = place->address};

    line_program_find(header, code_start, &alone, 1);
    if (alone.found != place->found || alone.line != place->line || alone.file != place->file)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct line_sections sections = {{data, size}, {data, size}, {data, size}};
    struct line_place places[PLACES] = {{0}};
    uint64_t code_start = 0;

    /* Dense where small programs are, then up to all there is. */
    for (size_t i = 0; i < PLACES; i++)
        places[i].address = i < 48 ? 0x1000 + 3 * i : UINT64_C(1) << i;
    for (int second = 0; second < 2; second++) {
        struct line_header header;

        if (line_header_init(&header, &sections, second ? size / 2 : 0)) {
            line_program_find(&header, code_start, places, PLACES);
            touch_files(&header);
            for (size_t i = 0; i < PLACES; i += 21)
                if (!second)
                    compare(&header, code_start, &places[i]);
        }
        line_header_release(&header);
        code_start = 0x1000;
    }
    return 0;
}
