/* The machine that this runs on: whatever it has, each series has a value or a reason. */
#include "preload/resources/machine.h"
#include "tests/unit/log_double.h"

#include <unistd.h>

Test(machine, every_series_here_has_a_value_or_a_reason)
{
    struct resource_log *log = resource_log_new();
    struct machine *machine = machine_new("/", log);
    cr_assert_not_null(machine);
    for (int i = 0; i < 3; i++) {
        double change = machine_look(machine, true);
        cr_expect(change >= 0 && change <= 1);
        usleep(50000);
    }
    cr_expect(machine_load(machine) >= 0 && machine_load(machine) <= 1);
    machine_free(machine);
    if (getenv("PROFINJECT_TEST_PRINT"))
        double_print(stderr);
    for (unsigned i = 0; i < double_count; i++)
        cr_expect(doubles[i].silent || doubles[i].puts > 0, "%s '%s' has neither",
                  resource_info(doubles[i].resource)->name, doubles[i].subject);
}
