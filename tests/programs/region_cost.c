/*
 * What a region costs: enters and leaves one ROUNDS times and prints nanoseconds for
 * a pair; then adds to a counter as often.
 *
 *     region_cost [ROUNDS]
 */
#include "../../preload/profinject.h"

#include "burn.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 1000000;
    if (!profinject_region_push)
        return 1;
    uint64_t start = burn_thread_ns();
    for (int i = 0; i < rounds; i++) {
        profinject_region_push("region");
        profinject_region_pop();
    }
    uint64_t middle = burn_thread_ns();
    for (int i = 0; i < rounds; i++)
        profinject_counter("counter", 1);
    uint64_t end = burn_thread_ns();
    printf("%.1f ns a region, %.1f ns a counter\n", (double)(middle - start) / rounds,
           (double)(end - middle) / rounds);
    return 0;
}
