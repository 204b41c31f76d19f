/* What limits a program: every class by its evidence, none without, and one verdict with `Why`. */
#include "analyzer/insight/judge.h"
#include "analyzer/reports/why.h"

#include <math.h>

#include "tests/unit/judge_fixture.h"

#include <criterion/criterion.h>

#define NOBODY WAIT_THREAD_NONE
#define NOTHING WAIT_OBJECT_NONE

static struct profile *profile;

static void start(void)
{
    profile = waits_profile(4);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(bottleneck, .init = start, .fini = stop);

/* That verdict, its evidence has `text`, and `Why` begins with `why`. */
static void expect(enum bottleneck verdict, const char *text, const char *why)
{
    struct judgement judgement;
    struct time_shares shares;
    double sum = 0;

    judge(&judgement, profile);
    time_shares_init(&shares, profile);
    char *sentence = why_judged(profile, &shares, &judgement);
    cr_expect_eq(judgement.verdict, verdict, "%s: %s", bottleneck_name(judgement.verdict),
                 judgement.text);
    cr_expect(strstr(judgement.text, text) != NULL, "'%s' is not in '%s'", text, judgement.text);
    cr_expect(why == NULL ? sentence == NULL
                          : sentence != NULL && strncmp(sentence, why, strlen(why)) == 0,
              "'%s' does not begin '%s'", why, sentence);
    for (size_t i = 0; i < BOTTLENECK_CLASSES; i++) {
        cr_expect_not_null(judgement.classes[i].evidence);
        cr_expect(judgement.classes[i].strength >= 0, "%s", bottleneck_name((enum bottleneck)i));
        sum += judgement.classes[i].strength;
    }
    cr_expect_leq(sum, 1.000001, "parts of more than there is: %g", sum);
    free(sentence);
    time_shares_release(&shares);
    judgement_release(&judgement);
}

static double strength(enum bottleneck class)
{
    struct judgement judgement;

    judge(&judgement, profile);
    double found = judgement.classes[class].strength;
    judgement_release(&judgement);
    return found;
}

static bool is_known(enum bottleneck class)
{
    struct judgement judgement;

    judge(&judgement, profile);
    bool known = judgement.classes[class].known;
    judgement_release(&judgement);
    return known;
}

static void wait_for(uint32_t thread, uint32_t kind, uint32_t object, uint64_t ms)
{
    waits_add(profile, (struct made_wait){thread, kind, object, NOBODY, "main;work", 3, ms});
}

Test(bottleneck, nothing_is_known)
{
    expect(BOTTLENECK_UNKNOWN, "insufficient data: nothing is known of threads' time", NULL);
}

Test(bottleneck, too_short)
{
    waits_run(profile, 0, "main;hash", 9, 0);
    expect(BOTTLENECK_UNKNOWN, "insufficient data: 9.00 ms of thread time", "too short to tell");
}

Test(bottleneck, unseen_and_no_resource_tells)
{
    waits_run(profile, 0, "main;hash", 100, 0);
    judge_unseen(profile, 0, 900);
    expect(BOTTLENECK_UNKNOWN, "90 % blocked where no hook sees it",
           "blocked where no hook sees it: 90 % of thread time");
}

Test(bottleneck, cpu)
{
    waits_run(profile, 0, "main;hash", 800, 100);
    wait_for(0, TRACE_WAIT_READ, NOTHING, 100);
    expect(BOTTLENECK_CPU, "CPU-bound: 80 % of thread time on a processor, 10 % ready to run",
           "CPU-bound: 80 % of thread time is spent running, 10 % more ready to, most in hash");
    cr_expect_float_eq(strength(BOTTLENECK_CPU), 0.8, 1e-9);
    cr_expect_float_eq(strength(BOTTLENECK_IO), 0.1, 1e-9);
}

Test(bottleneck, no_processor)
{
    waits_run(profile, 0, "main", 200, 800);
    expect(BOTTLENECK_CPU, "80 % ready to run", "short of processors: 80 % of thread time");
}

Test(bottleneck, contention_at_a_lock)
{
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);

    waits_run(profile, 0, "main;rehash", 380, 0);
    wait_for(1, TRACE_WAIT_MUTEX, lock, 410);
    wait_for(1, TRACE_WAIT_READ, NOTHING, 120);
    wait_for(1, TRACE_WAIT_POLL, NOTHING, 90);
    expect(BOTTLENECK_CONTENTION, "41 % of thread time blocked for locks",
           "lock-bound: 41 % of thread time waits for dict_lock");
}

