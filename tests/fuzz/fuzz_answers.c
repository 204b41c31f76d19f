/*
 * What worker processes write to the analyzer (answer_stream.h), by two of them at once whose
 * memory is damaged: the first byte says how much the first one wrote.
 */
#include "analyzer/symbols/answer_stream.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>

#define QUERIES 16

static void touch_text(const char *text)
{
    if (text != NULL)
        fuzz_touch(text, strlen(text));
}

static void check(struct answer_table *table)
{
    for (size_t i = 0; i < QUERIES; i++) {
        struct symbol_query *query = table->queries[i];

        for (size_t f = 0; f < query->count; f++) {
            touch_text(query->frames[f].function);
            touch_text(query->frames[f].file);
        }
        if (query->count > 0 && table->owner[i] != ANSWER_THERE)
            abort();
        free(query->frames);
    }
}

/* A descriptor to be closed, of a file that is used again. */
static int file_of(int *kept, const uint8_t *data, size_t size)
{
    if (*kept < 0)
        *kept = memfd_create("answers", MFD_CLOEXEC);
    fuzz_write(*kept, data, size);
    (void)lseek(*kept, 0, SEEK_SET);
    return fcntl(*kept, F_DUPFD_CLOEXEC, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int kept[2] = {-1, -1};
    struct symbol_query queries[QUERIES] = {{0}}, *asked[QUERIES];
    uint16_t owner[QUERIES] = {0};
    struct answer_table table = {.queries = asked, .owner = owner, .count = QUERIES};
    size_t first = size == 0 ? 0 : 1 + (size - 1) * data[0] / 255;
    struct answer_reader readers[2];
    bool open[2] = {true, true};

    if (size == 0)
        return 0;
    for (size_t i = 0; i < QUERIES; i++)
        asked[i] = &queries[i];
    table.strings = strings_new();
    table.text_left = 4096;
    answer_reader_init(&readers[0], file_of(&kept[0], data + 1, first - 1), 1);
    answer_reader_init(&readers[1], file_of(&kept[1], data + first, size - first), 2);
    while (open[0] || open[1])
        for (int i = 0; i < 2; i++)
            open[i] = open[i] && answer_read(&readers[i], &table);
    check(&table);
    answer_reader_release(&readers[0]);
    answer_reader_release(&readers[1]);
    strings_free(table.strings);
    return 0;
}
