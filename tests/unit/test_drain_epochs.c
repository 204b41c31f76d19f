/* Traces that can be read from the middle, and writes that fail. */
#include "analyzer/trace/chunk_scanner.h"
#include "tests/unit/drain_fixture.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define PASSES 200

TestSuite(drain_epochs, .init = drain_start, .fini = drain_stop);

static void put_one(struct ring_slot *slot, unsigned i)
{
    cr_assert(put_sample(slot, (struct ring_sample){.stack = invent_stack(i % 5, 3, 1),
                                                    .time_ns = 1000u * i,
                                                    .weight = i}));
}

/* The file's bytes, and where its epochs start; returns their number. */
static size_t find_epochs(const char *name, char **bytes, size_t *size, size_t *starts)
{
    struct chunk_scanner scanner;
    struct chunk chunk;
    struct stat status;
    size_t count = 0, at = 0;
    FILE *in = fopen(name, "rb");

    cr_assert(in && fstat(fileno(in), &status) == 0);
    *size = (size_t)status.st_size;
    *bytes = malloc(*size);
    cr_assert_eq(fread(*bytes, 1, *size, in), *size);
    fclose(in);
    chunk_scanner_init(&scanner, (uint8_t *)*bytes, *size);
    for (; chunk_scanner_next(&scanner, &chunk) == CHUNK_SOUND; at = scanner.offset)
        if (chunk.header.flags & TRACE_CHUNK_EPOCH)
            starts[count++] = at;
    chunk_scanner_release(&scanner);
    cr_assert_eq(at, *size);
    return count;
}

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *out = fopen(name, "wb");

    cr_assert(out && fwrite(bytes, 1, size, out) == size && fclose(out) == 0);
}

Test(drain_epochs, a_reader_can_start_at_any_of_them)
{
    struct ring_slot *slots[2] = {invent_thread(0), invent_thread(1)};
    size_t starts[PASSES], size;
    char *bytes;

    drain_property(&drain, "comm", "invented", 8);
    for (unsigned i = 0; i < PASSES; i++) {
        put_one(slots[i % 2], i);
        cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    }
    cr_assert_eq(drain_finish(&drain, trace_fd, 1, TRACE_END_EXIT, 0, 0), 0);
    size_t epochs = find_epochs("trace.pinj", &bytes, &size, starts);
    cr_assert_geq(epochs, 6, "more than 32 passes are more than an epoch");
    for (size_t i = 0; i < epochs; i++) {
        write_file("cut.pinj", bytes + starts[i], size - starts[i]);
        cr_assert(read_whole("cut.pinj"), "from epoch %zu", i);
        cr_assert_eq(found.epochs, epochs - i);
        cr_assert_eq(found.sample_count, PASSES - 32 * i);
        cr_assert_eq(found.samples[0].weight, 32 * i, "the first of the epoch");
        cr_assert_eq(found.tids[0], NOBODY + (int)(32 * i % 2));
        cr_assert_str_eq(found.comm, "invented");
        cr_assert_gt(found.module_count, 0);
        cr_assert_eq(found.totals[0].samples, PASSES / 2);
        cr_assert(is_stack(found.samples[found.sample_count - 1].stack, (PASSES - 1) % 5, 3, 1));
    }
    free(bytes);
}

/* After a write that failed everything is still there for the next one. */
static void check_nothing_lost(unsigned count)
{
    cr_assert(read_whole("trace.pinj"));
    cr_assert_eq(found.sample_count, count);
    for (unsigned i = 0; i < count; i++)
        cr_assert_eq(found.samples[i].weight, i);
    cr_assert(is_stack(found.samples[count - 1].stack, (count - 1) % 5, 3, 1));
}

Test(drain_epochs, a_full_device_takes_nothing)
{
    struct ring_slot *slot = invent_thread(1);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    if (full < 0)
        cr_skip_test("no /dev/full");
    for (unsigned i = 0; i < 100; i++)
        put_one(slot, i);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(drain_pass(&drain, full, 1), -ENOSPC);
        cr_assert_eq(slot->consumed, 0);
        cr_assert_eq(drain.bytes_written + ring->trace_written + drain.chunks_written, 0);
    }
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    check_nothing_lost(100);
    close(full);
}

Test(drain_epochs, a_failure_in_the_middle)
{
    struct ring_slot *slot = invent_thread(1);
    int broken = broken_end();

    for (unsigned i = 0; i < 300; i++) {
        put_one(slot, i);
        if (i % 3 == 0)
            cr_assert_eq(drain_pass(&drain, broken, 1), -EPIPE);
        else
            cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    }
    check_nothing_lost(300);
    close(broken);
}

Test(drain_epochs, an_ended_thread_waits_for_a_good_write)
{
    struct ring_slot *slot = invent_thread(1);
    int broken = broken_end();

    put_one(slot, 0);
    slot->state = RING_SLOT_ENDED;
    cr_assert_eq(drain_pass(&drain, broken, 1), -EPIPE);
    cr_assert_eq(slot->state, RING_SLOT_ENDED);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    cr_assert_eq(slot->state, RING_SLOT_FREE);
    check_nothing_lost(1);
    cr_assert_eq(found.totals[0].samples, 1);
    close(broken);
}

/* A file that takes only part of a chunk: it is cut back and goes on from there. */
Test(drain_epochs, a_torn_chunk_is_cut_off)
{
    struct ring_slot *slot = invent_thread(1);
    struct stat status;

    signal(SIGXFSZ, SIG_IGN);
    put_one(slot, 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    uint64_t sound = drain.bytes_written;
    put_one(slot, 1);
    const struct rlimit limit = {sound + 50, RLIM_INFINITY}, none = {RLIM_INFINITY, RLIM_INFINITY};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), -EFBIG);
    cr_assert_eq(fstat(trace_fd, &status), 0);
    cr_assert_eq((uint64_t)status.st_size, sound);
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
    cr_assert_eq(drain_pass(&drain, trace_fd, 1), 0);
    check_nothing_lost(2);
}
