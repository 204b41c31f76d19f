/* Records about waits. Its own file because each has fields of its own. */
#include "analyzer/trace/waits_decoder.h"

#define TIME_MAX (1ull << 56) /* nanoseconds: two years */
#define COUNT_MAX (1ull << 56)
#define OBJECTS_MAX (1u << 16) /* ids beyond are damage */

struct columns {
    struct wire_cursor times, stacks, kinds, objects, peers, counts, totals, longest, spans, bytes,
        regions;
};

static struct columns take_columns(struct wire_cursor *body, uint64_t count)
{
    struct columns columns;
    columns.times = wire_take_column(body, count);
    columns.stacks = wire_take_column(body, count);
    columns.kinds = wire_take_column(body, count);
    columns.objects = wire_take_column(body, count);
    columns.peers = wire_take_column(body, count);
    columns.counts = wire_take_column(body, count);
    columns.totals = wire_take_column(body, count);
    columns.longest = wire_take_column(body, count);
    columns.spans = wire_take_column(body, count);
    columns.bytes = wire_take_column(body, count);
    columns.regions = wire_take_column(body, count);
    return columns;
}

/* The next of each column; false when no process can have waited so. */
static bool take_one(struct columns *columns, struct trace_waits *waits, uint64_t *time_us)
{
    *time_us += (uint64_t)wire_svarint(&columns->times);
    waits->end_ns = *time_us * 1000;
    waits->stack = wire_varint(&columns->stacks);
    uint64_t kind = wire_varint(&columns->kinds);
    waits->object += (uint64_t)wire_svarint(&columns->objects);
    waits->peer = wire_varint(&columns->peers);
    waits->count = wire_varint(&columns->counts);
    waits->total_ns = wire_varint(&columns->totals);
    uint64_t longest = wire_varint(&columns->longest), span = wire_varint(&columns->spans);
    waits->longest_ns = waits->count < 2 ? waits->total_ns : longest;
    span = waits->count < 2 ? waits->total_ns : span;
    waits->begin_ns = waits->end_ns > span ? waits->end_ns - span : 0;
    waits->bytes = wire_varint(&columns->bytes);
    waits->region = wire_varint(&columns->regions);
    waits->kind = (enum trace_wait)kind;
    return kind > 0 && waits->count < COUNT_MAX && waits->total_ns < TIME_MAX &&
           waits->longest_ns <= waits->total_ns && span < TIME_MAX && waits->bytes < COUNT_MAX &&
           waits->region <= DECODER_REGION_MAX;
}

bool waits_decode(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_waits waits = {.thread = wire_varint(body)};
    waits.held = wire_varint(body) & TRACE_WAITS_HELD;
    uint64_t time_us = wire_varint(body) / 1000;
    uint64_t count = wire_varint(body);
    struct columns columns = take_columns(body, count);

    if (body->failed || !record_decoder_knows_thread(decoder, waits.thread))
        return false;
    for (; count > 0; count--) {
        if (!take_one(&columns, &waits, &time_us) ||
            !record_decoder_accept_stack(decoder, &waits.stack))
            decoder->summary->samples_dropped++;
        else if (visitor->waits != NULL)
            visitor->waits(visitor->context, &waits);
    }
    return true;
}

bool waits_decode_scheduling(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_scheduling scheduling = {.thread = wire_varint(body)};

    scheduling.when_ns = wire_varint(body);
    scheduling.known = wire_varint(body);
    scheduling.cpu_ns = wire_varint(body);
    scheduling.runnable_ns = wire_varint(body);
    scheduling.voluntary = wire_varint(body);
    scheduling.involuntary = wire_varint(body);
    scheduling.migrations = wire_varint(body);
    scheduling.paused_ns = wire_varint(body);
    if (body->failed || !record_decoder_knows_thread(decoder, scheduling.thread) ||
        scheduling.cpu_ns >= TIME_MAX || scheduling.runnable_ns >= TIME_MAX ||
        scheduling.paused_ns >= TIME_MAX || scheduling.voluntary >= COUNT_MAX ||
        scheduling.involuntary >= COUNT_MAX || scheduling.migrations >= COUNT_MAX)
        return false;
    if (visitor->scheduling != NULL)
        visitor->scheduling(visitor->context, &scheduling);
    return true;
}

static bool take_io(struct wire_cursor *body, struct trace_io *io)
{
    io->calls = wire_varint(body);
    io->bytes = wire_varint(body);
    io->small = wire_varint(body);
    io->onward = wire_varint(body);
    return io->calls < COUNT_MAX && io->bytes < COUNT_MAX && io->small < COUNT_MAX &&
           io->onward < COUNT_MAX;
}

bool waits_decode_object(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_waited_object object = {.id = wire_varint(body)};

    object.kind = (enum trace_object)wire_varint(body);
    object.identity = wire_varint(body);
    struct wire_string name = wire_string(body);
    bool sound = take_io(body, &object.reads) && take_io(body, &object.writes);
    if (body->failed || !sound || object.id == 0 || object.id > OBJECTS_MAX)
        return false;
    object.name = record_decoder_text(decoder, 0, name);
    if (visitor->object != NULL)
        visitor->object(visitor->context, &object);
    return true;
}
