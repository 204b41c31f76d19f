/* Machines that this does not run on: what two looks, a second apart, find of known files. */
#include "preload/resources/control_group.h"
#include "preload/resources/machine.h"
#include "tests/unit/machine_tree.h"

TestSuite(machine_trees, .init = tree_init, .fini = scratch_release);

static struct machine *machine;

static void look_twice(const char *name)
{
    tree_unpack(name, 1);
    machine = machine_new(".", resource_log_new());
    cr_assert_not_null(machine);
    machine_look(machine, true);
    tree_unpack(name, 2);
    tree_now_ns += UINT64_C(1000000000);
    machine_look(machine, true);
    tree_compare(name);
}

Test(machine_trees, laptop)
{
    look_twice("laptop");
    cr_expect_float_eq(machine_load(machine), 0.157, 0.001);
    machine_free(machine);
}

Test(machine_trees, the_first_look_is_at_everything)
{
    tree_unpack("laptop", 1);
    machine = machine_new(".", resource_log_new());
    cr_assert_not_null(machine);
    for (unsigned look = 1; look <= 2; look++) {
        machine_look(machine, false);
        cr_expect_eq(double_find(RESOURCE_LOAD_1, "")->puts, 1);
        cr_expect_eq(double_find(RESOURCE_MEMORY_FREE, "")->puts, look);
    }
    machine_look_at_slow(machine);
    cr_expect_eq(double_find(RESOURCE_MEMORY_FREE, "")->puts, 2);
    cr_expect_eq(double_find(RESOURCE_POWER_BATTERY, "BAT0")->puts, 2);
    machine_free(machine);
}

Test(machine_trees, server)
{
    look_twice("server");
    machine_free(machine);
}

Test(machine_trees, two_packages)
{
    look_twice("two_packages");
    cr_expect_null(double_find(RESOURCE_CPU_THROTTLED, "cpu4"), "a core is counted once");
    machine_free(machine);
}

Test(machine_trees, graphics_cards)
{
    look_twice("gpus");
    machine_free(machine);
}

Test(machine_trees, nothing_that_is_wrong_is_zero)
{
    look_twice("broken");
    machine_free(machine);
}

Test(machine_trees, virtual_machine)
{
    look_twice("virtual");
    cr_expect_float_eq(machine_load(machine), 0.4, 0.001, "busy, and what the host took");
    machine_free(machine);
}

Test(machine_trees, nothing_at_all)
{
    machine = machine_new("/nowhere", resource_log_new());
    cr_assert_not_null(machine);
    machine_look(machine, true);
    machine_free(machine);
    cr_expect_gt(double_count, 40);
    for (unsigned i = 0; i < double_count; i++)
        cr_expect(doubles[i].silent, "%s", resource_info(doubles[i].resource)->name);
}

static void follow_group(const char *name)
{
    struct control_group group;
    tree_unpack(name, 1);
    control_group_open(&group, ".", 0, resource_log_new());
    control_group_look(&group);
    tree_unpack(name, 2);
    control_group_look(&group);
    control_group_close(&group);
    tree_compare(name);
}

Test(machine_trees, container_of_version_1)
{
    follow_group("container_v1");
}

Test(machine_trees, container_of_version_2)
{
    follow_group("container_v2");
}
