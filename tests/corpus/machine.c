/*
 * C of the corpus: switch tables, nested functions (gcc), arrays of variable length, cold
 * parts, functions split from their callers, #line, one static name in several units.
 */
#include "corpus.h"

volatile int corpus_sink;

extern void abort(void);

static CORPUS_NOINLINE int same_name(int x)
{
    return corpus_mix(x, 1) + corpus_sink;
}

CORPUS_NOINLINE __attribute__((cold)) static void complain(int code)
{
    corpus_sink = code;
    if (code > 1000)
        abort();
}

/* A table of jumps. */
CORPUS_NOINLINE int machine_step(int state, int input)
{
    switch (state) {
    case 0:
        return input + 1;
    case 1:
        return corpus_mix(input, state);
    case 2:
        CORPUS_TWICE(input);
        return 3;
    case 3:
        return input * input - corpus_sink;
    case 4:
        return input << 2;
    case 5:
        return same_name(input);
    case 6:
        return input / (state - corpus_sink + 1);
    case 7:
        return ~input;
    default:
        complain(state);
        return -1;
    }
}

/* Has a part that is hardly ever run, and one that the compiler may split off. */
CORPUS_NOINLINE int machine_guard(int *values, int count)
{
    int sum = 0;

    for (int i = 0; i < count; i++) {
        if (__builtin_expect(values[i] < 0, 0)) {
            complain(values[i]);
            sum -= corpus_deep(values, i);
            if (values[i] < -100)
                abort();
        }
        sum += corpus_mix(values[i], sum);
    }
    return sum;
}

static int maybe_part(int *values, int count)
{
    if (count == 0)
        return 0;
    for (int i = 0; i < count; i++) {
        values[i] = machine_step(values[i] & 7, i);
        corpus_sink += corpus_deep(values, count);
        CORPUS_TWICE(values[i] * 3);
        corpus_sink -= corpus_fold(values, i);
    }
    return machine_guard(values, count);
}

CORPUS_NOINLINE int machine_first(int *values, int count)
{
    return maybe_part(values, count) + 1;
}

CORPUS_NOINLINE int machine_second(int *values, int count)
{
    return maybe_part(values, count) - maybe_part(values + 1, count - 1);
}

/* The compiler may make a copy in which `scale` is what all callers pass. */
CORPUS_NOINLINE static int constant_argument(const int *values, int count, int scale)
{
    int sum = corpus_fold(values, count);

    return corpus_mix(sum * scale, count);
}

CORPUS_NOINLINE int machine_array(int count)
{
    int values[count + 2];

    for (int i = 0; i < count + 2; i++)
        values[i] = i * corpus_sink;
    corpus_sink = constant_argument(values, count, 7);
    return machine_first(values, count) + constant_argument(values, count - 1, 7);
}

#ifdef __clang__
static CORPUS_NOINLINE int machine_nested(int argument)
{
    return corpus_mix(argument, 9);
}
#else
static CORPUS_NOINLINE int machine_nested(int argument)
{
    int calls = 0;
    __attribute__((noinline)) int nested(int x)
    {
        calls++;
        return corpus_mix(x + argument, calls);
    }
    int between(int x)
    {
        return nested(x) - calls;
    }

    return between(argument) + nested(1) + calls;
}
#endif

#line 500 "generated.y"
CORPUS_NOINLINE int machine_generated(int x)
{
    int y = corpus_mix(x, 500);

    return y * corpus_sink;
}
#line 136 "machine.c"

/* Ends in a call that does not come back: its last byte is the call's. */
CORPUS_NOINLINE __attribute__((noreturn)) void machine_stop(int code)
{
    complain(code);
    abort();
}

CORPUS_NOINLINE int machine_tail(int x)
{
    return machine_array(corpus_mix(x, 2));
}

int machine_run(int argument)
{
    int values[8] = {argument, 2, 3, 4, 5, 6, 7, 8};

    if (argument > 1000000)
        machine_stop(argument);
    return machine_second(values, 8) + machine_nested(argument) + machine_generated(argument) +
           same_name(argument) + machine_tail(argument) + machine_assembler(argument);
}
