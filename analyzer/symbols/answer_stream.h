/*
 * What a worker process (dwarf_crew.h) tells the analyzer: which addresses it takes up
 * now, and what it found for them; so that, when it dies, it is known over which.
 *
 * The worker's memory may be damaged by the file it reads. So the reading side believes
 * nothing: every length is bounded, every number checked, and what the texts of one file
 * may take together is limited.
 */
#ifndef PROFINJECT_SYMBOLS_ANSWER_STREAM_H
#define PROFINJECT_SYMBOLS_ANSWER_STREAM_H

#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/key_table.h"
#include "analyzer/util/strings.h"

/* --- writing, in the worker --------------------------------------------------- */

/* A failure to write ends the process: nobody is left to work for. Never released. */
struct answer_writer {
    int fd;
    uint8_t *bytes; /* of answers not yet sent */
    size_t size, capacity;
    struct key_table *texts; /* interned text to its number: each is sent once */
    uint32_t text_count;
};

void answer_writer_init(struct answer_writer *writer, int fd);

/* The file is open and has DWARF: another try may do better where this one dies. */
void answer_write_begin(struct answer_writer *writer);

/* From here on at work on these, numbers of what was asked; sent at once. */
void answer_write_claim(struct answer_writer *writer, const uint32_t *numbers, size_t count);

/* One answer. Its texts must be interned and stay. */
void answer_write(struct answer_writer *writer, uint32_t number, const struct symbol_query *query);

/* Sends what was written. */
void answer_write_flush(struct answer_writer *writer);

/* --- reading, in the analyzer -------------------------------------------------- */

#define ANSWER_NOBODY 0
#define ANSWER_THERE UINT16_MAX

/* What is asked for, by number. */
struct answer_table {
    struct symbol_query **queries; /* without frames; those answered get them */
    uint16_t *owner; /* ANSWER_NOBODY, the id of the stream at work on it, ANSWER_THERE */
    size_t count;
    size_t answered;         /* of them */
    struct strings *strings; /* where texts go */
    size_t text_left;        /* bytes that texts may still take */
    bool begun;              /* a worker has opened the file */
};

struct answer_reader {
    int fd;
    uint16_t id; /* from 1 */
    uint8_t *bytes;
    size_t capacity;
    const char **texts;
    size_t text_count, text_capacity;
};

/* Takes over `fd`. */
void answer_reader_init(struct answer_reader *reader, int fd, uint16_t id);
void answer_reader_release(struct answer_reader *reader);

/* Waits for one message and puts it into `table`. False at the end of the stream and
 * when it is not as it should be; what came before stays. */
bool answer_read(struct answer_reader *reader, struct answer_table *table);

#endif
