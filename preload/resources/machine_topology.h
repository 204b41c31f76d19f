/*
 * Which processors are in one package, and which are threads of one core: counts of a package or a
 * core are of all of them.
 *
 * Both as "NUMBER: SET; NUMBER: SET", sets as processor_set_write() has them. Threading as
 * kernel_files.h; no allocation.
 */
#ifndef PROFINJECT_RESOURCES_MACHINE_TOPOLOGY_H
#define PROFINJECT_RESOURCES_MACHINE_TOPOLOGY_H

#include "preload/resources/kernel_files.h"

/* By package: "0: 0-6:2; 1: 1-7:2". The length, 0: there is one, or it is not known, or there is no
 * room for it; what was written then is nothing. */
size_t machine_topology_packages(struct kernel_files *files, char *to, size_t size);

/* By distance, "8: 0-7": processor 8 is another thread of processor 0's core, as 15 is of 7's.
 * Likewise, 0 also when each core has one. */
size_t machine_topology_threads(struct kernel_files *files, char *to, size_t size);

#endif
