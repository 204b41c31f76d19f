/*
 * Code that the runtime of one process made: its names from the trace (TRACE_CODE_NAMES), and its
 * places in stacks.
 *
 * An address may have had several owners, and a stack of the trace has a number whatever the time.
 * So stacks are read as if each address had its last owner, at no cost; those in which an address
 * had another one before are marked (raw_stack.timed) and looked up again at the time of what
 * names them, with the last answer remembered: it mostly holds for the next as well. Memory
 * grows with the stacks that differ in names.
 *
 * Not thread-safe.
 */
#ifndef PROFINJECT_LOAD_MADE_CODE_H
#define PROFINJECT_LOAD_MADE_CODE_H

#include "analyzer/load/code_places.h"
#include "analyzer/load/raw_stacks.h"
#include "analyzer/symbols/jit_code.h"
#include "analyzer/symbols/jit_reader.h"
#include "analyzer/symbols/perf_map.h"
#include "analyzer/trace/trace_reader.h"

/* How far a file was read. */
struct made_text {
    uint64_t serial, next;
    bool begun;
};

/* A stack, as it was in [from_ns, until_ns). */
struct timed_stack {
    uint64_t from_ns, until_ns;
    uint32_t stack;
};

struct made_code {
    struct jit_code *code; /* NULL: no names */
    struct perf_map map;
    struct jit_reader dump;
    struct made_text texts[TRACE_CODE_TEXTS];
    uint32_t image;                 /* in the code places; 0: not yet */
    struct timed_stack *remembered; /* by number of the marked raw stack */
    size_t remembered_count;
};

void made_code_release(struct made_code *made); /* but for `code`, which names are found in later */

/* Takes in a record. */
void made_code_names(struct made_code *made, struct strings *strings,
                     const struct trace_code_names *names);

/* The place at `pc`, which no file has; *timed: it had others. */
uint32_t made_code_place(struct made_code *made, struct code_places *places, uint64_t pc,
                         bool *timed);

/* Whether the runtime named what is at `pc`, at any time. */
bool made_code_has(struct made_code *made, uint64_t pc);

/* The stack that the marked one was at that time. */
uint32_t made_code_stack(struct made_code *made, struct code_places *places,
                         struct raw_stacks *stacks, uint32_t stack, uint64_t time_ns);

#endif
