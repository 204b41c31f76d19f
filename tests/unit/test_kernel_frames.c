/* Records as the kernel writes them (perf_event_open(2)), in a file instead of an event. */
#include "preload/kernel_frames.h"

#include "preload/perf_pages.h"

#include <criterion/criterion.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DATA_SIZE 8192u
#define A 0xffffffff81000010u
#define B 0xffffffff81000020u

static struct kernel_frames frames;
static struct perf_event_mmap_page *head;
static uint64_t written;
static uint64_t taken[KERNEL_FRAMES_MAX];

static void start(void)
{
    int fd = memfd_create("event", MFD_CLOEXEC);

    cr_assert_eq(ftruncate(fd, 3 * PERF_PAGES_SIZE), 0);
    cr_assert(kernel_frames_open(&frames, fd, 5));
    head = frames.pages;
}

TestSuite(kernel_frames, .init = start);

static void put_word(uint64_t word)
{
    memcpy((char *)head + PERF_PAGES_SIZE + written % DATA_SIZE, &word, sizeof(word));
    written += sizeof(word);
}

static void put_header(uint32_t type, unsigned words)
{
    const struct perf_event_header header = {.type = type, .size = (uint16_t)(words * 8)};
    uint64_t word;

    memcpy(&word, &header, sizeof(word));
    put_word(word);
}

static void put_sample(const uint64_t *addresses, unsigned count)
{
    put_header(PERF_RECORD_SAMPLE, 2 + count);
    put_word(count);
    for (unsigned i = 0; i < count; i++)
        put_word(addresses[i]);
    head->data_head = written;
}

static void put_lost(uint64_t count)
{
    put_header(PERF_RECORD_LOST, 3);
    put_word(1);
    put_word(count);
    head->data_head = written;
}

static uint32_t take(void)
{
    kernel_frames_step_sigsafe(&frames);
    return kernel_frames_take_sigsafe(&frames, taken);
}

Test(kernel_frames, one_record_a_signal_in_their_order)
{
    const uint64_t first[] = {PERF_CONTEXT_KERNEL, A, B}, second[] = {PERF_CONTEXT_KERNEL, B};

    put_sample(first, 3);
    put_sample(NULL, 0); /* in the program */
    put_sample(second, 2);
    cr_assert(take() == 2 && taken[0] == A && taken[1] == B);
    cr_assert_eq(head->data_tail, 0, "it is still being read");
    cr_assert_eq(take(), 0);
    cr_assert(take() == 1 && taken[0] == B);
    cr_assert_eq(take(), 0, "no record, no frames");
    cr_assert_eq(head->data_tail, written);
}

Test(kernel_frames, addresses_of_the_program_are_not_taken)
{
    const uint64_t mixed[] = {PERF_CONTEXT_KERNEL, A, 0x401000, PERF_CONTEXT_USER, B};

    put_sample(mixed, 5);
    cr_assert(take() == 1 && taken[0] == A);
}

Test(kernel_frames, records_that_had_no_room_keep_their_place)
{
    const uint64_t chain[] = {PERF_CONTEXT_KERNEL, A}, other[] = {PERF_CONTEXT_KERNEL, B};

    put_sample(chain, 2);
    put_lost(2);
    put_header(PERF_RECORD_THROTTLE, 1);
    put_sample(other, 2);
    cr_assert(take() == 1 && taken[0] == A);
    cr_assert_eq(take(), 0);
    cr_assert_eq(take(), 0);
    cr_assert(take() == 1 && taken[0] == B);
}

Test(kernel_frames, they_go_round)
{
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t chain[40] = {PERF_CONTEXT_KERNEL};
        unsigned depth = 1 + (unsigned)(i % 39);
        for (unsigned j = 1; j <= depth; j++)
            chain[j] = A + i * 64 + j;
        put_sample(chain, 1 + depth);
        cr_assert_eq(take(), depth);
        cr_assert_eq(taken[depth - 1], A + i * 64 + depth);
        cr_assert_leq(written - head->data_tail, DATA_SIZE);
    }
}

Test(kernel_frames, nonsense_is_passed_over)
{
    const uint64_t chain[] = {PERF_CONTEXT_KERNEL, A};

    put_header(PERF_RECORD_SAMPLE, 0);
    put_word(99);
    head->data_head = written;
    cr_assert_eq(take(), 0);
    put_header(PERF_RECORD_SAMPLE, 3); /* claims more than it holds */
    put_word(1000);
    put_word(B);
    head->data_head = written;
    cr_assert(take() == 1 && taken[0] == B);
    put_sample(chain, 2);
    cr_assert(take() == 1 && taken[0] == A);
    perf_pages_clear(5);
    cr_assert_eq(take(), 0, "the event is gone");
}
