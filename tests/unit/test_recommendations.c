/* What is recommended, from which figures on, and that nothing is without them. */
#include "tests/unit/advice_fixture.h"

#define NOTHING WAIT_OBJECT_NONE

static struct profile *profile;

/* Four threads of which little is known, on two processors. */
static void start(void)
{
    profile = waits_profile(4);
    waits_two_processors(profile);
}

static void stop(void)
{
    profile_free(profile);
}

TestSuite(recommendations, .init = start, .fini = stop);

static void expect(const char *rule, const char *text)
{
    advice_expect(profile, NULL, rule, text);
}

/* Of the run, whatever part of all calls or blocks are such. */
static double at_stake(const char *rule)
{
    struct recommendations all;
    double share = -1;

    recommendations_init(&all, profile, NULL);
    for (size_t i = 0; i < all.count; i++)
        if (strcmp(all.items[i].rule, rule) == 0)
            share = all.items[i].share;
    recommendations_release(&all);
    return share;
}

static void cpu(uint32_t thread, const char *stack, int64_t ms)
{
    fixture_entry(profile, thread, fixture_stack(profile, stack), ms * (int64_t)FIXTURE_MS, 0);
}

/* Many samples, so that nothing is said about their number. */
static void many_samples(void)
{
    struct profile_entry entry = {.stack = fixture_stack(profile, "main"),
                                  .value = {[METRIC_SAMPLES] = 1000}};

    entries_add(&profile->entries, &entry);
}

static void spend(uint32_t thread, uint64_t cpu_ms, uint64_t runnable_ms)
{
    profile->threads[thread].time =
        (struct thread_time){.known = true,
                             .has_runnable = true,
                             .cpu_ns = cpu_ms * FIXTURE_MS,
                             .runnable_ns = runnable_ms * FIXTURE_MS,
                             .wall_ns = (cpu_ms + runnable_ms) * FIXTURE_MS};
}

static void idle(uint32_t thread)
{
    profile->threads[thread].cpu_ns = 0;
}

Test(recommendations, nothing_of_a_balanced_program)
{
    struct recommendations all;

    cpu(0, "main;a", 300);
    cpu(1, "work;b", 300);
    many_samples();
    recommendations_init(&all, profile, NULL);
    cr_expect_eq(all.count, 0, "%s", all.count > 0 ? all.items[0].finding : "");
    recommendations_release(&all);
    expect("no-such-rule", NULL);
}

Test(recommendations, oversubscribed)
{
    for (uint32_t i = 0; i < 4; i++)
        spend(i, 500, 500);
    expect("oversubscribed",
           "4 threads want a processor at the same time, and there are 2: 50 % of the "
           "4.00 s they ran or wanted to");
    profile->is_narrowed = true; /* the kernel counts whole threads */
    expect("oversubscribed", NULL);
    profile->is_narrowed = false;
    spend(0, 500, 0);
    spend(1, 500, 0);
    spend(2, 10, 0);
    spend(3, 10, 0);
    expect("oversubscribed", NULL);
}

Test(recommendations, one_thread)
{
    for (uint32_t i = 1; i < 4; i++)
        idle(i);
    profile->threads[0].cpu_ns = 1950 * FIXTURE_MS; /* of 2 s wall */
    cpu(0, "main;hot", 1900);
    expect("one-thread",
           "of 2 processors 0.97 are used: thread t0 (101) runs 98 % of the wall time, "
           "all others together 0 ns; it is most in hot() from main()");
    profile->threads[0].cpu_ns = 1000 * FIXTURE_MS; /* it waits */
    expect("one-thread", NULL);
    profile->threads[0].cpu_ns = profile->threads[1].cpu_ns = 1950 * FIXTURE_MS;
    expect("one-thread", NULL);
    idle(1);
    ((struct profile_property *)profile->processes[0].properties)->value = "1";
    expect("one-thread", NULL);
}

Test(recommendations, serial_phase)
{
    profile->threads[0].cpu_ns = 900 * FIXTURE_MS;
    for (uint32_t i = 1; i < 4; i++)
        profile->threads[i].start_ns = 2000000000; /* the first is alone for one second of two */
    cpu(0, "main;parse", 900);
    expect("serial-phase",
           "for 1.00 s of 2.00 s wall (50 %) thread t0 (101) is alone, on one of 2 "
           "processors; it runs 900 ms in all, most in parse() from main(). 3 other "
           "threads run 1.50 s in the rest");
    profile->threads[0].cpu_ns = 100 * FIXTURE_MS; /* it waits for something */
    expect("serial-phase", NULL);
    profile->threads[0].cpu_ns = 900 * FIXTURE_MS;
    for (uint32_t i = 1; i < 4; i++)
        profile->threads[i].start_ns = 1100000000;
    expect("serial-phase", NULL);
}

