/*
 * A trace of many samples: `sample_trace FILE SAMPLES STACKS MODULE`. 16 threads, stacks of 8 to 40
 * frames that share their beginnings, a few of them hot, as programs have them; what ends where is
 * known: thread t's samples have weight 1, so that the sum of `--metric samples` is SAMPLES.
 * Addresses lie in the file MODULE (its first megabyte of code from 0x1000 on).
 */
#include "tests/unit/trace_maker.h"

#define THREADS 16u
#define BATCH 256u /* samples of one thread side by side: a second of them at 250 Hz */
#define CHUNK (256u << 10)
#define FIRST_NODE 8u
#define DEPTH_MIN 8u
#define DEPTH_MAX 40u

static uint64_t state = 88172645463325252u;

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003): the same trace every time. */
static uint64_t draw(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static struct bytes file, payload;
static FILE *out;
static unsigned sequence;

static void write_chunk(void)
{
    make_chunk(
        &file, &payload,
        (struct made_chunk){.version = MADE_VERSION, .flags = sequence == 0, .sequence = sequence});
    sequence++;
    if (fwrite(file.at, 1, file.size, out) != file.size)
        abort();
    bytes_free(&file);
}

static void define(const char *module)
{
    char name[32];

    make_property(&payload, "comm", "samples");
    make_property(&payload, "pid", "100");
    make_property(&payload, "ppid", "1");
    make_property(&payload, "weight_unit_ns", "4000000");
    make_property(&payload, "start_monotonic_ns", "1000");
    make_module(&payload, (struct made_module){1, 0x10000, 0x10000 + (1 << 20), 0x10000 - 0x1000, 0,
                                               module, ""});
    for (unsigned t = 1; t <= THREADS; t++) {
        snprintf(name, sizeof(name), "worker %u", t);
        make_thread(&payload, t, 100 + t, 1000, name);
    }
}

/* Leaves of `count` stacks; a new one leaves an earlier one somewhere and goes its own way. */
static uint64_t *make_tree(unsigned count)
{
    uint64_t *leaves = malloc(count * sizeof(*leaves));
    struct made_node *nodes = malloc((size_t)count * DEPTH_MAX * sizeof(*nodes));
    uint64_t last[DEPTH_MAX], number = FIRST_NODE;

    for (unsigned i = 0; i < count; i++) {
        unsigned depth = DEPTH_MIN + (unsigned)draw(DEPTH_MAX - DEPTH_MIN);
        unsigned shared = i == 0 ? 0 : (unsigned)draw(DEPTH_MIN);
        if (i > 0 && draw(4) != 0) /* most differ near the leaf alone */
            shared = depth = depth > DEPTH_MIN ? DEPTH_MIN : depth;
        for (unsigned d = shared > 0 ? shared - 1 : 0; d < depth; d++) {
            struct made_node node = {number, d == 0 ? 0 : last[d - 1],
                                     0x10000 + 16 * draw((1 << 20) / 16), 1};
            make_stacks(&payload, 0, &node, 1);
            last[d] = number++;
        }
        leaves[i] = last[depth - 1];
        if (payload.size > CHUNK)
            write_chunk();
    }
    free(nodes);
    return leaves;
}

/* Half of all samples are in a hundredth of the stacks. */
static uint64_t choose(const uint64_t *leaves, unsigned count)
{
    return leaves[draw(2) != 0 && count >= 100 ? draw(count / 100) : draw(count)];
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    const uint64_t samples = strtoull(argv[2], NULL, 10);
    const unsigned stacks = (unsigned)strtoul(argv[3], NULL, 10);
    struct made_sample batch[BATCH];

    out = fopen(argv[1], "wb");
    if (out == NULL || stacks == 0)
        return 1;
    define(argv[4]);
    uint64_t *leaves = make_tree(stacks);
    for (uint64_t made = 0; made < samples;) {
        unsigned count = (unsigned)(samples - made < BATCH ? samples - made : BATCH);
        for (unsigned i = 0; i < count; i++)
            batch[i] = (struct made_sample){
                .us = 3990 + draw(20), .stack = choose(leaves, stacks), .weight = 1};
        make_samples(&payload, 1 + made / BATCH % THREADS,
                     5000 + made / BATCH / THREADS * (BATCH * 4000000ull), batch, count, 0);
        made += count;
        if (payload.size > CHUNK || made == samples)
            write_chunk();
    }
    free(leaves);
    return fclose(out) != 0;
}
