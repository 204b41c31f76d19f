/* Lists of processors, the kernel's and ours. */
#include "preload/resources/processor_set.h"

#include <criterion/criterion.h>
#include <string.h>

static struct processor_set set;

static const char *written(size_t size)
{
    static char text[256];
    size_t length = processor_set_write(&set, text, size);
    cr_assert_eq(length, length ? strlen(text) : 0);
    return length ? text : "nothing";
}

static void expect(const char *list, unsigned count, const char *ours)
{
    set = (struct processor_set){0};
    cr_expect(processor_set_read(&set, list), "%s", list);
    cr_expect_eq(processor_set_count(&set), count, "%s", list);
    cr_expect_str_eq(written(256), ours);
}

Test(processor_set, lists)
{
    expect("0-3,8-11\n", 8, "0-3,8-11");
    expect("7", 1, "7");
    expect("0,2,4,6,8,10", 6, "0-10:2");
    expect("0,2", 2, "0,2");
    expect("0,2,3,4", 4, "0,2-4");
    expect("1,5,9,10", 4, "1-9:4,10");
    expect("63-64,1023", 3, "63-64,1023");
}

Test(processor_set, what_is_no_list)
{
    expect("5,x", 1, "5");
    expect("5,3-", 1, "5");
    expect("5,1024", 1, "5");
    expect("5,9-8", 1, "5");
    expect("5,99999999999999999999999", 1, "5");
    set = (struct processor_set){0};
    cr_expect_not(processor_set_read(&set, ""));
    cr_expect_not(processor_set_read(&set, "-1"));
    cr_expect_str_eq(written(256), "nothing");
}

Test(processor_set, no_room)
{
    expect("0-3,8-11", 8, "0-3,8-11");
    cr_expect_str_eq(written(9), "0-3,8-11");
    cr_expect_str_eq(written(8), "nothing");
    cr_expect_str_eq(written(1), "nothing");
}

Test(processor_set, parts)
{
    struct processor_set gone = {0};
    expect("0-9", 10, "0-9");
    processor_set_read(&gone, "2-4,20");
    processor_set_remove(&set, &gone);
    cr_expect_str_eq(written(256), "0-1,5-9");
    cr_expect_eq(processor_set_next(&set, 2), 5);
    cr_expect_eq(processor_set_next(&set, 10), PROCESSOR_SET_MAX);
    cr_expect(processor_set_has(&set, 5));
    cr_expect_not(processor_set_has(&set, 4));
}
