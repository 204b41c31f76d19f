/*
 * Makes traces that are small files and a lot to read, as somebody might send them:
 *
 *     large_trace FILE KIND CHUNKS
 *
 * KIND: zeros (payloads of no record), nodes (a stack as deep as there are nodes), strangers
 * (threads), modules, names (a property of a name as long as a chunk), regions, samples (as many as
 * compress to nothing), claims (a header that says more than is there). Every chunk is as large as
 * one may be.
 */
#include "tests/unit/trace_maker.h"

#define CHUNK (60u << 20)
#define DEEPEST 1000000u

static struct bytes payload;

static void make_zeros(unsigned chunk)
{
    struct bytes zeros = {calloc(1, CHUNK), CHUNK, CHUNK};

    (void)chunk;
    put_record(&payload, 200, &zeros);
}

static void put_stacks(unsigned count)
{
    struct bytes body = {0};

    put_varint(&body, 0);
    put_varint(&body, count);
    for (unsigned i = 0; i < count; i++) {
        put_varint(&body, i == 0 ? 0 : 8);
        put_svarint(&body, 4 * (int64_t)(i % 64 != 0 ? 16 : 1000 + random() % 100000));
    }
    put_record(&payload, 6, &body);
}

static void make_nodes(unsigned chunk)
{
    const struct made_sample sample = {.us = 1, .stack = 8 + DEEPEST - 1, .weight = 1};

    if (chunk == 0) {
        make_thread(&payload, 1, 1, 1, "deep");
        put_stacks(DEEPEST);
        make_samples(&payload, 1, 1000, &sample, 1, 0);
    } else {
        put_stacks(CHUNK / 4);
    }
}

static void make_strangers(unsigned chunk)
{
    static unsigned number;

    (void)chunk;
    while (payload.size < CHUNK)
        number++, make_thread(&payload, number, number & 0x7fffffff, 1, "");
}

static void make_modules(unsigned chunk)
{
    static unsigned number;

    (void)chunk;
    while (payload.size < CHUNK)
        number++,
            make_module(&payload, (struct made_module){number, number * 4096ull,
                                                       number * 4096ull + 4096, 0, 0, "/m", ""});
}

static void make_names(unsigned chunk)
{
    char *name = malloc(CHUNK + 1);

    memset(name, 'a' + (int)(chunk % 26), CHUNK);
    name[CHUNK] = '\0';
    make_property(&payload, name, "");
    free(name);
}

static void make_regions(unsigned chunk)
{
    static unsigned number;
    char name[16];

    (void)chunk;
    while (payload.size < CHUNK) {
        struct bytes body = {0};
        int size = snprintf(name, sizeof(name), "%u", number);
        put_varint(&body, ++number);
        put_varint(&body, number - 1);
        put_string(&body, name, (size_t)size);
        put_varint(&body, 1);
        put_varint(&body, 1);
        put_varint(&body, 1);
        put_record(&payload, 9, &body);
    }
}

static void make_many_samples(unsigned chunk)
{
    const unsigned count = CHUNK / 4;
    struct made_sample *samples = calloc(count, sizeof(*samples));

    for (unsigned i = 0; i < count; i++)
        samples[i] = (struct made_sample){.us = 1, .stack = 0, .weight = 1};
    make_thread(&payload, 1, 1, 1, "busy");
    make_samples(&payload, 1, 1000 + chunk, samples, count, 0);
    free(samples);
}

static void make_claims(unsigned chunk)
{
    (void)chunk;
    make_property(&payload, "comm", "claims");
}

static const struct {
    const char *name;
    void (*make)(unsigned chunk);
} kinds[] = {
    {"zeros", make_zeros},          {"nodes", make_nodes},   {"strangers", make_strangers},
    {"modules", make_modules},      {"names", make_names},   {"regions", make_regions},
    {"samples", make_many_samples}, {"claims", make_claims},
};

/* Its header says that the payload has nearly as much as a number can. */
static void lie(struct bytes *file)
{
    const uint32_t much = 0xfffffff0;
    uint64_t hash;

    memcpy(file->at + 36, &much, sizeof(much));
    hash = XXH64(file->at, 64, 0);
    memcpy(file->at + 64, &hash, sizeof(hash));
}

int main(int argc, char **argv)
{
    struct bytes file = {0};
    size_t kind = 0;

    while (argc == 4 && kind < sizeof(kinds) / sizeof(kinds[0]) &&
           strcmp(kinds[kind].name, argv[2]) != 0)
        kind++;
    if (argc != 4 || kind == sizeof(kinds) / sizeof(kinds[0]))
        return 2;
    FILE *out = fopen(argv[1], "wb");
    if (out == NULL)
        return 1;
    for (unsigned chunk = 0; chunk < strtoul(argv[3], NULL, 10); chunk++) {
        kinds[kind].make(chunk);
        make_chunk(
            &file, &payload,
            (struct made_chunk){.version = MADE_VERSION, .flags = chunk == 0, .sequence = chunk});
        if (strcmp(argv[2], "claims") == 0)
            lie(&file);
        fwrite(file.at, 1, file.size, out);
        bytes_free(&file);
    }
    return fclose(out) != 0;
}
