/* The ring file: making it, slots, reservations, and several threads at once. */
#include "preload/contract/trace_format.h"
#include "preload/ring.h"
#include "tests/unit/scratch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define SAMPLE ((uint32_t)sizeof(struct ring_sample))
#define SAMPLES_MAX (RING_DATA_SIZE / SAMPLE) /* in an empty ring */
#define THREADS 8

static struct ring_file *ring;
static char ring_path[PATH_MAX];

/* A smaller file than usual: where file sizes are limited a sixteenth has to do. */
static void start(void)
{
    const struct rlimit limit = {64u << 20, RLIM_INFINITY};
    int status = 0;

    scratch_init();
    setrlimit(RLIMIT_FSIZE, &limit);
    ring = ring_open(scratch_path, 0xabc, ring_path, sizeof(ring_path), &status);
    cr_assert(ring, "%s", strerror(-status));
}

static void stop(void)
{
    ring_close(ring);
    scratch_release();
}

TestSuite(ring, .init = start, .fini = stop);

Test(ring, the_file_and_its_head)
{
    char expected[PATH_MAX];
    struct stat status;

    snprintf(expected, sizeof(expected), "%s/profinject.0000000000000abc.%d.ring", scratch_path,
             (int)getpid());
    cr_assert_str_eq(ring_path, expected);
    cr_assert_eq(stat(ring_path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0600);
    cr_assert_eq((size_t)status.st_size,
                 ring_file_size(ring->node_capacity, ring->slot_capacity, 0));
    cr_assert_lt(status.st_blocks * 512, 2 << 20, "sparse");
    cr_assert_eq(memcmp(ring->magic, "pinjring", 8), 0);
    cr_assert_eq(ring->version, RING_VERSION);
    cr_assert_eq(ring->pid, getpid());
    cr_assert_eq(ring->node_next, TRACE_STACK_FIRST);
    cr_assert_gt(ring->node_limit, TRACE_STACK_FIRST);
    cr_assert_leq(ring->node_limit, ring->node_capacity);
    cr_assert_eq(ring->slot_count, 0);
}

Test(ring, one_that_is_left_over_is_replaced)
{
    struct ring_file *left = ring;
    int status = 1;

    ring = ring_open(scratch_path, 0xabc, ring_path, sizeof(ring_path), &status);
    cr_assert(ring && status == 0);
    left->node_next = 77;
    cr_assert_eq(ring->node_next, TRACE_STACK_FIRST, "another file");
    ring_close(left);
}

Test(ring, places_where_none_can_be)
{
    int status = 0;

    cr_assert_null(ring_open("/no/such/directory", 1, ring_path, sizeof(ring_path), &status));
    cr_assert_eq(status, -ENOENT);
    scratch_write("file", "");
    cr_assert_null(ring_open("file", 1, ring_path, sizeof(ring_path), &status));
    cr_assert_eq(status, -ENOTDIR);
    const struct rlimit nothing = {4096, 4096};
    setrlimit(RLIMIT_FSIZE, &nothing);
    cr_assert_null(ring_open(".", 1, ring_path, sizeof(ring_path), &status));
    cr_assert_eq(status, -EFBIG, "and no signal");
    cr_assert_eq(access(ring_path, F_OK), -1, "nothing is left behind");
}

Test(ring, a_full_file_system_is_an_error_and_no_signal)
{
    int status = 0;
    const uint32_t slots_before = ring->slot_count;

    mkdir("full", 0700);
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 && unshare(CLONE_NEWNS) != 0)
        cr_skip_test("no name spaces: %s", strerror(errno));
    if (mount("tmpfs", "full", "tmpfs", 0, "size=512k") != 0)
        cr_skip_test("no tmpfs of our own: %s", strerror(errno));
    struct ring_file *small = ring_open("full", 1, ring_path, sizeof(ring_path), &status);
    cr_assert(small, "%s", strerror(-status));
    unsigned slots = 0;
    while (ring_claim_slot(small))
        slots++;
    cr_assert(slots > 0 && slots < 14, "%u of 36 KiB", slots);
    ring_extend_nodes(small);
    ring_close(small);
    cr_assert_null(ring_open("full", 2, ring_path, sizeof(ring_path), &status));
    cr_assert_eq(status, -ENOSPC);
    cr_assert_eq(ring->slot_count, slots_before);
    umount("full");
}

