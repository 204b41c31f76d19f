/*
 * Known changes: the same work every time, but that one function does PERCENT more of it.
 *
 *     planted ROUNDS [PERCENT [BYTES]]
 *
 * A round is 100 us or so: calls of eight functions, 30 % of the work in slow(), below two
 * callers. BYTES are allocated and kept by keep(), once in 64 rounds.
 */
#include <stdint.h>
#include <stdlib.h>

static volatile uint64_t sink;

#define WORK(name, factor, shift)                              \
    static __attribute__((noinline)) void name(uint64_t count) \
    {                                                          \
        uint64_t value = sink | 1;                             \
        for (uint64_t i = 0; i < count; i++)                   \
            value = value * factor + (value >> shift);         \
        sink = value;                                          \
    }
WORK(slow, 6364136223846793005u, 29)
WORK(parse, 2862933555777941757u, 31)
WORK(hash, 3202034522624059733u, 27)
WORK(sort, 3935559000370003845u, 33)
WORK(copy, 2862933555777941757u, 27)
WORK(find, 3202034522624059733u, 29)
WORK(print, 3935559000370003845u, 31)
WORK(check, 6364136223846793005u, 27)

static void *kept;

static __attribute__((noinline)) void keep(size_t size)
{
    void **block = malloc(size);

    if (block == NULL)
        abort();
    *block = kept;
    kept = block;
}

static __attribute__((noinline)) void read_in(uint64_t slow_count)
{
    parse(11000);
    hash(8000);
    slow(slow_count);
    sink++;
}

static __attribute__((noinline)) void put_out(void)
{
    sort(6000);
    copy(4000);
    find(3000);
    print(2000);
    check(1000);
    sink++;
}

int main(int argc, char **argv)
{
    const uint64_t rounds = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000;
    const uint64_t percent = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    const size_t bytes = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;

    for (uint64_t i = 0; i < rounds; i++) {
        read_in(15000 * (100 + percent) / 100);
        put_out();
        if (bytes > 0 && i % 64 == 0)
            keep(bytes);
    }
    return 0;
}
