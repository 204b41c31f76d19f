/* What is recommended by resources, from which figures on, and that nothing is without them. */
#include <math.h>

#include "tests/unit/advice_fixture.h"
#include "tests/unit/judge_fixture.h"

#define NOBODY WAIT_THREAD_NONE
#define NOTHING WAIT_OBJECT_NONE

static struct profile *profile;

/* One thread, two processors. */
static void start(void)
{
    profile = waits_profile(1);
    waits_two_processors(profile);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(rules_resources, .init = start, .fini = stop);

static uint32_t expect(const char *rule, const char *text)
{
    return advice_expect(profile, NULL, rule, text);
}

static void rate(const char *name, double value)
{
    judge_rate(profile, name, NULL, value);
}

static void gauge(const char *name, double value)
{
    judge_gauge(profile, name, NULL, value);
}

static void again(void)
{
    stop();
    start();
}

static void wait_for(uint32_t kind, uint32_t object, uint64_t ms)
{
    waits_add(profile, (struct made_wait){0, kind, object, NOBODY, "main;work", 3, ms});
}

Test(rules_resources, nothing_of_a_quiet_machine)
{
    struct recommendations all;

    waits_run(profile, 0, "main;hash", 900, 10);
    rate("cgroup.throttled", 0);
    rate("cgroup.throttles", 0);
    gauge("cgroup.cpu-limit", 2);
    gauge("cgroup.memory", 1e8);
    gauge("cgroup.memory-limit", 4e9);
    rate("cpu.busy", 50);
    rate("cpu.steal", 0.1);
    rate("cpu.throttled", 0);
    gauge("cpu.mhz", 3000);
    gauge("cpu.mhz-nominal", 2800);
    rate("pressure.memory", 0);
    rate("memory.swap-in", 0);
    rate("memory.oom-kills", 0);
    rate("disk.busy", 95); /* others' */
    rate("net.retransmits", 100);
    rate("net.packets-out", 1000);
    gauge("gpu.busy", 1);
    recommendations_init(&all, profile, NULL);
    for (size_t i = 0; i < all.count; i++)
        cr_expect_str_eq(all.items[i].rule, "few-samples", "%s", all.items[i].finding);
    recommendations_release(&all);
}

Test(rules_resources, cpu_limit)
{
    waits_run(profile, 0, "main;hash", 500, 500);
    expect("cpu-limit", NULL);
    rate("cgroup.throttled", 25);
    rate("cgroup.throttles", 5);
    gauge("cgroup.cpu-limit", 0.5);
    expect("cpu-limit", "the control group may use 0.5 processors and was held back for 500 ms in "
                        "10 of its periods: 50 % of the 1.00 s threads ran or wanted to");
    again(); /* held back were others */
    waits_run(profile, 0, "main;hash", 980, 20);
    rate("cgroup.throttled", 50);
    expect("cpu-limit", NULL);
}

static void spend(uint64_t cpu_ms, uint64_t runnable_ms)
{
    profile->threads[0].time = (struct thread_time){.known = true,
                                                    .has_runnable = true,
                                                    .cpu_ns = cpu_ms * FIXTURE_MS,
                                                    .runnable_ns = runnable_ms * FIXTURE_MS,
                                                    .wall_ns = (cpu_ms + runnable_ms) * FIXTURE_MS};
}

Test(rules_resources, busy_machine)
{
    spend(1200, 800);
    expect("busy-machine", NULL); /* whose load it was is not known */
    rate("cpu.busy", 98);
    rate("process.cpu", 60);
    expect("busy-machine", "other programs use 1.4 of 2 processors on average; this one's threads "
                           "waited for one for 40 % of the 2.00 s");
    rate("cgroup.throttled", 35); /* its own limit was it */
    expect("busy-machine", NULL);
    again();
    spend(1980, 20);
    rate("cpu.busy", 98);
    rate("process.cpu", 99);
    expect("busy-machine", NULL);
}

Test(rules_resources, stolen_time)
{
    waits_run(profile, 0, "main;hash", 900, 0);
    rate("cpu.steal", 12);
    expect("stolen-time", "took 12 % of its processors' time, up to 12 %");
    again();
    rate("cpu.steal", 12);
    wait_for(TRACE_WAIT_READ, NOTHING, 900);
    expect("stolen-time", NULL);
}

Test(rules_resources, hot_processor)
{
    waits_run(profile, 0, "main;hash", 900, 0);
    rate("cpu.throttled", 3);
    expect("hot-processor", NULL);
    rate("cpu.throttled", 37);
    rate("cpu.throttles", 4);
    gauge("cpu.temperature", 97);
    expect("hot-processor", "slowed down for their temperature 8 times, 20 % of the time at up to "
                            "97 degC; 100 % of thread time is spent running");
}

Test(rules_resources, slow_clock)
{
    waits_run(profile, 0, "main;hash", 900, 0);
    gauge("cpu.mhz-nominal", 3000);
    judge_gauge(profile, "cpu.mhz", "cpu0", 800);
    judge_gauge(profile, "cpu.mhz", "cpu1", 1200);
    expect("slow-clock", "the fastest processor ran at 1200 MHz on average, 40 % of its 3000 MHz");
    judge_gauge(profile, "cpu.mhz", "cpu2", 2900);
    expect("slow-clock", NULL);
    again(); /* a program that waits needs no fast processor */
    gauge("cpu.mhz-nominal", 3000);
    gauge("cpu.mhz", 800);
    wait_for(TRACE_WAIT_SLEEP, NOTHING, 900);
    expect("slow-clock", NULL);
}

Test(rules_resources, memory_limit)
{
    waits_run(profile, 0, "main;hash", 900, 0);
    gauge("cgroup.memory", 950 << 20);
    expect("memory-limit", NULL);
    gauge("cgroup.memory-limit", 1000 << 20);
    expect("memory-limit", "used up to 950 MiB of the 1000 MiB it may (95 %)");
    again();
    gauge("cgroup.memory", 800 << 20);
    gauge("cgroup.memory-limit", 1000 << 20);
    expect("memory-limit", NULL);
    again(); /* as version 1 says none */
    gauge("cgroup.memory", 9.2e18);
    gauge("cgroup.memory-limit", 9.223372036854771712e18);
    expect("memory-limit", NULL);
}

Test(rules_resources, killed_for_memory)
{
    rate("memory.oom-kills", 1);
    gauge("memory.available", 300 << 20);
    expect("killed-for-memory", "2 processes on this machine were killed for want of memory; 300 "
                                "MiB were available");
}

Test(rules_resources, short_of_memory)
{
    rate("pressure.memory", 5);
    expect("short-of-memory", NULL);
    rate("memory.swap-in", 4 << 20);
    rate("memory.swap-out", 8 << 20);
    expect("short-of-memory", "somebody waited for memory 5.0 % of the time, 8.00 MiB were read "
                              "from swap space and 16.0 MiB written to it");
    again();
    rate("pressure.memory", 30);
    expect("short-of-memory", "somebody waited for memory 30 % of the time");
}

Test(rules_resources, busy_disk)
{
    uint32_t file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});

    waits_run(profile, 0, "main;hash", 600, 0);
    wait_for(TRACE_WAIT_SYNC, file, 400);
    judge_rate(profile, "disk.busy", "vda", 96);
    judge_rate(profile, "disk.written", "vda", 50 << 20);
    uint32_t stack = expect("busy-disk", "disk vda had something to do 96 % of the time: 0 B/s "
                                         "were read and 50.0 MiB/s written; 40 % of thread time "
                                         "is blocked for it, most in work() from main()");
    cr_expect_eq(stack, waits_stack(profile, "main;work", TRACE_WAIT_SYNC));
    again();
    file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});
    waits_run(profile, 0, "main;hash", 600, 0);
    wait_for(TRACE_WAIT_SYNC, file, 400);
    judge_rate(profile, "disk.busy", "vda", 60);
    expect("busy-disk", NULL);
}

