/* Rings of the killed: what they hold goes behind what their traces have, once, and
 * nowhere else. The test plays the process that died. */
#include "analyzer/record/dead_ring.h"

#include "preload/ring_start.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

static struct recording recording;
static struct ring_slot *slot;

/* A trace with three samples, and a ring with two more that nobody wrote. */
static void start(void)
{
    drain_start();
    snprintf(recording.path, sizeof(recording.path), "%s", scratch_path);
    snprintf(ring->trace, sizeof(ring->trace), "%s/trace.pinj", scratch_path);
    drain_property(&drain, "comm", "victim", 6);
    slot = invent_thread(1);
    for (unsigned i = 0; i < 5; i++) {
        if (i == 3)
            cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
        cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(i, 3, 1),
                                                        .time_ns = 2000000 + i * 1000,
                                                        .weight = 1 + i}));
    }
}

/* What killed the process may have written over its ring before. */
static void check_damage(size_t samples)
{
    dead_ring_drain(ring_path, &recording);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, samples, "%zu samples", found.sample_count);
}

TestSuite(dead_ring, .init = start, .fini = drain_stop);

Test(dead_ring, what_it_holds_is_put_behind_what_is_there)
{
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5);
    for (unsigned i = 0; i < 5; i++) {
        cr_assert_eq(found.samples[i].time_ns, 2000000 + i * 1000);
        cr_assert_eq(found.samples[i].weight, 1 + i);
        cr_assert_eq(found.tids[i], NOBODY + 1);
    }
    cr_assert_eq(found.epochs, 2, "numbers are given out anew");
    cr_assert_str_eq(found.comm, "victim");
    bool covered = false;
    for (size_t i = 0; i < found.module_count; i++)
        covered |= found.modules[i].start <= some_pc(3) && some_pc(3) < found.modules[i].end;
    cr_assert(covered, "modules are those the trace knew");
}

Test(dead_ring, a_chunk_torn_by_the_end_is_written_again)
{
    cr_assert_eq(write(trace_fd, "*M\x18 half a chunk", 16), 16);
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5);
}

Test(dead_ring, an_end_that_nobody_was_there_to_hear_of_is_told)
{
    ring->end_kind = TRACE_END_EXIT;
    ring->end_status = 3;
    ring->end_cpu_ns = 77;
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5);
    cr_assert(found.end == TRACE_END_EXIT && found.end_status == 3 && found.end_cpu == 77);
}

Test(dead_ring, an_ended_or_drained_one_has_nothing_to_say)
{
    struct stat before, after;
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 1), 0);
    stat("trace.pinj", &before);
    cr_assert_not(dead_ring_drain(ring_path, &recording), "all is written");
    cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(9, 3, 1), .weight = 1}));
    cr_assert_not(dead_ring_drain(ring_path, &recording), "after its end");
    stat("trace.pinj", &after);
    cr_assert_eq(before.st_size, after.st_size);
}

Test(dead_ring, what_was_done_after_an_exec_that_failed_is_not_lost)
{
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXEC, 0, 1), 0);
    cr_assert_not(dead_ring_drain(ring_path, &recording), "it may have left");
    cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(9, 3, 1), .weight = 1}));
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 6);
}

Test(dead_ring, nor_is_what_was_done_after_that_had_been_written)
{
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXEC, 0, 1), 0);
    for (unsigned i = 0; i < 2; i++) {
        cr_assert(
            put_sample(slot, (struct ring_sample){.stack = invent_stack(9, 3, 1), .weight = 1}));
        if (i == 0)
            cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    }
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 7);
}

/* As its constructor would have: the ring says what the trace begins with. */
static void leave_start(void)
{
    ring_start_leave(&drain);
    cr_assert_gt(ring->start_size, 0);
    cr_assert_eq(unlink("trace.pinj"), 0);
    ring->trace_written = 0;
}

Test(dead_ring, a_trace_that_was_never_begun_is_made)
{
    leave_start();
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2, "those not yet written");
    cr_assert_str_eq(found.comm, "victim");
    cr_assert_gt(found.module_count, 0);
    bool covered = false;
    for (size_t i = 0; i < found.module_count; i++)
        covered |= found.modules[i].start <= some_pc(3) && some_pc(3) < found.modules[i].end;
    cr_assert(covered);
}

Test(dead_ring, a_first_chunk_that_was_torn_is_written_again)
{
    leave_start();
    scratch_write("trace.pinj", "*M\x18 half a chunk");
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2);
    cr_assert_eq(found.summary.bytes_skipped, 0);
}

Test(dead_ring, a_trace_that_was_cut_since_goes_on_behind_a_gap)
{
    ring_start_leave(&drain);
    cr_assert_eq(truncate("trace.pinj", (off_t)ring->trace_written - 5), 0);
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert_not(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 2, "its only chunk was cut");
    cr_assert_gt(found.summary.chunks_damaged, 0);
    cr_assert_str_eq(found.comm, "victim");
}

