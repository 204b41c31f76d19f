/*
 * Encoding of TRACE_MEMORY and TRACE_SCAN (trace_format.h). Functions append records to
 * `to`, using `body` as scratch, and return the number of records appended. One thread at
 * a time.
 */
#ifndef PROFINJECT_ENCODE_MEMORY_H
#define PROFINJECT_ENCODE_MEMORY_H

#include "preload/contract/buffer.h"
#include "preload/contract/trace_format.h"

/* What a record is about: words in [start, end) of a mapping that begins at `mapping`. */
struct memory_part {
    enum trace_memory kind;
    int thread; /* 0: none */
    uint64_t mapping, start, end;
    const char *name;
};

struct memory_encoder {
    struct buffer *body;
    uint64_t next, value; /* behind the word before, and what it held */
    bool empty;
};

void memory_encoder_begin(struct memory_encoder *encoder, struct buffer *body,
                          const struct memory_part *part);
/* `address`: aligned, above that of the word before. */
void memory_encoder_word(struct memory_encoder *encoder, uint64_t address, uint64_t value);
/* No record where there was no word. */
uint32_t memory_encoder_finish(struct memory_encoder *encoder, struct buffer *to);

/* How the scan went. */
struct memory_scan {
    uint64_t begin_ns, length_ns, bytes, left_bytes, threads, left_threads;
    enum trace_scan_limit limit;
    bool whole; /* every block there is was recorded */
};
uint32_t encode_scan(struct buffer *to, struct buffer *body, const struct memory_scan *scan);

#endif
