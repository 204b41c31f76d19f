/*
 * A chain of powers and exponentials, each waiting for the one before: the other kind of load of
 * `profinject heat`, as a matrix product waits for nothing.
 *
 * No state but the value, which stays between 1/e and 1 whatever it begins with, NaN included.
 */
#ifndef PROFINJECT_HEAT_CHAIN_H
#define PROFINJECT_HEAT_CHAIN_H

#include <stdint.h>

/* Takes `steps` steps from `value`; returns where they end. */
double chain_run(double value, uint64_t steps);

#endif
