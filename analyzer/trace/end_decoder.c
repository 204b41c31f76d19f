/*
 * Ends and deaths, from bytes to the visitor. Its own file beside record_decoder.c, which has
 * what a process does while it lives.
 */
#include "analyzer/trace/end_decoder.h"

bool end_decode(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t kind = wire_varint(body);
    uint64_t status = wire_varint(body);
    uint64_t time = wire_varint(body);
    uint64_t cpu = wire_varint(body);

    if (body->failed || kind < TRACE_END_EXIT || kind > TRACE_END_KILLED || status > INT32_MAX)
        return false;
    if (visitor->end != NULL)
        visitor->end(visitor->context, (enum trace_end)kind, (int)status, time, cpu);
    return true;
}

bool end_decode_death(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    struct trace_death death = {.thread = wire_varint(body)};
    uint64_t tid = wire_varint(body);

    death.time_ns = wire_varint(body);
    uint64_t signal = wire_varint(body);
    int64_t code = wire_svarint(body);
    death.address = wire_varint(body);
    uint64_t sender = wire_varint(body);
    death.stack = wire_varint(body);
    if (body->failed || tid > INT32_MAX || sender > INT32_MAX || signal > 64 || code < INT32_MIN ||
        code > INT32_MAX ||
        (death.thread != 0 && !record_decoder_knows_thread(decoder, death.thread)) ||
        !record_decoder_accept_stack(decoder, &death.stack))
        return false;
    death.tid = (int32_t)tid;
    death.signal = (int)signal;
    death.code = (int)code;
    death.sender = (int32_t)sender;
    if (visitor->death != NULL)
        visitor->death(visitor->context, &death);
    return true;
}
