/*
 * answer_stream.h: messages of a kind, a size and so many bytes. A text goes by its
 * number, and as itself the first time: it is that number which comes next.
 */
#include "analyzer/symbols/answer_stream.h"

#include "analyzer/symbols/byte_cursor.h"
#include "analyzer/util/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum kind { KIND_BEGIN = 0x4245474e, KIND_CLAIM, KIND_ANSWERS };

struct header {
    uint32_t kind, size;
};

/* Sent when there is as much. */
#define MESSAGE_SIZE (1u << 15)

/* An answer makes a message longer: not by more than this. */
#define MESSAGE_MAX (1u << 26)

/* Longer names and paths, deeper inlining are not made by any module here. */
#define TEXT_MAX (1u << 20)
#define FRAMES_MAX (1u << 10)

#define TEXT_ABSENT UINT32_MAX

/* --- writing -------------------------------------------------------------------- */

static void send_bytes(int fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    while (size > 0) {
        ssize_t sent = write(fd, at, size);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            _exit(EXIT_FAILURE);
        at += sent;
        size -= (size_t)sent;
    }
}

static void send_message(int fd, enum kind kind, const void *bytes, size_t size)
{
    struct header header = {kind, (uint32_t)size};

    if (size > MESSAGE_MAX)
        _exit(EXIT_FAILURE);
    send_bytes(fd, &header, sizeof(header));
    send_bytes(fd, bytes, size);
}

void answer_writer_init(struct answer_writer *writer, int fd)
{
    memset(writer, 0, sizeof(*writer));
    writer->fd = fd;
    writer->texts = key_table_new(sizeof(const char *));
}

void answer_write_begin(struct answer_writer *writer)
{
    send_message(writer->fd, KIND_BEGIN, NULL, 0);
}

void answer_write_claim(struct answer_writer *writer, const uint32_t *numbers, size_t count)
{
    answer_write_flush(writer);
    send_message(writer->fd, KIND_CLAIM, numbers, count * sizeof(*numbers));
}

