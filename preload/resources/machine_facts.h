/*
 * What a recording says of the machine once: properties of the trace. Few, for who reads it
 * elsewhere must know what all the series are of.
 *
 * Any thread; no allocation from the heap; not for signal handlers. errno may change.
 */
#ifndef PROFINJECT_RESOURCES_MACHINE_FACTS_H
#define PROFINJECT_RESOURCES_MACHINE_FACTS_H

/* `name` is static, `value` a text that is the callee's for the call only. */
typedef void machine_fact(void *context, const char *name, const char *value);

/* Tells what is known below `root`, see machine_new(), and of this process's control group:
 *   machine.cpu_model               of the first processor
 *   machine.cpus                    processors that are on
 *   machine.cores_performance       of machines with two kinds: how many processors of each
 *   machine.cores_efficiency
 *   machine.packages                where several are, and slowed down: "0: 0-6:2; 1: 1-7:2", which
 *                                   processors each has (machine_topology.h)
 *   machine.threads                 of cores with several, likewise: "4: 0-3", processor 4 is one of
 *                                   processor 0's core
 *   machine.memory                  bytes
 *   machine.gpus                    "card0 AMD 1002:744c, card1 Intel 8086:46a6"
 *   machine.container               "docker, 2.00 processors, 512 MiB": its kind, and the limits
 *                                   of its group, as far as there are any
 */
void machine_facts_tell(const char *root, machine_fact *tell, void *context);

#endif
