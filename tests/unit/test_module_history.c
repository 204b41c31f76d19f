/* Which module was where, and when. */
#include "analyzer/load/module_history.h"

#include <criterion/criterion.h>

static struct module_history history;

static void start(void)
{
    module_history_init(&history);
}

static void stop(void)
{
    module_history_release(&history);
}

static void define(uint64_t id, uint64_t from, uint64_t to, uint64_t generation, uint32_t image)
{
    const struct mapped_module module = {
        .start = from, .end = to, .generation = generation, .image = image};

    module_history_define(&history, id, &module);
}

/* The image found, 0 for none. */
static uint32_t image_at(uint64_t pc, uint64_t generation)
{
    const struct mapped_module *module = module_history_find(&history, pc, generation);

    return module != NULL ? module->image : 0;
}

TestSuite(module_history, .init = start, .fini = stop);

Test(module_history, by_address)
{
    define(1, 0x3000, 0x4000, 0, 3);
    define(2, 0x1000, 0x2000, 0, 1);
    cr_assert_eq(image_at(0xfff, 0), 0);
    cr_assert_eq(image_at(0x1000, 0), 1);
    cr_assert_eq(image_at(0x1fff, 0), 1);
    cr_assert_eq(image_at(0x2000, 0), 0);
    cr_assert_eq(image_at(0x3800, 0), 3);
    cr_assert_eq(image_at(UINT64_MAX, 0), 0);
}

Test(module_history, a_short_module_does_not_hide_a_long_one_below_it)
{
    define(1, 0x1000, 0x9000, 0, 1);
    define(2, 0x2000, 0x3000, 5, 2);
    module_history_gone(&history, 2, 6);
    cr_assert_eq(image_at(0x8000, 0), 1);
    cr_assert_eq(image_at(0x2800, 5), 2, "the later one of two that were there");
    cr_assert_eq(image_at(0x2800, 6), 1);
}

Test(module_history, the_same_address_over_generations)
{
    define(1, 0x1000, 0x2000, 0, 1);
    module_history_gone(&history, 1, 3);
    define(2, 0x1000, 0x2000, 5, 2);
    module_history_gone(&history, 2, 7);
    cr_assert_eq(image_at(0x1800, 2), 1);
    cr_assert_eq(image_at(0x1800, 3), 1, "between two: the one that went last");
    cr_assert_eq(image_at(0x1800, 4), 1);
    cr_assert_eq(image_at(0x1800, 5), 2);
    cr_assert_eq(image_at(0x1800, 9), 2, "after both: the one that went last");
}

Test(module_history, noticed_late)
{
    define(1, 0x1000, 0x2000, 4, 1);
    define(2, 0x1000, 0x2000, 9, 2);
    cr_assert_eq(image_at(0x1800, 1), 1, "the one that came next");
}

Test(module_history, defined_again)
{
    define(1, 0x1000, 0x2000, 0, 1);
    module_history_gone(&history, 1, 2);
    define(1, 0x1000, 0x2000, 0, 1);
    define(2, 0x1000, 0x2000, 2, 2);
    cr_assert_eq(image_at(0x1800, 2), 2, "a repeated definition does not bring it back");
    define(1, 0x5000, 0x6000, 0, 3);
    cr_assert_eq(image_at(0x1800, 0), 2);
    cr_assert_eq(image_at(0x5800, 0), 3);
}

Test(module_history, an_end_without_a_beginning_covers_nothing)
{
    module_history_gone(&history, 77, 1);
    cr_assert_eq(image_at(0, 0), 0);
    cr_assert_eq(image_at(0x1000, 0), 0);
}
