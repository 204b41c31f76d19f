/*
 * Decoding of stack nodes: TRACE_STACKS, and what samples that follow it say by
 * TRACE_STACK_NEXT. Part of the record decoder; same threading as it.
 */
#ifndef PROFINJECT_TRACE_STACKS_DECODER_H
#define PROFINJECT_TRACE_STACKS_DECODER_H

#include "analyzer/trace/wire.h"

struct record_decoder;

struct stacks_decoder {
    /* Of the record that is being read: its codes, from 1 on, and by each, 0: of parents elsewhere,
     * which code last followed it; the code of each of its nodes. */
    uint64_t *codes;
    uint32_t *children, *indexes;
    size_t code_capacity, node_capacity;
    /* Nodes at which chains of samples end, and how many of them samples have had. */
    uint64_t *ends;
    size_t end_count, end_capacity, ends_taken;
};

bool stacks_decode(struct record_decoder *decoder, struct wire_cursor *body);

/* What TRACE_STACK_NEXT stands for; UINT64_MAX: there is none. */
uint64_t stacks_next_end(struct stacks_decoder *stacks);

/* At the end of every batch of samples and every chunk. */
void stacks_forget_ends(struct stacks_decoder *stacks);

void stacks_decoder_release(struct stacks_decoder *stacks);

#endif
