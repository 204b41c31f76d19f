/*
 * Stack nodes as TRACE_STACKS records (trace_format.h). What has been said of a record's codes is
 * remembered until it is written, in memory the caller gives. For the drain only; same
 * threading as it.
 */
#ifndef PROFINJECT_ENCODE_STACKS_H
#define PROFINJECT_ENCODE_STACKS_H

#include "preload/contract/buffer.h"
#include "preload/contract/ring_format.h"

struct stack_encoder {
    struct stack_record *record; /* the one in the making */
    struct buffer *to, *body;
    uint32_t generation, first; /* of its nodes; number of the first */
    uint32_t chains, nodes, codes;
    uint64_t last_code; /* that was new */
    bool open;          /* the last chain may go on */
    uint32_t records;
};

/* Bytes of memory an encoder needs: zeros, touched as far as it is used. */
size_t stack_encoder_size(void);

/* Records go to `to`, by way of `body`; all three stay the caller's. */
void stack_encoder_init(struct stack_encoder *encoder, void *memory, struct buffer *to,
                        struct buffer *body);

/* `parent` and `number` are trace numbers; between two calls of stack_encoder_finish() numbers
 * count on. */
void stack_encoder_add(struct stack_encoder *encoder, const struct ring_node *node, uint32_t parent,
                       uint32_t number);

/* The node added last ends a chain: of a sample's stack or of another. */
void stack_encoder_end_chain(struct stack_encoder *encoder, bool of_sample);

/* About what stack_encoder_finish() would write. */
size_t stack_encoder_pending(const struct stack_encoder *encoder);

/* Writes what is left. Returns the number of records written since the last call. */
uint32_t stack_encoder_finish(struct stack_encoder *encoder);

#endif