Test(bottleneck, contention_at_a_barrier)
{
    waits_run(profile, 0, "main;rehash", 400, 0);
    wait_for(0, TRACE_WAIT_BARRIER, NOTHING, 600);
    expect(BOTTLENECK_CONTENTION, "60 % for other threads to do something",
           "waiting for each other: 60 % of thread time");
}

Test(bottleneck, threads_that_will_never_go_on)
{
    uint32_t a = waits_lock(profile, "a", 0x10), b = waits_lock(profile, "b", 0x20);

    waits_run(profile, 0, "main", 900, 0);
    waits_single(profile, (struct made_single){0, TRACE_WAIT_MUTEX, b, 1, 5, 900, true, NULL});
    waits_single(profile, (struct made_single){1, TRACE_WAIT_MUTEX, a, 0, 6, 900, true, NULL});
    expect(BOTTLENECK_CONTENTION, "deadlock", "deadlock: t0 (101) has a");
}

Test(bottleneck, io)
{
    uint32_t file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});

    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_SYNC, file, 300);
    judge_rate(profile, "disk.busy", "sda", 12);
    judge_rate(profile, "disk.busy", "sdb", 96);
    expect(BOTTLENECK_IO, "75 % of thread time blocked for files and pipes; disk sdb busy 96 % of",
           "I/O-bound: 75 % of thread time waits for input and output, mostly sync of /data/log");
}

/* What the C library reads itself: by what the machine and the process say. */
Test(bottleneck, io_that_no_hook_sees)
{
    waits_run(profile, 0, "main", 200, 0);
    judge_unseen(profile, 0, 800);
    judge_rate(profile, "pressure.io", NULL, 39); /* of 2 s: 780 ms */
    expect(BOTTLENECK_UNKNOWN, "80 % blocked where no hook sees it", "blocked where");
    judge_rate(profile, "process.read", NULL, 50e6);
    expect(BOTTLENECK_IO, "; 0 % of thread time blocked for files and pipes",
           "I/O-bound: 80 % of thread time blocked where no hook sees it while somebody waited for "
           "a disk (");
}

Test(bottleneck, network)
{
    uint32_t socket = judge_socket(profile, "tcp 127.0.0.1:80");

    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_RECEIVE, socket, 200);
    wait_for(0, TRACE_WAIT_READ, socket, 100);
    expect(BOTTLENECK_NETWORK, "75 % of thread time blocked for sockets",
           "network-bound: 75 % of thread time waits for the network, mostly receive of tcp "
           "127.0.0.1:80 in work()");
    judge_rate(profile, "net.received", "eth0", 0);
    judge_rate(profile, "net.sent", "eth0", 2048);
    expect(BOTTLENECK_NETWORK,
           "; network cards received 0 B/s and sent 2.00 KiB/s (not what stays here)",
           "network-bound");
}

Test(bottleneck, sockets_of_this_machine_are_no_network)
{
    uint32_t socket = judge_socket(profile, "unix /run/db");

    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_RECEIVE, socket, 300);
    expect(BOTTLENECK_IO, "75 % of thread time blocked for files", "I/O-bound: 75 %");
}

Test(bottleneck, names_of_hosts)
{
    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_NAME_LOOKUP, NOTHING, 300);
    expect(BOTTLENECK_NETWORK, "names of hosts", "bound by name lookups: 75 %");
}

Test(bottleneck, allocator)
{
    waits_run(profile, 0, "main;insert;malloc;_int_malloc", 600, 0);
    waits_run(profile, 0, "main;work", 400, 0);
    expect(BOTTLENECK_ALLOCATOR, "60 % of thread time in the allocator's functions",
           "allocator-bound: 60 %");
    waits_run(profile, 0, "main;work", 1000, 0);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
    cr_expect_float_eq(strength(BOTTLENECK_ALLOCATOR), 0.3, 1e-9);
}

/* On a busy machine everything takes longer, by the same. */
Test(bottleneck, allocator_without_a_processor)
{
    waits_run(profile, 0, "main;insert;malloc", 200, 600);
    waits_run(profile, 0, "main;work", 100, 0);
    wait_for(0, TRACE_WAIT_READ, NOTHING, 100);
    expect(BOTTLENECK_ALLOCATOR,
           "20 % of thread time in the allocator's functions; 60 % ready to "
           "run without a processor",
           "allocator-bound: 20 %");
    cr_expect_float_eq(strength(BOTTLENECK_ALLOCATOR), 0.2, 1e-9);
    cr_expect_float_eq(strength(BOTTLENECK_CPU), 0.1, 1e-9);
}