Test(recommendations, copying)
{
    cpu(0, "main;load;__memmove_avx_unaligned_erms", 20);
    cpu(0, "main;key;strlen", 5);
    cpu(0, "main;work", 75);
    expect("copying", "25 % of CPU time goes into copying, clearing and scanning memory, most in "
                      "__memmove_avx_unaligned_erms (20 %); the hottest stack is");
    cpu(0, "main;work", 400);
    expect("copying", NULL);
    /* Names that begin alike. */
    cpu(0, "main;strlen_cache", 500);
    cpu(0, "main;memory_pool", 500);
    expect("copying", NULL);
}

Test(recommendations, allocator)
{
    cpu(0, "main;insert;operator new(unsigned long);malloc;_int_malloc", 15);
    cpu(0, "main;work", 85);
    expect("allocator", "15 % of CPU time is spent by the allocator, most in _int_malloc (15 %)");
    cpu(0, "main;freeze", 100);
    cpu(0, "main;malloc_stats_of_mine", 100);
    expect("allocator", NULL);
}

static void queue(uint64_t blocked)
{
    uint32_t lock = waits_lock(profile, "dict_lock", 0x10);

    waits_run(profile, 3, "main;rehash", 1000, 0);
    for (uint32_t i = 0; i < 3; i++) {
        waits_single(profile, (struct made_single){i, TRACE_WAIT_MUTEX, lock, 3, 100 + i,
                                                   100 + blocked, false, "main;rehash"});
        waits_add(profile,
                  (struct made_wait){i, TRACE_WAIT_MUTEX, lock, 3, "main;find", 1, blocked});
    }
}

Test(recommendations, convoy)
{
    queue(400);
    expect("convoy",
           "3 threads queue at dict_lock, up to 3 at a time: 1.20 s blocked there, 55 % of "
           "thread time, most in find() from main(), mostly while its holder was in rehash()");
}

Test(recommendations, a_short_queue_is_none)
{
    queue(10);
    expect("convoy", NULL);
}

Test(recommendations, small_calls)
{
    uint32_t file = waits_file(profile, "/tmp/log", (struct object_io){10000, 120000, 9900, 0});

    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, file, WAIT_THREAD_NONE, "main;next", 3, 5});
    cr_expect_float_eq(at_stake("small-calls"), 10000 * 0.99 * 500e-9 / 2, 1e-9);
    expect("small-calls",
           "10.0 k reads from /tmp/log, 4.95 k a second, 12 bytes each on average; 99 % "
           "of them below 512 bytes; the longest wait is in next() from main()");
    profile->objects[file].reads.small = 4000; /* others are not */
    expect("small-calls", NULL);
    profile->objects[file].reads = (struct object_io){1000, 12000, 1000, 0}; /* few */
    expect("small-calls", NULL);
}

/* Many files together, which all end; the ends cannot be collected. */
Test(recommendations, small_calls_of_many_files)
{
    uint32_t files = waits_file(profile, "others", (struct object_io){10000, 120000, 9900, 0});

    profile->objects[files].kind = TRACE_OBJECT_OTHER;
    expect("small-calls", NULL);
    expect("small-messages", NULL);
}

/* A read of a socket gives what has come: no buffer makes it more. */
Test(recommendations, small_messages)
{
    uint32_t peer = waits_file(profile, "tcp :80", (struct object_io){10000, 10000, 9900, 0});

    profile->objects[peer].kind = TRACE_OBJECT_SOCKET;
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_SEND, peer, WAIT_THREAD_NONE, "main;answer", 3, 9});
    waits_add(profile,
              (struct made_wait){0, TRACE_WAIT_READ, peer, WAIT_THREAD_NONE, "main;next", 3, 5});
    expect("small-calls", NULL);
    expect("small-messages",
           "1 byte each on average; 99 % of them below 512 bytes; the longest wait is in next()");
    profile->objects[peer].writes = (struct object_io){20000, 140000, 19900, 0};
    expect("small-messages", "20.0 k writes to tcp :80, 9.95 k a second, 7 bytes each on average; "
                             "100 % of them below 512 bytes; the longest wait is in answer()");
    profile->objects[peer].kind = TRACE_OBJECT_PIPE;
    expect("small-messages", NULL);
    expect("small-calls", "20.0 k writes");
}

static void temporary(int64_t count, int64_t of)
{
    struct profile_entry entry = {
        .stack = fixture_stack(profile, "main;parse"),
        .value = {[METRIC_ALLOC_COUNT] = of, [METRIC_TEMPORARY_COUNT] = count}};

    entries_add(&profile->entries, &entry);
}

Test(recommendations, temporary_allocations)
{
    temporary(40000, 100000);
    cr_expect_float_eq(at_stake("temporary-allocations"), 40000 * 50e-9 / 2, 1e-9);
    expect("temporary-allocations",
           "40.0 k allocations of parse are freed before the next one, 40 % of "
           "all 100 k");
    temporary(0, 900000);
    expect("temporary-allocations", NULL);
}

