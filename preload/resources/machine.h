/*
 * The machine as a whole: processors, memory, disks, network, pressure, power, temperatures,
 * graphics cards, by what the kernel has of them in text files, which are kept open. One for a
 * recording; see election.h for whose it is.
 *
 * One thread at a time. No allocation after machine_new(). Where a file is missing, not to be
 * read or holds nothing that can be understood, its series are unavailable, with the reason.
 */
#ifndef PROFINJECT_RESOURCES_MACHINE_H
#define PROFINJECT_RESOURCES_MACHINE_H

#include "preload/resources/resource_log.h"

struct machine;

/* Looks for what there is below `root` ("" for the real one: /proc, /sys; else recorded trees, as
 * tests have them) and defines its series in `log`. NULL when there is no memory. */
struct machine *machine_new(const char *root, struct resource_log *log);
void machine_free(struct machine *machine); /* NULL is allowed */

/* Puts values into the moment that the log has begun. `slow`: also what changes slowly (sensors,
 * batteries, memory in all), which is worth a look about once a second; the first look always is,
 * since who follows after another one may have less than a second. Returns how much changed since
 * the look before: 0, nothing worth mentioning, to 1, for those who adapt to it. */
double machine_look(struct machine *machine, bool slow);

/* Only at sensors, batteries, cards and throttling: where the rest was looked at just before. */
void machine_look_at_slow(struct machine *machine);

/* How busy it is, 0 to 1, by the look before; for those who spare it. */
double machine_load(const struct machine *machine);

#endif
