/*
 * Records about waits for made traces; see trace_maker.h.
 */
#ifndef PROFINJECT_TESTS_WAITS_MAKER_H
#define PROFINJECT_TESTS_WAITS_MAKER_H

#include "tests/unit/trace_maker.h"

/* Waits of one record, in the order of the specification; `us`: end, since that of the one before. */
struct made_waits {
    uint64_t us, stack, kind, object, peer, count, total, longest, span, bytes;
};

static inline void make_waits(struct bytes *payload, uint64_t thread, uint64_t flags, uint64_t base,
                              const struct made_waits *waits, size_t count)
{
    struct bytes body = {0};
    uint64_t object = 0;

    put_varint(&body, thread);
    put_varint(&body, flags);
    put_varint(&body, base);
    put_varint(&body, count);
    for (size_t i = 0; i < count; i++)
        put_svarint(&body, (int64_t)waits[i].us);
    for (size_t i = 0; i < count; i++)
        put_varint(&body, waits[i].stack);
    for (size_t i = 0; i < count; i++)
        put_varint(&body, waits[i].kind);
    for (size_t i = 0; i < count; object = waits[i++].object)
        put_svarint(&body, (int64_t)(waits[i].object - object));
    for (size_t i = 0; i < 6 * count; i++) {
        const struct made_waits *of = &waits[i % count];
        const uint64_t columns[] = {of->peer,    of->count, of->total,
                                    of->longest, of->span,  of->bytes};
        put_varint(&body, columns[i / count]);
    }
    for (size_t i = 0; i < count; i++)
        put_varint(&body, 0); /* region */
    put_record(payload, 17, &body);
}

/* Values in the order of the specification: thread when known cpu runnable voluntary
 * involuntary migrations paused. */
static inline void make_scheduling(struct bytes *payload, const uint64_t values[9])
{
    struct bytes body = {0};

    for (int i = 0; i < 9; i++)
        put_varint(&body, values[i]);
    put_record(payload, 18, &body);
}

/* id kind identity, then reads and writes: calls bytes small onward of each. */
static inline void make_object(struct bytes *payload, uint64_t id, uint64_t kind, uint64_t identity,
                               const char *name, const uint64_t io[8])
{
    struct bytes body = {0};

    put_varint(&body, id);
    put_varint(&body, kind);
    put_varint(&body, identity);
    put_string(&body, name, strlen(name));
    for (int i = 0; i < 8; i++)
        put_varint(&body, io[i]);
    put_record(payload, 19, &body);
}

#endif
