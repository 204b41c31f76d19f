/*
 * Encoding of trace records (trace_format.h) from what rings hold. Functions
 * append one record to `to` and return the number of records appended; `body` is
 * scratch they clear. For the drain only; same threading as it.
 */
#ifndef PROFINJECT_DRAIN_ENCODE_H
#define PROFINJECT_DRAIN_ENCODE_H

#include "preload/contract/buffer.h"
#include "preload/contract/module_map.h"
#include "preload/contract/ring_format.h"
#include "preload/contract/trace_format.h"

/* What all encoders end with: `body` as a record. Returns 1. */
uint32_t encode_record(struct buffer *to, enum trace_tag tag, const struct buffer *body);

/* What a batch of one thread's records begins with, in an emptied `body`; columns of `count`
 * entries follow, times in them from `time_ns` on. */
void encode_batch_head(struct buffer *body, uint32_t thread, uint64_t time_ns, uint32_t count);

/* A column of plain numbers. */
void encode_column(struct buffer *body, const uint32_t *numbers, uint32_t count);

/* One entry of a column of times: the units since `*last`, which is moved on; none where time goes
 * back. Starts from the unit the record names. */
void encode_time(struct buffer *body, uint64_t *last, uint64_t time_ns, uint64_t unit_ns);

uint32_t encode_property(struct buffer *to, const char *name, const char *value, size_t size);
uint32_t encode_module(struct buffer *to, struct buffer *body, uint32_t id,
                       const struct module *module);
uint32_t encode_module_gone(struct buffer *to, struct buffer *body, uint32_t id,
                            const struct module *module);
uint32_t encode_thread(struct buffer *to, struct buffer *body, uint32_t number,
                       const struct ring_slot *slot);
uint32_t encode_totals(struct buffer *to, struct buffer *body, uint32_t number,
                       const struct ring_slot *slot, uint64_t cpu_ns, uint64_t paused_ns);

uint32_t encode_rest(struct buffer *to, struct buffer *body, uint32_t number, uint32_t stack,
                     uint64_t length_ns);

/* How the process image ended. */
struct drain_end {
    enum trace_end kind;
    int status;
    uint64_t cpu_ns;
    uint64_t when_ns; /* of TRACE_END_KILLED, 0: not known; others are now */
    const char *oom;  /* property oom_kill, NULL: none */
};
uint32_t encode_end(struct buffer *to, struct buffer *body, const struct drain_end *end,
                    uint64_t when_ns);

uint32_t encode_death(struct buffer *to, struct buffer *body, uint32_t thread,
                      const struct ring_death *death, uint32_t stack);

/* Samples' times are in units of 2^shift microseconds: the shift for such a period of the clock,
 * and the unit. */
unsigned sample_time_shift(uint64_t period_ns);
static inline uint64_t sample_time_unit_ns(unsigned shift)
{
    return 1000ull << shift;
}

/* One TRACE_SAMPLES record. Samples wait in the ring until the batch is whole;
 * `stacks` remembers their trace numbers, or TRACE_STACK_NEXT. */
#define SAMPLE_BATCH_MAX (RING_DATA_SIZE / sizeof(struct ring_sample) + 1)
struct sample_encoder {
    struct buffer *body;
    uint32_t count;
    unsigned time_shift;
    const struct ring_sample *samples[SAMPLE_BATCH_MAX];
    uint32_t stacks[SAMPLE_BATCH_MAX];
};
void sample_encoder_init(struct sample_encoder *encoder, struct buffer *body, unsigned time_shift);
void sample_encoder_add(struct sample_encoder *encoder, const struct ring_sample *sample,
                        uint32_t stack);
uint32_t sample_encoder_finish(struct sample_encoder *encoder, struct buffer *to, uint32_t thread,
                               uint64_t position);

#endif