/* What goes with it is told, where that is significant. */
Test(rules_resources, what_goes_with_a_resource)
{
    uint32_t file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});
    struct relation_cause cause = {.activity = ACTIVITY_IO_WAIT,
                                   .stack = fixture_stack(profile, "main;commit"),
                                   .relation = {.strength = 0.93, .significant = true}};
    struct relation_series series = {.name = "disk.written", .causes = &cause, .cause_count = 1};
    const struct relations relations = {.series = &series, .series_count = 1};

    waits_run(profile, 0, "main;hash", 600, 0);
    wait_for(TRACE_WAIT_SYNC, file, 400);
    judge_rate(profile, "disk.busy", "vda", 96);
    judge_rate(profile, "disk.written", "vda", 50 << 20);
    uint32_t stack = advice_expect(profile, &relations, "busy-disk",
                                   "; it goes with I/O waits in commit() from main() (r 0.93)");
    cr_expect_eq(stack, cause.stack);
    cause.relation.significant = false;
    stack = advice_expect(profile, &relations, "busy-disk",
                          "is blocked for it, most in work() from main()");
    cr_expect_neq(stack, cause.stack);
}

static void talk(void)
{
    waits_run(profile, 0, "main;hash", 100, 0);
    wait_for(TRACE_WAIT_SEND, judge_socket(profile, "tcp 10.0.0.1:80"), 300);
    rate("net.packets-out", 5000);
    rate("net.packets-in", 5000);
}