Test(ring, nodes_get_memory_when_they_run_low)
{
    uint32_t limit = ring->node_limit;

    ring_extend_nodes(ring);
    cr_assert_eq(ring->node_limit, limit, "there is plenty");
    ring->node_next = limit - 10;
    ring_extend_nodes(ring);
    cr_assert_gt(ring->node_limit, limit);
    while (ring->node_limit < ring->node_capacity) {
        ring->node_next = ring->node_limit;
        ring_extend_nodes(ring);
    }
    cr_assert_eq(ring->node_limit, ring->node_capacity);
    ring_nodes(ring)[ring->node_capacity - 1].code = 1;
    ring_extend_nodes(ring);
    cr_assert_eq(ring->node_limit, ring->node_capacity);
}

Test(ring, slots_are_claimed_and_used_again)
{
    struct ring_slot *first = ring_claim_slot(ring), *second = ring_claim_slot(ring);

    cr_assert(first && second && first != second);
    cr_assert_eq(ring_slot_index(ring, first), 0);
    cr_assert_eq(ring_slot_index(ring, second), 1);
    cr_assert_eq(ring->slot_count, 2);
    uint64_t serial = first->serial;
    cr_assert(serial > 0 && second->serial > serial);
    first->samples = first->lost = first->end_ns = first->memory.alloc_bytes = 5;
    first->reserved = first->consumed = 4800;
    first->state = RING_SLOT_ENDED;
    cr_assert_eq(ring_slot_index(ring, ring_claim_slot(ring)), 2, "not yet drained");
    ring_free_slot(ring, 0);
    cr_assert_eq(ring_claim_slot(ring), first);
    cr_assert_gt(first->serial, second->serial);
    cr_assert_eq(first->samples + first->lost + first->end_ns + first->memory.alloc_bytes, 0);
    cr_assert(first->reserved == 4800 && first->consumed == 4800, "positions go on");
}

Test(ring, memory_of_free_slots_is_given_back)
{
    unsigned char resident[2];
    struct ring_slot *slots[9];

    for (int i = 0; i < 9; i++) {
        slots[i] = ring_claim_slot(ring);
        slots[i]->state = RING_SLOT_LIVE;
        memset(slots[i]->data, 0xff, RING_DATA_SIZE);
    }
    ring_trim_slots(ring);
    cr_assert_eq(ring->slot_count, 9, "all are used");
    for (int i = 1; i < 9; i++)
        ring_free_slot(ring, (uint32_t)i);
    ring_trim_slots(ring);
    cr_assert_eq(ring->slot_count, 5, "half of the free ones");
    cr_assert_eq(mincore(slots[5], 2 * RING_PAGE, resident), 0);
    cr_assert_eq((resident[0] | resident[1]) & 1, 0);
    for (int i = 0; i < 3; i++)
        ring_trim_slots(ring);
    cr_assert_eq(ring->slot_count, 1, "the first is used");
    for (int i = 1; i < 9; i++)
        cr_assert_eq(ring_claim_slot(ring), slots[i]);
    cr_assert_eq(slots[8]->data[0], 0, "as good as new");
}

Test(ring, slots_come_to_an_end)
{
    for (uint32_t i = 0; i < ring->slot_capacity; i++)
        cr_assert(ring_claim_slot(ring), "slot %u", i);
    cr_assert_null(ring_claim_slot(ring));
    ring_free_slot(ring, 100);
    cr_assert_eq(ring_claim_slot(ring), ring_slot_at(ring, 100));
}

