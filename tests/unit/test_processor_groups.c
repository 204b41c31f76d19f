/* Groups of processors as traces tell them, and texts that are none. */
#include "analyzer/model/processor_groups.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static char told[400];
static size_t count;

static void note(void *context, size_t group, size_t processor)
{
    size_t used = strlen(told);
    (void)context;
    snprintf(told + used, sizeof(told) - used, "%s%zu:%zu", used > 0 ? " " : "", group, processor);
    count++;
}

static void expect(const char *text, const char *expected)
{
    told[0] = '\0';
    processor_groups_each(text, note, NULL);
    cr_expect_str_eq(told, expected, "%s: %s", text, told);
}

Test(processor_groups, as_written)
{
    expect("0: 0-6:2; 1: 1-7:2", "0:0 0:2 0:4 0:6 1:1 1:3 1:5 1:7");
    expect("4: 0-3", "4:0 4:1 4:2 4:3");
    expect("0: 0,2-3,8-12:4; 7: 1", "0:0 0:2 0:3 0:8 0:12 7:1");
}

Test(processor_groups, up_to_what_is_wrong)
{
    expect("", "");
    expect("0:1", "");
    expect("-1: 0", "");
    expect(" 0: 0", "");
    expect("0: 0;1: 1", "0:0");
    expect("0: 0; 1", "0:0");
    expect("0: 3,2-1", "0:3");
    expect("0: 3,0-4:0", "0:3");
    expect("0: 3,70000", "0:3");
    expect("0: 3,99999999999999999999999999", "0:3");
    expect("70000: 3", "");
    expect("0: 5,", "0:5");
    expect("0: 5-", "");
}

/* Ranges cost less to write than to follow. */
Test(processor_groups, no_more_than_there_can_be)
{
    static char text[1 << 20];
    for (size_t used = 0; used + 32 < sizeof(text);)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s0: 0-65535",
                                 used > 0 ? "; " : "");
    told[0] = 'x';
    count = 0;
    processor_groups_each(text, note, NULL);
    cr_expect_eq(count, PROCESSOR_GROUPS_MOST);
}