/* `written` where the ring says how much of the trace is sound; a torn chunk is at the end. */
static void check_nothing_is_cut(uint64_t written)
{
    char copy[64], trace[PATH_MAX];
    uint64_t right = ring->trace_written;
    struct stat status;

    cr_assert_eq(write(trace_fd, "*M\x18 half a chunk", 16), 16);
    ring->trace_written = written;
    int fd = dead_ring_read(ring_path, &recording, trace);
    snprintf(copy, sizeof(copy), "/proc/self/fd/%d", fd);
    cr_assert(fd >= 0 && read_whole(copy));
    cr_assert_eq(found.sample_count, 5, "%zu", found.sample_count);
    close(fd);
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5, "%zu", found.sample_count);
    cr_assert(stat("trace.pinj", &status) == 0 && (uint64_t)status.st_size > right);
}

Test(dead_ring, a_number_that_was_overwritten_cuts_no_sound_chunk_off)
{
    uint64_t right = ring->trace_written;

    ring_start_leave(&drain);
    check_nothing_is_cut(1);
    cr_assert_eq(ftruncate(trace_fd, (off_t)right), 0);
    check_nothing_is_cut(0);
    cr_assert_eq(ftruncate(trace_fd, (off_t)right), 0);
    check_nothing_is_cut(right - 1);
}

/* The moment between a chunk and the word that it is there. */
Test(dead_ring, a_chunk_nobody_had_noted_yet_is_neither_cut_nor_written_again)
{
    uint64_t before = ring->trace_written, consumed = slot->consumed;
    static uint8_t data[RING_DATA_SIZE];

    memcpy(data, slot->data, sizeof(data));
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    uint64_t after = ring->trace_written;
    memcpy(slot->data, data, sizeof(data));
    slot->taken = slot->consumed;
    slot->taken_at = before + 1;
    slot->consumed = consumed;
    ring->trace_written = before;
    ring->trace_chunks--;
    cr_assert_not(dead_ring_drain(ring_path, &(struct recording){.path = "/elsewhere"}));
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5, "%zu", found.sample_count);
    cr_assert_eq(truncate("trace.pinj", (off_t)after - 1), 0);
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5, "it was not: %zu", found.sample_count);
}

Test(dead_ring, what_was_taken_is_believed_within_bounds)
{
    slot->taken_at = 1;
    slot->taken = slot->consumed - 8;
    check_damage(5);
}

Test(dead_ring, where_nothing_may_be_written_the_trace_is_whole_in_memory)
{
    struct stat before, after;
    char trace[PATH_MAX], content[64];

    stat("trace.pinj", &before);
    int fd = dead_ring_read(ring_path, &recording, trace);
    cr_assert_geq(fd, 0);
    cr_assert_str_eq(trace, ring->trace);
    stat("trace.pinj", &after);
    cr_assert_eq(before.st_size, after.st_size);
    snprintf(content, sizeof(content), "/proc/self/fd/%d", fd);
    cr_assert(read_whole(content));
    cr_assert_eq(found.sample_count, 5);
    close(fd);
    cr_assert_eq(dead_ring_read("missing.ring", &recording, trace), -ENOENT);
}

Test(dead_ring, exact_counts_are_those_of_the_last_moment)
{
    slot->memory = (struct ring_memory){.alloc_count = 77, .alloc_bytes = 7700};
    ring->period_ns = 1000000;
    slot->periods = 15;
    cr_assert_eq(dead_ring_drain(ring_path, &recording), 1);
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.totals[0].alloc_count, 77);
    cr_assert_eq(found.totals[0].alloc_bytes, 7700);
    cr_assert_eq(found.totals[0].end_ns, 0);
    cr_assert_eq(found.totals[0].cpu_ns, 15000000, "its samples stand for as much");
}

Test(dead_ring, other_files_are_left_alone)
{
    struct recording other = {.path = "/somewhere/else"};

    cr_assert_not(dead_ring_drain(ring_path, &other), "of another recording");
    snprintf(ring->trace, sizeof(ring->trace), "%s/sub/../trace.pinj", scratch_path);
    cr_assert_not(dead_ring_drain(ring_path, &recording), "the name leads elsewhere");
    snprintf(ring->trace, sizeof(ring->trace), "%s/none.pinj", scratch_path);
    cr_assert_not(dead_ring_drain(ring_path, &recording), "never begun");
    cr_assert_eq(access("none.pinj", F_OK), -1);
    scratch_write("manifest", "not a trace");
    snprintf(ring->trace, sizeof(ring->trace), "%s/manifest", scratch_path);
    uint64_t written = ring->trace_written;
    ring->trace_written = 3; /* what is behind it would be cut */
    cr_assert_not(dead_ring_drain(ring_path, &recording), "another file of the recording");
    cr_assert_str_eq(scratch_read("manifest"), "not a trace");
    ring->trace_written = written;
    scratch_write("short.ring", "pinjring");
    cr_assert_not(dead_ring_drain("short.ring", &recording));
    cr_assert_not(dead_ring_drain("missing.ring", &recording));
    ring->version++;
    cr_assert_not(dead_ring_drain(ring_path, &recording), "of another version");
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 3);
}

