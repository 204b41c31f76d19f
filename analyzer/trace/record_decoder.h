/*
 * Decodes the payload of chunks into calls of a visitor, and keeps what decides
 * whether a record means anything: the numbers of threads and stacks defined so
 * far in this epoch, and what damage took away of them.
 *
 * Everything handed to the visitor is whole and refers to definitions the visitor
 * has had. What is not is dropped and counted in the summary. Not thread-safe.
 */
#ifndef PROFINJECT_TRACE_RECORD_DECODER_H
#define PROFINJECT_TRACE_RECORD_DECODER_H

#include "analyzer/trace/stacks_decoder.h"
#include "analyzer/trace/trace_reader.h"
#include "analyzer/trace/wire.h"

/* Ids beyond are damage. */
#define DECODER_REGION_MAX 4095u
#define DECODER_COUNTER_MAX 4095u

/* Little of a trace may be much in memory. Of no process more are known: threads and stacks of an
 * epoch, for which a ring has room, and bytes of a definition: arguments are the longest. */
#define DECODER_THREADS_MAX (1u << 22)
#define DECODER_STACKS_MAX ((1u << 22) + TRACE_STACK_FIRST)
#define DECODER_DEFINITION_MAX (128u << 10)

#define DECODER_TEXTS 4

struct record_decoder {
    const struct trace_visitor *visitor;
    struct trace_summary *summary;
    uint64_t next_stack;       /* number of the next node defined */
    bool stacks_lost;          /* unknown how many were: none can be added until the next epoch */
    bool threads_lost;         /* thread numbers may jump */
    bool *threads;             /* [number]: defined */
    size_t thread_capacity;    /* numbers below it have an element */
    uint64_t last_thread;      /* highest number defined */
    bool damaged;              /* something was lost: what follows is recovered */
    char *text[DECODER_TEXTS]; /* NUL-terminated copies of strings, valid during a call */
    size_t text_capacity[DECODER_TEXTS];
    struct trace_heap_place *heap_places; /* likewise valid during a call */
    size_t heap_place_capacity;
    struct stacks_decoder stacks;
};

enum decoder_loss {
    LOSS_DEFINITIONS, /* of this epoch: what was known before still holds */
    LOSS_EPOCH,       /* perhaps an epoch's start: no number can be trusted */
};

void record_decoder_init(struct record_decoder *decoder, const struct trace_visitor *visitor,
                         struct trace_summary *summary);
void record_decoder_release(struct record_decoder *decoder);

/* An epoch starts: everything is defined again. */
void record_decoder_epoch(struct record_decoder *decoder);

/* Chunks are missing between what came before and what comes now. */
void record_decoder_lost(struct record_decoder *decoder, enum decoder_loss loss);

/* For decoders of single records: a copy of the string in buffer `which` (0 to 3) that
 * ends in a NUL; whether the thread is defined. */
const char *record_decoder_text(struct record_decoder *decoder, int which,
                                struct wire_string string);
bool record_decoder_knows_thread(const struct record_decoder *decoder, uint64_t number);

/* False when no stack can have this number; where it may be that of a lost one it becomes
 * TRACE_STACK_BROKEN. */
bool record_decoder_accept_stack(const struct record_decoder *decoder, uint64_t *stack);

void record_decoder_payload(struct record_decoder *decoder, const uint8_t *bytes, size_t size);

#endif
