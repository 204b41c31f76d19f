/*
 * Reading the kernel's records. Its own file because their layout (perf_event_open(2),
 * PERF_RECORD_SAMPLE with PERF_SAMPLE_CALLCHAIN alone) is known here and nowhere else.
 */
#include "preload/kernel_frames.h"

#include "preload/perf_pages.h"

#include <linux/perf_event.h>
#include <string.h>

#define DATA_PAGES 2u /* a record is 100 to 300 bytes: 10 ms in one system call at 1 kHz fit */
#define DATA_SIZE (DATA_PAGES * PERF_PAGES_SIZE)
#define FIRST_MARKER (~4094ull) /* values from here on are PERF_CONTEXT_*, not addresses */

bool kernel_frames_open(struct kernel_frames *frames, int fd, unsigned place)
{
    memset(frames, 0, sizeof *frames);
    void *pages = perf_pages_map(place, 0, fd, 1 + DATA_PAGES);
    __atomic_store_n(&frames->pages, pages, __ATOMIC_RELEASE);
    return pages != NULL;
}

/* Records are multiples of 8 bytes: a word never lies across the end. */
static uint64_t word_at(const struct kernel_frames *frames, uint64_t position)
{
    const uint8_t *data = (const uint8_t *)frames->pages + PERF_PAGES_SIZE;
    uint64_t word;
    memcpy(&word, data + position % DATA_SIZE, sizeof word);
    return word;
}

static struct perf_event_header header_at(const struct kernel_frames *frames, uint64_t position)
{
    uint64_t word = word_at(frames, position);
    struct perf_event_header header;
    memcpy(&header, &word, sizeof header);
    return header;
}

void kernel_frames_step_sigsafe(struct kernel_frames *frames)
{
    struct perf_event_mmap_page *head = __atomic_load_n(&frames->pages, __ATOMIC_ACQUIRE);
    frames->has_current = false;
    if (!head)
        return;
    uint64_t end = __atomic_load_n(&head->data_head, __ATOMIC_ACQUIRE);
    while (!frames->missing && !frames->has_current && frames->next < end) {
        struct perf_event_header header = header_at(frames, frames->next);
        if (header.size < sizeof header || header.size % sizeof(uint64_t)) {
            frames->next = end; /* not as it should be: begin again behind it */
            break;
        }
        if (header.type == PERF_RECORD_LOST) /* header, id, how many */
            frames->missing = word_at(frames, frames->next + 2 * sizeof(uint64_t));
        frames->has_current = header.type == PERF_RECORD_SAMPLE;
        frames->current = frames->next;
        frames->next += header.size;
    }
    frames->missing -= !frames->has_current && frames->missing;
    /* The record in hand stays: the kernel may write up to it. */
    uint64_t tail = frames->has_current ? frames->current : frames->next;
    __atomic_store_n(&head->data_tail, tail, __ATOMIC_RELEASE);
}

uint32_t kernel_frames_take_sigsafe(const struct kernel_frames *frames, uint64_t *addresses)
{
    uint32_t taken = 0;
    if (!frames->has_current)
        return 0;
    uint64_t position = frames->current + sizeof(struct perf_event_header);
    uint64_t end = frames->current + header_at(frames, frames->current).size;
    uint64_t count = word_at(frames, position);
    for (position += 8; count-- > 0 && position < end && taken < KERNEL_FRAMES_MAX; position += 8) {
        uint64_t address = word_at(frames, position);
        if (address == (uint64_t)PERF_CONTEXT_USER)
            break;
        if (address < FIRST_MARKER && address >> 63)
            addresses[taken++] = address;
    }
    return taken;
}
