/* Unit tests of analyzer/load/trace_start.c. */
#include "analyzer/load/trace_start.h"

#include "tests/unit/scratch.h"
#include "tests/unit/trace_maker.h"

#include <criterion/criterion.h>

TestSuite(trace_start, .init = scratch_init, .fini = scratch_release);

Test(trace_start, as_the_first_chunk_says)
{
    struct bytes file = made_trace();

    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_expect_eq(trace_start("trace.pinj"), 1000);
}

Test(trace_start, its_first_event_where_it_does_not_say)
{
    struct bytes file = {0}, payload = {0};

    make_property(&payload, "comm", "made");
    make_chunk(&file, &payload, (struct made_chunk){MADE_VERSION, 1, 0});
    make_file("trace.pinj", &file);
    bytes_free(&file);
    cr_expect_eq(trace_start("trace.pinj"), 1000); /* of the chunk's header */
}

Test(trace_start, never_where_nothing_can_be_read)
{
    cr_expect_eq(trace_start("absent.pinj"), UINT64_MAX);
}
