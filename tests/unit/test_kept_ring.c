/* A ring that another process drains: when it is taken, what it answers, how it ends. The test
 * is both: the process that offers, and the one that keeps. */
#include "analyzer/record/kept_ring.h"

#include "analyzer/record/stale_rings.h"
#include "preload/contract/drain_encode.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct recording recording;
static struct ring_slot *slot;
static struct kept_ring *kept;
static int directory;
static bool pending;
static struct election election;

static void start(void)
{
    ring_start();
    cr_assert_eq(stack_table_init(), 0);
    snprintf(recording.path, sizeof(recording.path), "%s", scratch_path);
    snprintf(ring->trace, sizeof(ring->trace), "%s/trace.pinj", scratch_path);
    directory = open(scratch_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    slot = invent_thread(1);
    ring->keeper = RING_KEEPER_OFFERED;
    pending = false;
    election_init(&election);
    kept = NULL;
}

static void stop(void)
{
    if (kept != NULL)
        kept_ring_release(kept);
    close(directory);
    ring_stop();
}

TestSuite(kept_ring, .init = start, .fini = stop);

static bool take(void)
{
    kept = kept_ring_take(ring_path, ring->pid, &recording, directory, &election, &pending);
    return kept != NULL;
}

static void ask(uint32_t requests)
{
    ring->requests |= requests;
    ring->asked++;
}

static void sample(unsigned number)
{
    cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(number, 3, 1),
                                                    .time_ns = 2000000 + number,
                                                    .weight = 1}));
}

Test(kept_ring, of_a_young_process_waits)
{
    slot->start_ns = UINT64_MAX / 2; /* a moment that has not come */
    cr_assert_not(take());
    cr_assert(pending);
    cr_assert_eq(ring->keeper, RING_KEEPER_OFFERED, "it may take it back");
    ask(RING_ASK_FLUSH);
    cr_assert(take(), "but not when it asks");
    cr_assert_eq(ring->keeper, RING_KEEPER_OUTSIDE);
}

Test(kept_ring, that_fills_is_taken_at_once)
{
    slot->start_ns = UINT64_MAX / 2;
    for (unsigned i = 0; i < RING_DATA_SIZE / 4 / sizeof(struct ring_sample) + 1; i++)
        sample(1);
    cr_assert(take());
}

Test(kept_ring, of_somebody_else_is_left_alone)
{
    ring->keeper = RING_KEEPER_SELF;
    cr_assert_not(take(), "not offered");
    ring->keeper = RING_KEEPER_OFFERED;
    snprintf(ring->trace, sizeof(ring->trace), "%s/../trace.pinj", scratch_path);
    cr_assert_not(take(), "its trace would lie elsewhere");
    snprintf(ring->trace, sizeof(ring->trace), "%s/manifest", scratch_path);
    cr_assert_not(take(), "it is no trace");
    snprintf(ring->trace, sizeof(ring->trace), "%s/trace.pinj", scratch_path);
    ring->version++;
    cr_assert_not(take(), "of another version");
    ring->version--;
    cr_assert_null(
        kept_ring_take(ring_path, ring->pid + 1, &recording, directory, &election, &pending),
        "another's name");
    cr_assert_not(pending);
    cr_assert(take());
    cr_assert_null(kept_ring_take(ring_path, ring->pid, &recording, directory, &election, &pending),
                   "it is kept");
}

Test(kept_ring, is_written_and_answered_to_the_end)
{
    cr_assert(take());
    sample(1);
    ask(RING_ASK_FLUSH);
    cr_assert(kept_ring_serve(kept));
    cr_assert_eq(ring->answered, ring->asked);
    cr_assert_eq(slot->consumed, slot->reserved);
    sample(2);
    ring->end_kind = TRACE_END_EXIT;
    ring->end_status = 5;
    ring->end_cpu_ns = 77;
    slot->cpu_seen_ns = 1234;
    ask(RING_ASK_END);
    cr_assert(kept_ring_serve(kept));
    cr_assert_eq(ring->answered, ring->asked);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2);
    cr_assert(found.end == TRACE_END_EXIT && found.end_status == 5 && found.end_cpu == 77);
    cr_assert_eq(found.totals[0].cpu_ns, 1234, "its clock is the process's own to read");
}