static uint32_t *commit_of(unsigned sample)
{
    return (uint32_t *)(void *)(slot->data + sample * sizeof(struct ring_sample));
}

static void fill_with_small_ones(enum ring_record_type type)
{
    for (size_t at = 0; at < RING_DATA_SIZE; at += 8)
        *(uint32_t *)(void *)(slot->data + at) = ring_commit_word(8, type);
    slot->reserved = slot->consumed + RING_DATA_SIZE;
    check_damage(3);
}

Test(dead_ring, records_too_small_for_what_they_say_are_not_read)
{
    fill_with_small_ones(RING_SAMPLE);
    fill_with_small_ones(RING_COUNT);
    fill_with_small_ones(RING_OFFCPU);
    fill_with_small_ones(RING_HEAP);
    fill_with_small_ones(RING_MAPPING); /* had no size of its own: batches overflowed */
}

Test(dead_ring, nor_is_what_lies_behind_a_record_of_no_length)
{
    *commit_of(4) = ring_commit_word(sizeof(struct ring_sample) + 4, RING_PAD);
    check_damage(4);
}

Test(dead_ring, nor_a_record_that_goes_on_behind_the_end)
{
    *commit_of(4) = ring_commit_word(RING_DATA_SIZE, RING_PAD);
    slot->reserved = slot->consumed + RING_DATA_SIZE;
    check_damage(4);
}

Test(dead_ring, nor_more_than_a_ring_holds)
{
    for (size_t at = 0; at < RING_DATA_SIZE; at += 32)
        *(uint32_t *)(void *)(slot->data + at) = ring_commit_word(32, RING_OFFCPU);
    slot->reserved = 1ull << 40;
    check_damage(3);
    slot->state = RING_SLOT_ENDED;
    check_damage(3);
}

Test(dead_ring, nor_from_a_place_where_no_record_begins)
{
    slot->consumed = slot->reserved = RING_DATA_SIZE - 2;
    slot->reserved += 64;
    check_damage(3);
}

Test(dead_ring, a_stack_that_cannot_be_is_a_broken_one)
{
    commit_of(4)[1] = 0xfffffff0; /* ring_sample's stack */
    check_damage(5);
    cr_assert_eq(found.samples[4].stack, TRACE_STACK_BROKEN);
    cr_assert_eq(found.samples[4].weight, 5);
}

Test(dead_ring, who_is_gone_without_a_word_has_an_end_of_no_known_kind)
{
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert(found.end == TRACE_END_KILLED && found.end_status == 0 && found.deaths == 0);
}

Test(dead_ring, the_signal_that_ended_it_is_told_with_its_place)
{
    uint32_t stack = invent_stack(2, 3, 1);

    ring->death = (struct ring_death){.state = RING_DEATH_TOLD,
                                      .signal = SIGSEGV,
                                      .code = SEGV_MAPERR,
                                      .address = UINT64_MAX - 7,
                                      .time_ns = 2009000,
                                      .slot = 0,
                                      .slot_serial = slot->serial,
                                      .stack = stack,
                                      .tid = slot->tid};
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert(found.end == TRACE_END_KILLED && found.end_status == SIGSEGV);
    cr_assert_eq(found.deaths, 1);
    cr_assert(found.death.signal == SIGSEGV && found.death.code == SEGV_MAPERR);
    cr_assert_eq(found.death.address, UINT64_MAX - 7);
    cr_assert_eq(found.death.time_ns, 2009000);
    cr_assert_eq(found.death.tid, slot->tid);
    cr_assert_neq(found.death.thread, 0);
    cr_assert_geq(found.death.stack, TRACE_STACK_FIRST);
}

Test(dead_ring, a_word_half_said_is_none)
{
    ring->death = (struct ring_death){.state = RING_DEATH_CLAIMED, .signal = SIGSEGV};
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.deaths, 0);
}

Test(dead_ring, nonsense_for_a_word_does_no_harm)
{
    memset(&ring->death, 0xff, sizeof(ring->death));
    ring->death.state = RING_DEATH_TOLD;
    cr_assert(dead_ring_drain(ring_path, &recording));
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, 5);
}