Test(ring, records_follow_each_other_until_it_is_full)
{
    struct ring_slot *slot = ring_claim_slot(ring);

    for (uint32_t i = 0; i < SAMPLES_MAX; i++) {
        uint8_t *record = ring_reserve_sigsafe(slot, SAMPLE);
        cr_assert_eq(record, slot->data + (size_t)i * SAMPLE);
        cr_assert_eq(*(uint32_t *)record, 0, "not yet committed");
        ring_commit_sigsafe(record, SAMPLE, RING_SAMPLE);
        cr_assert_eq(*(uint32_t *)record, SAMPLE << 8 | RING_SAMPLE);
    }
    uint64_t reserved = slot->reserved;
    cr_assert_null(ring_reserve_sigsafe(slot, SAMPLE));
    cr_assert_eq(slot->reserved, reserved, "a full ring stays as it is");
}

Test(ring, a_record_that_would_cross_the_end_starts_anew)
{
    struct ring_slot *slot = ring_claim_slot(ring);
    const uint32_t left = RING_DATA_SIZE - SAMPLES_MAX * SAMPLE;
    const uint8_t *end = slot->data + SAMPLES_MAX * SAMPLE;

    cr_assert_eq(left, 32);
    slot->reserved = (uint64_t)RING_DATA_SIZE - left;
    slot->consumed = SAMPLE - 8;
    cr_assert_null(ring_reserve_sigsafe(slot, SAMPLE), "eight bytes short");
    cr_assert_eq(*(const uint32_t *)end, 0, "no pad for what did not fit");
    slot->consumed = SAMPLE;
    cr_assert_eq((uint8_t *)ring_reserve_sigsafe(slot, SAMPLE), slot->data);
    cr_assert_eq(*(const uint32_t *)end, left << 8 | RING_PAD);
    cr_assert_eq(slot->reserved, RING_DATA_SIZE + SAMPLE);
    cr_assert_null(ring_reserve_sigsafe(slot, SAMPLE));
}

Test(ring, a_handler_reserves_inside_a_reservation)
{
    struct ring_slot *slot = ring_claim_slot(ring);
    uint8_t *outer = ring_reserve_sigsafe(slot, SAMPLE);
    uint8_t *inner = ring_reserve_sigsafe(slot, SAMPLE);

    cr_assert_eq(inner, outer + SAMPLE);
    ring_commit_sigsafe(inner, SAMPLE, RING_SAMPLE);
    cr_assert_eq(*(uint32_t *)outer, 0, "the drain stops before the outer one");
    ring_commit_sigsafe(outer, SAMPLE, RING_SAMPLE);
    cr_assert_eq(slot->reserved, 2 * SAMPLE);
}

/* What each thread saw. */
struct claims {
    pthread_t thread;
    struct ring_slot *slots[16];
    unsigned shared; /* slots that somebody else had at the same time */
};

static void *claim_many(void *argument)
{
    struct claims *claims = argument;

    for (int i = 0; i < 16; i++)
        claims->slots[i] = ring_claim_slot(ring);
    return NULL;
}

static void *claim_and_release(void *argument)
{
    struct claims *claims = argument;

    for (int i = 0; i < 2000; i++) {
        struct ring_slot *slot = ring_claim_slot(ring);
        /* start_ns is ours to write: nobody else may do so meanwhile. */
        claims->shared += __atomic_exchange_n(&slot->start_ns, 1, __ATOMIC_RELAXED) != 0;
        sched_yield();
        claims->shared += __atomic_exchange_n(&slot->start_ns, 0, __ATOMIC_RELAXED) != 1;
        ring_free_slot(ring, ring_slot_index(ring, slot));
    }
    return NULL;
}

