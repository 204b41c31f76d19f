/*
 * What several units of the corpus include: inline functions that end up in many places,
 * templates, macros that are one line and several functions. The corpus is never run: it is
 * compiled in many ways, and names of its addresses are compared (check_corpus.py).
 */
#ifndef PROFINJECT_TESTS_CORPUS_H
#define PROFINJECT_TESTS_CORPUS_H

extern volatile int corpus_sink;

#define CORPUS_NOINLINE __attribute__((noinline))
#define CORPUS_INLINE __attribute__((always_inline)) inline
#define CORPUS_TWICE(what)     \
    do {                       \
        corpus_sink += (what); \
        corpus_sink ^= (what); \
    } while (0)

static CORPUS_INLINE int corpus_mix(int a, int b)
{
    int mixed = a * 31 + b;

    return mixed ^ (mixed >> 7);
}

static CORPUS_INLINE int corpus_fold(const int *values, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++)
        sum = corpus_mix(sum, values[i]);
    return sum;
}

/* Inlined into what is inlined, and not always. */
static inline int corpus_deep(const int *values, int count)
{
    if (count <= 0)
        return 0;
    CORPUS_TWICE(values[0]);
    return corpus_fold(values, count) + corpus_mix(values[0], count);
}

#ifdef __cplusplus
extern "C" {
#endif
int machine_run(int argument);
int machine_assembler(int argument);
#ifdef __cplusplus
}

int shapes_run(int argument);
int numbers_run(int argument);

/* A function that every unit has and the linker keeps once. */
template <typename T> CORPUS_NOINLINE T corpus_once(T from, int times)
{
    for (int i = 0; i < times; i++)
        from = static_cast<T>(from * 3 + corpus_mix(static_cast<int>(from), i));
    return from;
}

namespace corpus
{
template <int N> struct tower {
    static CORPUS_INLINE int climb(int x)
    {
        return corpus_mix(tower<N - 1>::climb(x + N), N);
    }
};
template <> struct tower<0> {
    static CORPUS_INLINE int climb(int x)
    {
        return x + corpus_sink;
    }
};
} // namespace corpus
#endif

#endif
