/*
 * A growing byte buffer in address space reserved once: its bytes never move,
 * growth is a page fault, and nothing touches the heap. After a fork the child
 * can go on using it. For the drain; one thread at a time; not for signal
 * handlers.
 */
#ifndef PROFINJECT_BUFFER_H
#define PROFINJECT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    uint8_t *bytes;
    size_t size, capacity;
    bool full; /* an append did not fit; everything since is left out */
};

/* Memory that is made when it is touched, in small pages, and that fork children do not
 * get: copying it, and sharing it with them, would cost the target 40 us a fork. NULL when
 * there is none; given back by munmap(). */
void *buffer_reserve(size_t size);

/* Reserves `capacity` bytes. 0 or -ENOMEM. */
int buffer_init(struct buffer *buffer, size_t capacity);
/* As buffer_init(), in a part of what buffer_reserve() gave. */
void buffer_init_in(struct buffer *buffer, void *memory, size_t capacity);
void buffer_release(struct buffer *buffer);

/* Empties it and clears `full`. */
void buffer_clear(struct buffer *buffer);

void buffer_bytes(struct buffer *buffer, const void *bytes, size_t size);
void buffer_varint(struct buffer *buffer, uint64_t value);
void buffer_svarint(struct buffer *buffer, int64_t value);

/* Length and bytes, as the trace format's string. */
void buffer_string(struct buffer *buffer, const char *text, size_t size);

#endif