/* Its own threads take each other's processors: that is part of what they do. */
Test(bottleneck, allocator_of_too_many_threads)
{
    waits_two_processors(profile);
    for (uint32_t i = 0; i < 4; i++) {
        waits_run(profile, i, "main;insert;malloc", 60, 60);
        waits_run(profile, i, "main;work", 40, 40);
        profile->threads[i].time = (struct thread_time){.known = true,
                                                        .has_runnable = true,
                                                        .cpu_ns = 100 * FIXTURE_MS,
                                                        .runnable_ns = 100 * FIXTURE_MS,
                                                        .wall_ns = 200 * FIXTURE_MS};
    }
    cr_expect_float_eq(strength(BOTTLENECK_ALLOCATOR), 0.6, 1e-9);
    cr_expect_float_eq(strength(BOTTLENECK_CPU), 0.4, 1e-9);
}

Test(bottleneck, memory_that_is_moved)
{
    waits_run(profile, 0, "main;load;__memmove_avx_unaligned_erms", 700, 0);
    waits_run(profile, 0, "main;work", 300, 0);
    expect(BOTTLENECK_MEMORY, "70 % of thread time in functions that move or clear memory",
           "memory-bound: 70 %");
}

/* A second of CPU time; 150 000 faults of two microseconds each, then 600 000 of which the kernel's
 * time has room for 450 000. */
Test(bottleneck, page_faults)
{
    waits_run(profile, 0, "main;touch", 1000, 0);
    judge_rate(profile, "process.faults", NULL, 75e3);
    cr_expect_float_eq(strength(BOTTLENECK_MEMORY), 0.3, 1e-9);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
    judge_rate(profile, "process.faults", NULL, 225e3);
    judge_rate(profile, "process.system", NULL, 45);
    expect(BOTTLENECK_MEMORY, "600 k page faults, estimated at 90 %", "memory-bound:");
}

Test(bottleneck, major_faults)
{
    waits_run(profile, 0, "main;touch", 100, 0);
    judge_unseen(profile, 0, 900);
    judge_rate(profile, "process.faults", NULL, 0);
    judge_rate(profile, "process.major-faults", NULL, 500);
    judge_rate(profile, "pressure.io", NULL, 43);
    expect(BOTTLENECK_MEMORY, "1.00 k major faults, which read from a disk; blocked by it for 90 %",
           "memory-bound:");
}

Test(bottleneck, one_major_fault)
{
    waits_run(profile, 0, "main;touch", 100, 0);
    judge_unseen(profile, 0, 900);
    judge_rate(profile, "process.faults", NULL, 0);
    judge_rate(profile, "process.major-faults", NULL, 0.5);
    struct judgement judgement;
    judge(&judgement, profile);
    const char *evidence = judgement.classes[BOTTLENECK_MEMORY].evidence;
    cr_expect(strstr(evidence, "; 1 major fault, which") != NULL, "%s", evidence);
    judgement_release(&judgement);
}

/* A machine short of memory holds up who waits, not who runs. */
Test(bottleneck, pressure_on_memory)
{
    judge_rate(profile, "pressure.memory", NULL, 80);
    waits_run(profile, 0, "main;touch", 1000, 0);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
    judge_unseen(profile, 0, 9000);
    cr_expect_float_eq(strength(BOTTLENECK_MEMORY), 0.16, 1e-9);
}

Test(bottleneck, gpu)
{
    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_POLL, NOTHING, 900);
    cr_expect_not(is_known(BOTTLENECK_GPU));
    expect(BOTTLENECK_BALANCED, "balanced", "mostly idle: 90 %");
    judge_gauge(profile, "gpu.busy", "card0", 3);
    judge_gauge(profile, "gpu.busy", "card1", 97);
    expect(BOTTLENECK_GPU, "graphics card card1 busy 97 % of the time", "GPU-bound: graphics card");
    cr_expect_float_eq(strength(BOTTLENECK_GPU), 0.873, 1e-9);
}