/* So many of them took 5 ms of two seconds on a processor, and as many of 100 ms: that is worth it. */
Test(recommendations, temporary_allocations_beside_the_time)
{
    struct profile_entry entry = {.stack = fixture_stack(profile, "main;hash"),
                                  .value = {[METRIC_CPU] = 2000000000}};

    temporary(100000, 100000);
    entries_add(&profile->entries, &entry);
    expect("temporary-allocations", NULL);
    entry.value[METRIC_CPU] = -1900000000;
    entries_add(&profile->entries, &entry);
    expect("temporary-allocations", "100 k allocations of parse");
}

Test(recommendations, few_temporary_allocations)
{
    temporary(900, 1000);
    expect("temporary-allocations", NULL);
}

static void look(uint64_t live, uint64_t held)
{
    struct profile_mapped *mapped = &profile->processes[0].mapped;

    free(mapped->looks);
    mapped->looks = memory_alloc(sizeof(*mapped->looks));
    mapped->look_count = mapped->look_capacity = 1;
    mapped->looks[0] = (struct profile_resident){.known = TRACE_RESIDENT_LIVE | TRACE_RESIDENT_HELD,
                                                 .live = live << 20,
                                                 .held_resident = held << 20};
}

Test(recommendations, fragmentation)
{
    look(50, 200);
    expect("fragmentation",
           "at the end the allocator has 200 MiB in memory and 50.0 MiB of it in use: "
           "150 MiB (75 %)");
    look(150, 200);
    expect("fragmentation", NULL);
    look(1, 20);
    expect("fragmentation", NULL);
    look(50, 200);
    profile->processes[0].mapped.looks[0].known = TRACE_RESIDENT_HELD;
    expect("fragmentation", NULL);
}

Test(recommendations, few_samples)
{
    cpu(0, "main", 10);
    expect("few-samples", "1 samples in 10.0 ms of CPU time");
    many_samples();
    expect("few-samples", NULL);
}

Test(recommendations, lost_samples)
{
    profile->threads[0].lost = 40;
    expect("lost-samples", "40 samples of 440 (9.1 %) were lost");
    profile->threads[0].lost = 2;
    expect("lost-samples", NULL);
}

Test(recommendations, truncated_and_guessed_stacks)
{
    const struct profile_trouble trouble = {.module = "/usr/lib/libodd.so", .samples = 30};

    profile->processes[0].truncated = 8;
    profile->processes[0].guessed = 40;
    profile_add_trouble(profile, &trouble);
    expect("truncated-stacks", "8 of 400 stacks (2.0 %)");
    expect("guessed-stacks",
           "40 of 400 stacks (10 %) have callers that were guessed, 30 of them in "
           "libodd.so");
    profile->processes[0].truncated = 3;
    profile->processes[0].guessed = 10;
    expect("truncated-stacks", NULL);
    expect("guessed-stacks", NULL);
}

Test(recommendations, functions_without_names)
{
    struct frame frame = {.function = "[libodd.so+0x1200]", .module = "/usr/lib/libodd.so"};
    uint32_t odd =
        profile_add_stack(profile, STACK_NONE, profile_add_frame(profile, &frame), false);

    fixture_entry(profile, 0, odd, 20 * (int64_t)FIXTURE_MS, 0);
    cpu(0, "main;work", 80);
    expect("no-names", "20 % of CPU time is in functions without a name, most of it in "
                       "/usr/lib/libodd.so (20 %)");
    cpu(0, "main;work", 800);
    expect("no-names", NULL);
}

/* Any share of a few samples may be one sample's; and nobody waits for a run of some milliseconds. */
Test(recommendations, too_short_to_advise)
{
    cpu(0, "main;strlen", 9);
    expect("copying", NULL);
    cpu(0, "main;strlen", 1);
    expect("copying", "100 % of CPU time");
    profile->processes[0].end_ns = profile->processes[0].start_ns + 9 * FIXTURE_MS;
    for (size_t i = 0; i < profile->thread_count; i++)
        profile->threads[i].end_ns = profile->processes[0].end_ns;
    expect("copying", NULL);
}

Test(recommendations, waits_nobody_saw)
{
    profile->threads[0].time = (struct thread_time){.known = true,
                                                    .blocked_ns = 600 * FIXTURE_MS,
                                                    .cpu_ns = 400 * FIXTURE_MS,
                                                    .wall_ns = 1000 * FIXTURE_MS};
    struct profile_entry entry = {.stack = fixture_stack(profile, PROFILE_MARK_BLOCKED),
                                  .value = {[METRIC_WALL] = 600 * (int64_t)FIXTURE_MS,
                                            [METRIC_OFFCPU] = 600 * (int64_t)FIXTURE_MS}};
    entries_add(&profile->entries, &entry);
    waits_run(profile, 0, "main", 400, 0);
    expect("unseen-waits",
           "threads were blocked for 600 ms where no hook sees it: 100 % of all time "
           "blocked");
    profile->threads[0].time.looked_ns = 500 * FIXTURE_MS;
    expect("unseen-waits", NULL);
}
