/* Waits of traces with the profile's threads, stacks and objects. */
#include "analyzer/load/load.h"
#include "analyzer/model/wait_kind.h"
#include "tests/unit/scratch.h"
#include "tests/unit/waits_maker.h"

#include <criterion/criterion.h>

#define MS 1000000ull
#define LOCK 0x7f0000001000

static struct profile *profile;

static void start(void)
{
    const struct made_node nodes[] = {{8, 0, 0x11001, 0}, {9, 8, 0x12001, 0}};
    const struct made_waits waits[] = {
        {0, 9, TRACE_WAIT_MUTEX, LOCK, 101, 1, 30 * MS, 0, 0, 0},
        {10000, 9, TRACE_WAIT_READ, 1, 0, 1, 10 * MS, 0, 0, 512},
        {10000, 9, TRACE_WAIT_CHILD, 0, 101, 2, 5 * MS, 4 * MS, 8 * MS, 0},
        {10000, 9, TRACE_WAIT_MUTEX, LOCK + 64, 999, 1, MS / 2, 0, 0, 0},
    };
    const struct load_options options = {.no_symbols = true};
    struct bytes payload = {0}, file = {0};
    struct problem problem;
    const char *path = "trace.pinj";

    scratch_init();
    make_property(&payload, "weight_unit_ns", "1000000");
    make_property(&payload, "waits", "on");
    make_thread(&payload, 1, 100, 0, "main");
    make_thread(&payload, 2, 101, 0, "holder");
    make_thread(&payload, 3, 101, 500 * MS, "later");
    make_stacks(&payload, 0, nodes, 2);
    make_waits(&payload, 1, 0, 40 * MS, waits, 4);
    make_object(&payload, 1, TRACE_OBJECT_FILE, 5, "/data", (uint64_t[]){9, 900, 8, 7, 1, 2, 0, 0});
    make_object(&payload, 2, TRACE_OBJECT_LOCK, LOCK, "named", (uint64_t[8]){0});
    make_object(&payload, 3, TRACE_OBJECT_FILE, 6, "/cached", (uint64_t[]){1, 1, 1, 1, 0, 0, 0, 0});
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file(path, &file);
    bytes_free(&file);
    cr_assert_eq(load_profile(&path, 1, &options, &profile, &problem), 0);
}

static void stop(void)
{
    profile_free(profile);
    scratch_release();
}

TestSuite(merge_waits, .init = start, .fini = stop);

static const struct profile_wait *wait_of(uint32_t kind)
{
    for (size_t i = 0; i < profile->wait_count; i++)
        if (profile->waits[i].kind == kind)
            return &profile->waits[i];
    cr_assert_fail("no wait of kind %u", kind);
    return NULL;
}

Test(merge_waits, a_lock_is_the_object_of_its_address)
{
    const struct profile_wait *lock = wait_of(TRACE_WAIT_MUTEX);
    const struct profile_object *object = &profile->objects[lock->object];

    cr_expect(object->has_address && object->address == LOCK);
    cr_expect_str_eq(object->name, "named");
    cr_expect_eq(lock->peer, 101);
    cr_assert_eq(lock->peer_thread, 1);
    cr_expect_str_eq(profile->threads[lock->peer_thread].name, "holder");
    cr_expect_eq(lock->sums.blocked_ns, 30 * MS);
}

Test(merge_waits, files_have_what_was_read_and_written)
{
    const struct profile_object *object = &profile->objects[wait_of(TRACE_WAIT_READ)->object];

    cr_expect_str_eq(object->name, "/data");
    cr_expect_not(object->has_address);
    cr_expect(object->reads.calls == 9 && object->reads.bytes == 900 && object->reads.small == 8);
    cr_expect(object->reads.onward == 7 && object->writes.bytes == 2);
    cr_expect_eq(profile->object_count, 4, "one more lock, and a file nobody waited for");
}

/* Of a process the number is no thread's. */
Test(merge_waits, children_are_no_threads)
{
    const struct profile_wait *child = wait_of(TRACE_WAIT_CHILD);

    cr_expect_eq(child->peer, 101);
    cr_expect_eq(child->peer_thread, WAIT_THREAD_NONE);
    cr_expect_eq(child->object, WAIT_OBJECT_NONE);
    cr_expect_eq(child->sums.count, 2);
}

Test(merge_waits, stacks_end_in_the_mark_of_the_kind)
{
    const struct stack_node *leaf = &profile->stacks[wait_of(TRACE_WAIT_READ)->stack];

    cr_expect_str_eq(profile->frames[leaf->frame].function, "[off-CPU: read]");
    cr_expect_eq(profile->frames[leaf->frame].kind, FRAME_MARK);
    cr_expect_neq(leaf->parent, STACK_NONE);
    for (size_t i = 0; i < profile->entries.count; i++)
        if (profile->entries.places[i].stack == wait_of(TRACE_WAIT_READ)->stack)
            cr_expect_eq(entries_value(&profile->entries, i, METRIC_IO_WAIT), 10 * MS);
}

Test(merge_waits, single_waits_of_a_millisecond)
{
    cr_assert_eq(profile->single_count, 2);
    cr_expect_eq(profile->singles[0].kind, TRACE_WAIT_MUTEX);
    cr_expect(profile->singles[0].begin_ns == 10 * MS && profile->singles[0].end_ns == 40 * MS);
    cr_expect_eq(profile->singles[0].object, wait_of(TRACE_WAIT_MUTEX)->object);
}