/* Who spins in a driver until the card is done. */
Test(bottleneck, gpu_that_is_waited_for_on_a_processor)
{
    struct frame frame = {.function = "spin", .module = "/usr/lib/x86_64-linux-gnu/libcuda.so.1"};
    uint32_t stack =
        profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &frame), false);

    entries_add(&profile->entries,
                &(struct profile_entry){.stack = stack,
                                        .value = {[METRIC_CPU] = 900 * (int64_t)FIXTURE_MS,
                                                  [METRIC_WALL] = 900 * (int64_t)FIXTURE_MS}});
    waits_run(profile, 0, "main", 100, 0);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
    judge_gauge(profile, "gpu.busy", "card0", 90);
    expect(BOTTLENECK_GPU, "81 % is spent running in its driver", "GPU-bound");
}

/* Locks, disks and networks are waited for however busy a card is. */
Test(bottleneck, a_busy_card_beside_other_waits)
{
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);

    judge_gauge(profile, "gpu.busy", "card1", 97);
    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_MUTEX, lock, 900);
    expect(BOTTLENECK_CONTENTION, "90 % of thread time blocked for locks", "lock-bound");
}

Test(bottleneck, slowed_processors)
{
    waits_run(profile, 0, "main;hash", 1000, 0);
    judge_rate(profile, "cpu.throttled", "cpu0", 30);
    judge_rate(profile, "cpu.throttled", "cpu1", 30);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
    cr_expect_float_eq(strength(BOTTLENECK_THROTTLED), 0.3, 1e-9);
    judge_rate(profile, "cpu.throttled", "cpu2", 99);
    expect(BOTTLENECK_THROTTLED, "throttled: 53 % of thread time on a processor that was slowed",
           "throttled: 53 %");
}

/* That no limit held it back does not tell whether processors were slow. */
Test(bottleneck, slowness_that_nobody_tells)
{
    waits_run(profile, 0, "main;hash", 1000, 0);
    judge_rate(profile, "cgroup.throttled", NULL, 0);
    cr_expect_not(is_known(BOTTLENECK_THROTTLED));
    judge_rate(profile, "cpu.throttled", "cpu0", 0);
    cr_expect(is_known(BOTTLENECK_THROTTLED));
}

/* As much as threads were ready to run for, not what others of the group lost. */
Test(bottleneck, limit_of_a_group)
{
    waits_run(profile, 0, "main;hash", 400, 600);
    judge_rate(profile, "cgroup.throttled", NULL, 28); /* of 2 s: 560 ms */
    judge_gauge(profile, "cgroup.cpu-limit", NULL, 0.5);
    expect(BOTTLENECK_THROTTLED,
           "held back for 560 ms by the limit of its control group, 0.5 processors: 56 % of",
           "throttled: held back");
    waits_run(profile, 0, "main;hash", 1000, 0);
    expect(BOTTLENECK_CPU, "CPU-bound", "CPU-bound");
}

Test(bottleneck, balanced)
{
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);
    uint32_t file = waits_file(profile, "/data/log", (struct object_io){9, 9, 9, 9});

    waits_run(profile, 0, "main;hash", 300, 0);
    wait_for(0, TRACE_WAIT_MUTEX, lock, 250);
    wait_for(0, TRACE_WAIT_READ, file, 240);
    wait_for(0, TRACE_WAIT_SLEEP, NOTHING, 210);
    expect(BOTTLENECK_BALANCED,
           "of thread time 30 % cpu, 25 % contention, 21 % asleep: no resource limits it",
           "balanced: of thread time 30 % cpu");
}

/* What is below a hundredth is no part of the sentence. */
Test(bottleneck, balanced_by_one)
{
    waits_run(profile, 0, "main;hash", 295, 0);
    waits_run(profile, 0, "main;malloc", 5, 0);
    wait_for(0, TRACE_WAIT_SLEEP, NOTHING, 700);
    expect(BOTTLENECK_BALANCED, "balanced: of thread time 30 % cpu, 70 % asleep: no resource",
           "mostly idle: 70 %");
}

/* What others took is no class of the program's, but too much to say nothing of it. */
Test(bottleneck, balanced_beside_others)
{
    waits_run(profile, 0, "main;hash", 240, 390);
    wait_for(0, TRACE_WAIT_SLEEP, NOTHING, 370);
    expect(BOTTLENECK_BALANCED,
           "37 % asleep, 39 % ready to run while other programs had the processors: no resource",
           "balanced: of thread time 24 % cpu");
}

