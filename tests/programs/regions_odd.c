/*
 * Regions and counters as nobody should use them: more names than there is room for,
 * deeper than is kept, left without being entered, names that are odd.
 */
#include "../../preload/profinject.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
    char name[200];
    if (!profinject_region_push)
        return 0;
    for (int i = 0; i < 5; i++)
        profinject_region_pop();
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "region %d", i);
        profinject_region_push(name);
        profinject_region_pop();
    }
    for (int i = 0; i < 100; i++)
        profinject_region_push("region 7");
    for (int i = 0; i < 100; i++)
        profinject_region_pop();
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    profinject_region_push(name);
    profinject_region_push("");
    profinject_region_push(NULL);
    for (int i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "counter %d", i);
        profinject_counter(name, i);
    }
    profinject_counter(NULL, 1);
    puts("done");
    return 0;
}
