/* The machine that this runs on: whatever it has, each series has a value or a reason. With
 * PROFINJECT_TEST_PRINT in the environment, what was found and what a look costs. */
#include "preload/resources/machine.h"
#include "tests/unit/log_double.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static double cpu_us(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

/* Of looks at 10 Hz, of which each tenth is slow. */
static void print_cost(struct machine *machine)
{
    double fast = 0, slow = 0;
    for (int i = 0; i < 50; i++) {
        double before = cpu_us();
        machine_look(machine, i % 10 == 0);
        *(i % 10 ? &fast : &slow) += cpu_us() - before;
        usleep(100000);
    }
    fprintf(stderr, "a look: %.0f us, once a second %.0f us; in all %.3f %% of one CPU\n",
            fast / 45, slow / 5, (fast + slow) / 5e6 * 100);
}

Test(machine, every_series_here_has_a_value_or_a_reason)
{
    struct resource_log *log = resource_log_new();
    double before = cpu_us();
    struct machine *machine = machine_new("/", log);
    double opening = cpu_us() - before;
    cr_assert_not_null(machine);
    for (int i = 0; i < 3; i++) {
        double change = machine_look(machine, true);
        cr_expect(change >= 0 && change <= 1);
        usleep(50000);
    }
    cr_expect(machine_load(machine) >= 0 && machine_load(machine) <= 1);
    if (getenv("PROFINJECT_TEST_PRINT")) {
        double_print(stderr);
        fprintf(stderr, "to begin: %.0f us\n", opening);
        print_cost(machine);
    }
    machine_free(machine);
    for (unsigned i = 0; i < double_count; i++)
        cr_expect(doubles[i].silent || doubles[i].puts > 0, "%s '%s' has neither",
                  resource_info(doubles[i].resource)->name, doubles[i].subject);
}