Test(kept_ring, is_gone_on_with_by_whoever_it_yields_to)
{
    cr_assert(take());
    sample(1);
    ask(RING_ASK_YIELD);
    cr_assert_not(kept_ring_serve(kept));
    cr_assert_eq(ring->keeper, RING_KEEPER_SELF);
    kept_ring_release(kept);
    kept = NULL;
    cr_assert_eq(access(ring_path, F_OK), 0, "the process has it still");
    sample(2);
    cr_assert_eq(drain_init(&drain, ring, 0), 0);
    trace_fd = open("trace.pinj", O_RDWR | O_APPEND | O_CLOEXEC);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    drain_release(&drain);
    cr_assert(read_whole("trace.pinj"), "chunks are numbered as one after the other");
    cr_assert_eq(found.sample_count, 2);
}

Test(kept_ring, that_was_written_over_is_let_go)
{
    cr_assert(take());
    ring->slot_count = ring->slot_capacity + 1;
    cr_assert_not(kept_ring_serve(kept));
    kept_ring_release(kept);
    kept = NULL;
    ring->slot_count = 1;
}

Test(kept_ring, of_a_process_that_is_gone_is_written_and_removed)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    ring->pid = pid;
    sample(1);
    cr_assert(take());
    while (kept_ring_serve(kept))
        usleep(1000);
    sample(2);
    kept_ring_release(kept);
    kept = NULL;
    waitpid(pid, NULL, 0);
    cr_assert_eq(access(ring_path, F_OK), -1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2);
    cr_assert_eq(found.end, 0, "nobody knows how");
}

Test(kept_ring, a_trace_that_cannot_be_made_is_told_and_the_process_goes_on)
{
    cr_assert_eq(mkdir("trace.pinj", 0700), 0);
    cr_assert(take());
    sample(1);
    ask(RING_ASK_FLUSH);
    cr_assert(kept_ring_serve(kept));
    cr_assert_eq(ring->answered, ring->asked);
    cr_assert_eq(ring->keeper_failed, EEXIST);
    cr_assert(ring->chores & RING_CHORES_PAUSE);
    cr_assert_eq(access("messages", F_OK), 0);
}

/* In another process, which has no lock of ours: what it wrote to the trace, and found to read. */
static void read_as_another(size_t taken_in, size_t copied)
{
    int status = 1;
    pid_t pid = fork();

    if (pid == 0) {
        struct trace_copies copies = {0};
        size_t taken = stale_rings_take_in(&recording, &copies);
        _exit(taken != taken_in || copies.count != copied);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
}

/* As a recording has it, of a process that is gone. */
static void kill_process(void)
{
    char path[PATH_MAX];
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    recording.id = 0x77;
    snprintf(recording.rings, sizeof(recording.rings), "%s", scratch_path);
    snprintf(path, sizeof(path), "%s/profinject.%016x.%d.ring", scratch_path, 0x77, (int)pid);
    cr_assert_eq(rename(ring_path, path), 0);
    snprintf(ring_path, sizeof(ring_path), "%s", path);
    ring->pid = pid;
    ring->pid_namespace = 0;
    struct stat status;
    if (stat("/proc/self/ns/pid", &status) == 0)
        ring->pid_namespace = status.st_ino;
    struct buffer start;
    buffer_init_in(&start, ring->start, sizeof(ring->start));
    encode_property(&start, "comm", "gone", 4);
    ring->start_size = start.size;
}

Test(kept_ring, nobody_who_reads_meanwhile_writes_what_it_will)
{
    kill_process();
    sample(1);
    cr_assert(take());
    read_as_another(0, 0);
    cr_assert_eq(access("trace.pinj", F_OK), -1, "it is the keeper's to make");
    cr_assert_eq(access(ring_path, F_OK), 0);
    cr_assert_not(kept_ring_serve(kept));
    kept_ring_release(kept);
    kept = NULL;
    read_as_another(0, 0);
    cr_assert_eq(access(ring_path, F_OK), -1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 1);
    cr_assert_str_eq(found.comm, "gone");
}

Test(kept_ring, that_somebody_who_reads_had_first_is_not_taken)
{
    kill_process();
    sample(1);
    read_as_another(1, 0);
    cr_assert_eq(access(ring_path, F_OK), -1);
    cr_assert_not(take());
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 1);
}

Test(kept_ring, what_there_was_no_room_for_at_last_stays_in_it)
{
    struct rlimit none = {0, RLIM_INFINITY};

    kill_process();
    sample(1);
    cr_assert(take());
    signal(SIGXFSZ, SIG_IGN);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    kept_ring_release(kept);
    kept = NULL;
    cr_assert_eq(access(ring_path, F_OK), 0);
    none.rlim_cur = RLIM_INFINITY;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    read_as_another(1, 0);
    cr_assert_eq(access(ring_path, F_OK), -1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 1);
}