static void put_bytes(struct answer_writer *writer, const void *bytes, size_t size)
{
    if (writer->capacity - writer->size < size) {
        writer->capacity = 2 * (writer->capacity + size) + MESSAGE_SIZE;
        writer->bytes = memory_resize(writer->bytes, writer->capacity);
    }
    if (size > 0)
        memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static void put_number(struct answer_writer *writer, uint32_t value)
{
    put_bytes(writer, &value, sizeof(value));
}

static void put_text(struct answer_writer *writer, const char *text)
{
    uint32_t number;

    if (text == NULL) {
        put_number(writer, TEXT_ABSENT);
        return;
    }
    number = key_table_add(writer->texts, &text, writer->text_count);
    put_number(writer, number);
    if (number == writer->text_count) {
        size_t length = strlen(text);

        put_number(writer, (uint32_t)length);
        put_bytes(writer, text, length);
        writer->text_count++;
    }
}

void answer_write(struct answer_writer *writer, uint32_t number, const struct symbol_query *query)
{
    put_number(writer, number);
    put_number(writer, (uint32_t)query->count);
    for (size_t f = 0; f < query->count; f++) {
        const struct symbol_frame *frame = &query->frames[f];

        put_text(writer, frame->function);
        put_text(writer, frame->file);
        put_number(writer, frame->line);
        put_number(writer, frame->decl_line);
        put_number(writer, frame->inlined);
    }
    if (writer->size >= MESSAGE_SIZE)
        answer_write_flush(writer);
}

void answer_write_flush(struct answer_writer *writer)
{
    if (writer->size > 0)
        send_message(writer->fd, KIND_ANSWERS, writer->bytes, writer->size);
    writer->size = 0;
}

/* --- reading -------------------------------------------------------------------- */

void answer_reader_init(struct answer_reader *reader, int fd, uint16_t id)
{
    memset(reader, 0, sizeof(*reader));
    reader->fd = fd;
    reader->id = id;
}

void answer_reader_release(struct answer_reader *reader)
{
    if (reader->fd >= 0)
        (void)close(reader->fd);
    reader->fd = -1;
    free(reader->bytes);
    free(reader->texts);
    reader->bytes = NULL;
    reader->texts = NULL;
}

static bool receive_bytes(int fd, void *bytes, size_t size)
{
    uint8_t *at = bytes;

    while (size > 0) {
        ssize_t got = read(fd, at, size);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

static uint32_t get_number(struct byte_cursor *cursor)
{
    return (uint32_t)byte_fixed(cursor, sizeof(uint32_t));
}

static const char *get_new_text(struct answer_reader *reader, struct answer_table *table,
                                struct byte_cursor *cursor)
{
    uint32_t length = get_number(cursor);
    const uint8_t *bytes = NULL;

    if (length <= TEXT_MAX && length < table->text_left)
        bytes = byte_take(cursor, length);
    if (bytes == NULL) {
        byte_fail(cursor);
        return NULL;
    }
    table->text_left -= length;
    reader->texts = memory_grow(reader->texts, reader->text_count, &reader->text_capacity,
                                sizeof(*reader->texts));
    reader->texts[reader->text_count] = strings_intern_bytes(table->strings, bytes, length);
    return reader->texts[reader->text_count++];
}

static const char *get_text(struct answer_reader *reader, struct answer_table *table,
                            struct byte_cursor *cursor)
{
    uint32_t number = get_number(cursor);

    if (number == TEXT_ABSENT || cursor->failed)
        return NULL;
    if (number < reader->text_count)
        return reader->texts[number];
    if (number == reader->text_count)
        return get_new_text(reader, table, cursor);
    byte_fail(cursor);
    return NULL;
}

static void get_frame(struct answer_reader *reader, struct answer_table *table,
                      struct byte_cursor *cursor, struct symbol_frame *frame)
{
    frame->function = get_text(reader, table, cursor);
    frame->file = get_text(reader, table, cursor);
    frame->line = get_number(cursor);
    frame->decl_line = get_number(cursor);
    frame->inlined = get_number(cursor) != 0;
}

/* One answer, of what this stream is at work on. */
static bool get_answer(struct answer_reader *reader, struct answer_table *table,
                       struct byte_cursor *cursor)
{
    uint32_t number = get_number(cursor), count = get_number(cursor);
    struct symbol_frame *frames;

    if (cursor->failed || number >= table->count || table->owner[number] != reader->id ||
        count > FRAMES_MAX)
        return false;
    frames = count == 0 ? NULL : memory_alloc(count * sizeof(*frames));
    for (uint32_t f = 0; f < count; f++)
        get_frame(reader, table, cursor, &frames[f]);
    if (cursor->failed) {
        free(frames);
        return false;
    }
    table->queries[number]->frames = frames;
    table->queries[number]->count = count;
    table->owner[number] = ANSWER_THERE;
    table->answered++;
    return true;
}

static bool get_claim(struct answer_reader *reader, struct answer_table *table,
                      struct byte_cursor *cursor)
{
    while (byte_left(cursor) > 0) {
        uint32_t number = get_number(cursor);

        if (cursor->failed || number >= table->count || table->owner[number] != ANSWER_NOBODY)
            return false;
        table->owner[number] = reader->id;
    }
    return true;
}

bool answer_read(struct answer_reader *reader, struct answer_table *table)
{
    struct byte_cursor cursor;
    struct header header;
    bool sound = true;

    if (!receive_bytes(reader->fd, &header, sizeof(header)) || header.size > MESSAGE_MAX)
        return false;
    if (header.size > reader->capacity) {
        reader->capacity = header.size + MESSAGE_SIZE;
        reader->bytes = memory_resize(reader->bytes, reader->capacity);
    }
    if (!receive_bytes(reader->fd, reader->bytes, header.size))
        return false;
    cursor = byte_cursor_at(reader->bytes, header.size);
    switch (header.kind) {
    case KIND_BEGIN:
        table->begun = true;
        return true;
    case KIND_CLAIM:
        return get_claim(reader, table, &cursor);
    case KIND_ANSWERS:
        while (sound && byte_left(&cursor) > 0)
            sound = get_answer(reader, table, &cursor);
        return sound;
    default:
        return false;
    }
}