Test(bottleneck, a_program_that_sleeps_is_limited_by_nothing)
{
    waits_run(profile, 0, "main;hash", 450, 0);
    wait_for(0, TRACE_WAIT_SLEEP, NOTHING, 550);
    expect(BOTTLENECK_BALANCED, "45 % cpu, 55 % asleep", "mostly idle: 55 %");
}

Test(bottleneck, waits_for_others)
{
    waits_run(profile, 0, "main", 100, 0);
    wait_for(0, TRACE_WAIT_CHILD, NOTHING, 900);
    expect(BOTTLENECK_BALANCED, "90 % waiting for other processes",
           "waiting for other processes: 90 %");
}

Test(bottleneck, waits_for_visitors)
{
    wait_for(0, TRACE_WAIT_ACCEPT, judge_socket(profile, "tcp 0.0.0.0:80"), 900);
    expect(BOTTLENECK_BALANCED, "100 % waiting for something to do", "balanced:");
}

/* Whatever there is of which: never more than all, and the sentence never names another class. */
Test(bottleneck, one_verdict_of_any_mixture)
{
    static const char *const begins[BOTTLENECK_CLASSES][6] = {
        [BOTTLENECK_CPU] = {"CPU-bound", "short of processors", "oversubscribed"},
        [BOTTLENECK_MEMORY] = {"memory-bound"},
        [BOTTLENECK_IO] = {"I/O-bound"},
        [BOTTLENECK_NETWORK] = {"network-bound"},
        [BOTTLENECK_GPU] = {"GPU-bound"},
        [BOTTLENECK_CONTENTION] = {"lock-bound", "waiting for each other", "bound by file locks"},
        [BOTTLENECK_ALLOCATOR] = {"allocator-bound"},
        [BOTTLENECK_THROTTLED] = {"throttled"},
    };
    unsigned seen = 0;

    srand(1);
    for (int round = 0; round < 300; round++) {
        stop();
        start();
        uint32_t lock = waits_lock(profile, "l", 0x10),
                 tcp = judge_socket(profile, "tcp 1.2.3.4:5");
        uint32_t file = waits_file(profile, "/data", (struct object_io){9, 9, 9, 9});
        uint64_t part[12];
        for (size_t i = 0; i < 12; i++)
            part[i] = rand() % 3 == 0 ? (uint64_t)(rand() % 1000) : 1;
        part[rand() % 12] += 1500;
        waits_run(profile, 0, "main;hash", part[0], part[1]);
        waits_run(profile, 0, "main;malloc", part[2], 0);
        waits_run(profile, 0, "main;memcpy", part[3], 0);
        wait_for(0, TRACE_WAIT_MUTEX, lock, part[4]);
        wait_for(0, TRACE_WAIT_BARRIER, NOTHING, part[5]);
        wait_for(0, TRACE_WAIT_READ, file, part[6]);
        wait_for(0, TRACE_WAIT_SEND, tcp, part[7]);
        wait_for(0, TRACE_WAIT_SLEEP, NOTHING, part[8]);
        judge_unseen(profile, 0, part[9]);
        judge_gauge(profile, "gpu.busy", "card0", part[10] > 400 ? 95 : 0);
        judge_rate(profile, "cpu.throttled", "cpu0", part[11] > 400 ? 90 : 0);
        struct judgement judgement;
        struct time_shares shares;
        judge(&judgement, profile);
        time_shares_init(&shares, profile);
        char *why = why_judged(profile, &shares, &judgement);
        for (size_t class = 0; class < BOTTLENECK_CLASSES; class ++)
            for (size_t i = 0; begins[class][i] != NULL; i++)
                cr_expect(strncmp(why, begins[class][i], strlen(begins[class][i])) != 0 ||
                              judgement.verdict == class,
                          "%s, but '%s'", judgement.text, why);
        cr_expect(judgement.verdict < BOTTLENECK_CLASSES ||
                      strstr(why, bottleneck_name(judgement.verdict)) != NULL,
                  "%s is not in '%s'", bottleneck_name(judgement.verdict), why);
        seen |= 1u << judgement.verdict;
        free(why);
        time_shares_release(&shares);
        judgement_release(&judgement);
    }
    cr_expect_eq(seen, (1u << BOTTLENECK_NAMES) - 1, "%x: some were never the verdict", seen);
}
