/*
 * A trace whose resources are known: `resource_trace FILE MODULE`. 10 s from 1 s on, looked at every
 * 100 ms:
 *   processors  0 at 3000 MHz all the time; 1 at 3000 but from 4 s to 7 s, when it has 1200
 *   thread 1    "fast", on processor 0, in the function at MODULE + 0x1000
 *   thread 2    "slow", on processor 1: 3.5 s in 0x2000, then 2.5 s in 0x3000, then 0x2000 again
 * Each thread is sampled every 10 ms, for 10 ms: of 20 s of CPU time 3 s are throttled, 2.5 s of
 * them in 0x3000.
 * What else there is: cpu.busy 50 %, then from 6 s on 100 %; disk.written of sda 0 but for 1 MiB
 * between 5.0 and 5.1 s; net.received of an interface with a hostile name; process.rss from 1 MiB
 * on 1 MiB more a second; memory.oom-kills always 0; sensors that are not there.
 */
#include "tests/unit/resource_maker.h"

#define S 1000000000ull
#define LOOKS 101u
#define SAMPLES 1000u

static struct bytes file, payload;
static uint64_t next_id;

static uint64_t define(unsigned type, unsigned scope, unsigned digits, uint64_t tid,
                       const char *name, const char *unit, const char *subject)
{
    next_id++;
    make_series(&payload,
                (struct made_series){next_id, type, scope, digits, tid, name, unit, subject, NULL});
    return next_id;
}

static void lack(unsigned type, unsigned scope, const char *name, const char *reason)
{
    next_id++;
    make_series(&payload,
                (struct made_series){next_id, type, scope, 0, 0, name, "x", NULL, reason});
}

static void tell(uint64_t id, int64_t (*value)(unsigned look))
{
    int64_t values[LOOKS];

    for (unsigned i = 0; i < LOOKS; i++)
        values[i] = value(i);
    make_points(&payload, id, S, 100000, values, LOOKS);
}

static int64_t always_0(unsigned look)
{
    (void)look;
    return 0;
}

static int64_t always_1(unsigned look)
{
    (void)look;
    return 1;
}

static int64_t nominal(unsigned look)
{
    (void)look;
    return 3000000;
}

static int64_t slowed(unsigned look)
{
    return look >= 30 && look < 60 ? 1200000 : 3000000;
}

/* Nanoseconds of the time. */
static int64_t all(unsigned look)
{
    return (int64_t)look * 100000000;
}

static int64_t half_then_all(unsigned look)
{
    return (int64_t)look * 50000000 + (look > 50 ? (int64_t)(look - 50) * 50000000 : 0);
}

static int64_t burst(unsigned look)
{
    return look > 40 ? 1 << 20 : 0;
}

static int64_t steady(unsigned look)
{
    return (int64_t)look * 1500;
}

static int64_t growing(unsigned look)
{
    return (int64_t)(1 << 20) + (int64_t)look * (1 << 20) / 10;
}

static int64_t period(unsigned look)
{
    (void)look;
    return 100;
}

static int64_t cost(unsigned look)
{
    return (int64_t)look * 100000;
}

static void tell_machine(void)
{
    const char *const processors[] = {"0", "1"};

    tell(define(MADE_COUNTER, MADE_MACHINE, 7, 0, "cpu.busy", "%", NULL), half_then_all);
    for (unsigned i = 0; i < 2; i++) {
        tell(define(MADE_GAUGE, MADE_MACHINE, 3, 0, "cpu.mhz", "MHz", processors[i]),
             i == 0 ? nominal : slowed);
        tell(define(MADE_GAUGE, MADE_MACHINE, 3, 0, "cpu.mhz-nominal", "MHz", processors[i]),
             nominal);
    }
    for (unsigned i = 0; i < 5; i++)
        tell(
            define(MADE_COUNTER, MADE_MACHINE, 7, 0, "cpu.core", "%", (char[]){(char)('0' + i), 0}),
            i == 3 ? all : half_then_all);
    tell(define(MADE_COUNTER, MADE_MACHINE, 0, 0, "disk.written", "bytes/s", "sda"), burst);
    tell(define(MADE_COUNTER, MADE_MACHINE, 0, 0, "net.received", "bytes/s",
                "<script>\x1b[31m\n\xff"),
         steady);
    tell(define(MADE_COUNTER, MADE_MACHINE, 0, 0, "memory.oom-kills", "1/s", NULL), always_0);
    tell(define(MADE_GAUGE, MADE_MACHINE, 3, 0, "collector.period", "s", NULL), period);
    tell(define(MADE_COUNTER, MADE_MACHINE, 7, 0, "collector.cpu", "%", NULL), cost);
    lack(MADE_GAUGE, MADE_MACHINE, "cpu.temperature", "no sensor");
    lack(MADE_GAUGE, MADE_MACHINE, "power.battery", "no battery");
    lack(MADE_GAUGE, MADE_MACHINE, "power.charge", "no battery");
}

static void tell_threads(void)
{
    tell(define(MADE_GAUGE, MADE_PROCESS, 0, 0, "process.rss", "bytes", NULL), growing);
    tell(define(MADE_COUNTER, MADE_THREAD, 7, 101, "thread.cpu", "%", NULL), all);
    tell(define(MADE_COUNTER, MADE_THREAD, 7, 102, "thread.cpu", "%", NULL), half_then_all);
    tell(define(MADE_GAUGE, MADE_THREAD, 0, 101, "thread.processor", "number", NULL), always_0);
    tell(define(MADE_GAUGE, MADE_THREAD, 0, 102, "thread.processor", "number", NULL), always_1);
}

static uint64_t stack_of(unsigned thread, unsigned sample)
{
    if (thread == 1)
        return 8;
    return sample >= 350 && sample < 600 ? 10 : 9;
}

static void tell_samples(void)
{
    static struct made_sample samples[SAMPLES];

    for (unsigned thread = 1; thread <= 2; thread++) {
        for (unsigned i = 0; i < SAMPLES; i++)
            samples[i] = (struct made_sample){10000, stack_of(thread, i), 1, 0, 0, 0, 0};
        make_samples(&payload, thread, S, samples, SAMPLES, 0);
        make_totals(&payload, (uint64_t[]){thread, 10 * S, SAMPLES, 0, 0, 0, 0, 0, 0, 11 * S});
    }
}

int main(int argc, char **argv)
{
    const struct made_node nodes[] = {{8, 0, 0x11000, 1}, {9, 0, 0x12000, 1}, {10, 0, 0x13000, 1}};

    if (argc < 3)
        return 2;
    make_property(&payload, "comm", "made");
    make_property(&payload, "pid", "100");
    make_property(&payload, "ppid", "1");
    make_property(&payload, "weight_unit_ns", "10000000");
    make_property(&payload, "frequency_asked", "100");
    make_property(&payload, "start_monotonic_ns", "1000000000");
    make_property(&payload, "resources", "on");
    make_property(&payload, "resources_asked", "10");
    make_module(&payload, (struct made_module){1, 0x10000, 0x20000, 0x10000, 0, argv[2], ""});
    make_thread(&payload, 1, 101, S, "fast");
    make_thread(&payload, 2, 102, S, "slow");
    make_stacks(&payload, 0, nodes, 3);
    tell_machine();
    tell_threads();
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    tell_samples();
    make_end(&payload, 1, 0, 11 * S, 20 * S);
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 0, 1});
    make_file(argv[1], &file);
    bytes_free(&file);
    return 0;
}