Test(rules_resources, retransmits)
{
    talk();
    rate("net.retransmits", 40);
    expect("retransmits", NULL);
    again();
    talk();
    rate("net.retransmits", 150);
    expect("retransmits", "300 of 10.0 k packets the machine sent were segments of TCP sent again "
                          "(3.0 %); 75 % of thread time is blocked for it, most in work()");
}

Test(rules_resources, dropped_packets)
{
    talk();
    judge_rate(profile, "net.drops", "eth0", 1);
    expect("dropped-packets", NULL);
    again();
    talk();
    judge_rate(profile, "net.drops", "eth0", 200);
    expect("dropped-packets", "interface eth0 dropped or damaged 400 of 20.0 k packets (2.0 %)");
}

Test(rules_resources, idle_card)
{
    waits_run(profile, 0, "main;prepare", 800, 0);
    wait_for(TRACE_WAIT_POLL, NOTHING, 200);
    judge_gauge(profile, "gpu.busy", "card0", 2); /* it is not used */
    expect("idle-card", NULL);
    expect("busy-card", NULL);
    judge_gauge(profile, "gpu.busy", "card1", 30);
    expect("idle-card", NULL); /* somebody else's */
    struct frame frame = {.function = "cuLaunchKernel", .module = "/usr/lib/libcuda.so.1"};
    profile_add_frame(profile, &frame);
    expect("idle-card", "graphics card card1 has something to do 30 % of the time only, while 80 % "
                        "of thread time is spent running");
}

Test(rules_resources, busy_card)
{
    waits_run(profile, 0, "main;prepare", 100, 0);
    wait_for(TRACE_WAIT_POLL, NOTHING, 900);
    judge_gauge(profile, "gpu.busy", "card0", 60);
    expect("busy-card", NULL);
    again();
    waits_run(profile, 0, "main;prepare", 100, 0);
    wait_for(TRACE_WAIT_POLL, NOTHING, 900);
    judge_gauge(profile, "gpu.busy", "card0", 97);
    gauge("gpu.memory", 20e9);
    gauge("gpu.memory-total", 24e9);
    expect("busy-card", "graphics card card0 has something to do 97 % of the time, by this program "
                        "or another, with up to 18.6 GiB of its 22.4 GiB");
    expect("idle-card", NULL);
}
