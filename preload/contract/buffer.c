/*
 * Byte buffers for building records. Its own file because every encoder of the
 * drain appends through it.
 */
#include "preload/contract/buffer.h"

#include "preload/contract/own_memory.h"
#include "preload/contract/trace_format.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

void *buffer_reserve(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (own_memory_note(memory, size, false) == MAP_FAILED)
        return NULL;
    madvise(memory, size, MADV_DONTFORK);
    madvise(memory, size, MADV_NOHUGEPAGE);
    return memory;
}

int buffer_init(struct buffer *buffer, size_t capacity)
{
    memset(buffer, 0, sizeof *buffer);
    buffer->bytes = buffer_reserve(capacity);
    if (!buffer->bytes)
        return -ENOMEM;
    buffer->capacity = capacity;
    return 0;
}

void buffer_init_in(struct buffer *buffer, void *memory, size_t capacity)
{
    *buffer = (struct buffer){.bytes = memory, .capacity = capacity};
}

void buffer_release(struct buffer *buffer)
{
    own_memory_forget(buffer->bytes);
    if (buffer->bytes)
        munmap(buffer->bytes, buffer->capacity);
    memset(buffer, 0, sizeof *buffer);
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
    buffer->full = false;
}

void buffer_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->full || size > buffer->capacity - buffer->size) {
        buffer->full = true;
        return;
    }
    if (size)
        memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_varint(struct buffer *buffer, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    buffer_bytes(buffer, bytes, size);
}

void buffer_svarint(struct buffer *buffer, int64_t value)
{
    buffer_varint(buffer, trace_zigzag(value));
}

void buffer_string(struct buffer *buffer, const char *text, size_t size)
{
    buffer_varint(buffer, size);
    buffer_bytes(buffer, text, size);
}
