/*
 * Records with names for code. Its own file beside record_decoder.c, which has what every trace
 * has; what is in the files is for others to read.
 */
#include "analyzer/trace/code_names_decoder.h"

bool code_names_decode(struct record_decoder *decoder, struct wire_cursor *body)
{
    const struct trace_visitor *visitor = decoder->visitor;
    uint64_t kind = wire_varint(body);
    struct trace_code_names names = {.serial = wire_varint(body)};

    names.offset = wire_varint(body);
    names.next = wire_varint(body);
    names.since_ns = wire_varint(body);
    names.written_ns = wire_varint(body);
    names.bytes = body->at;
    names.size = wire_left(body);
    if (body->failed || names.next < names.offset)
        return false;
    if (kind >= TRACE_CODE_TEXTS) /* a kind of a later version */
        return true;
    names.kind = (enum trace_code_text)kind;
    if (kind == TRACE_CODE_MAP && names.next - names.offset != names.size)
        return false;
    if (visitor->code_names != NULL)
        visitor->code_names(visitor->context, &names);
    return true;
}