static void in_threads(struct claims *claims, void *(*run)(void *))
{
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&claims[i].thread, NULL, run, &claims[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(claims[i].thread, NULL);
}

Test(ring, threads_get_slots_of_their_own)
{
    struct claims claims[THREADS] = {0};
    bool taken[THREADS * 16] = {0};

    in_threads(claims, claim_many);
    for (int i = 0; i < THREADS * 16; i++) {
        struct ring_slot *slot = claims[i / 16].slots[i % 16];
        uint32_t index = ring_slot_index(ring, slot);
        cr_assert(slot && index < THREADS * 16 && !taken[index], "slot %u twice", index);
        taken[index] = true;
    }
}

Test(ring, no_slot_has_two_owners)
{
    struct claims claims[THREADS] = {0};

    in_threads(claims, claim_and_release);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(claims[i].shared, 0);
    cr_assert_leq(ring->slot_count, THREADS + 1);
}

/* A fork child's own: put where its parent's was, and a file only when asked. */
Test(ring, renewed_it_is_empty_and_apart_and_shared_it_is_a_file_with_all_it_held)
{
    struct ring_slot *slot = ring_claim_slot(ring);
    struct ring_sample *sample;
    char path[PATH_MAX];
    struct stat status;
    struct ring_file *other;
    int error;

    slot->tid = 7;
    ring->node_next = 100;
    cr_assert_eq(rename(ring_path, strcat(strcpy(path, ring_path), ".old")), 0);
    cr_assert_eq(ring_renew(ring), 0);
    cr_assert_eq(ring->pid, getpid());
    cr_assert_eq(ring->slot_count, 0);
    cr_assert_eq(ring->node_next, TRACE_STACK_FIRST);
    cr_assert_eq(stat(ring_path, &status), -1, "no file");

    slot = ring_claim_slot(ring);
    cr_assert(slot);
    slot->tid = 8;
    sample = ring_reserve_sigsafe(slot, SAMPLE);
    sample->time_ns = 12345;
    ring_commit_sigsafe(sample, SAMPLE, RING_SAMPLE);
    ring_nodes(ring)[TRACE_STACK_FIRST].code = 77;
    ring->node_next = TRACE_STACK_FIRST + 1;
    ring->regions[1].used = 1;
    ring->has_region = 2;
    cr_assert_eq(ring_share(ring, scratch_path, 0xabc, path, sizeof(path)), 0);
    cr_assert_str_eq(path, ring_path);

    int fd = open(path, O_RDWR | O_CLOEXEC);
    cr_assert_geq(fd, 0);
    other = mmap(NULL, ring_file_size(ring->node_capacity, ring->slot_capacity, 0),
                 PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    cr_assert_neq(other, MAP_FAILED);
    cr_assert_eq(ring_slot_at(other, 0)->tid, 8);
    cr_assert_eq(((struct ring_sample *)ring_slot_at(other, 0)->data)->time_ns, 12345);
    cr_assert_eq(ring_nodes(other)[TRACE_STACK_FIRST].code, 77);
    cr_assert_eq(other->regions[1].used, 1);
    slot->samples = 3;
    cr_assert_eq(ring_slot_at(other, 0)->samples, 3, "one memory");
    ring_close(other);

    other = ring_open("/nonexistent", 1, path, sizeof(path), &error);
    cr_assert_null(other);
    cr_assert_eq(ring_share(ring, "/nonexistent", 1, path, sizeof(path)), -ENOENT);
    cr_assert_eq(ring_slot_at(ring, 0)->tid, 8, "as before");
}

Test(ring, children_are_counted_until_it_is_closed)
{
    cr_assert(ring_count_child(ring, 250000));
    cr_assert(ring_count_child(ring, 1999));
    cr_assert_eq(ring_children(ring->children), 2);
    cr_assert_eq(ring->children & RING_CHILDREN_US, 251);
    ring->children |= RING_CHILDREN_CLOSED;
    cr_assert_not(ring_count_child(ring, 1000));
    cr_assert_eq(ring_children(ring->children), 2);
    ring_open_children(ring);
    cr_assert(ring_count_child(ring, 1000));
    cr_assert_eq(ring->children, 3 * RING_CHILD + 252);
}

Test(ring, children_that_would_not_fit_are_not_counted)
{
    ring->children = RING_CHILDREN_US;
    cr_assert(ring_count_child(ring, 999));
    cr_assert_not(ring_count_child(ring, 1000));
    ring->children = RING_CHILDREN_CLOSED - RING_CHILD;
    cr_assert_not(ring_count_child(ring, 1));
    cr_assert_eq(ring->children, RING_CHILDREN_CLOSED - RING_CHILD);
}
