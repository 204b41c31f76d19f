/*
 * How often the servant looks at rings and writes what they hold. Pure functions.
 */
#ifndef PROFINJECT_PACE_H
#define PROFINJECT_PACE_H

#include <stdint.h>

#define PACE_LOOK_MAX_NS 1000000000ull /* looks at least this often, and */
#define PACE_LOOK_MIN_NS 20000000ull   /* at most this often */
/* What waits is written after this time, at first sooner: one second would take 0.5 bytes more a
 * sample, and what rings hold is not lost when the process is killed. */
#define PACE_WRITE_MAX_NS 2000000000ull
#define PACE_WRITE_MIN_NS 50000000ull
#define PACE_MEMORY_MAX_NS 1000000000ull /* memory is looked at so often, at first likewise */

/* Half of what has passed since the beginning, within bounds: at first all is done sooner,
 * or a target killed in its first second would leave nothing. */
uint64_t pace_soon_ns(uint64_t age_ns, uint64_t least_ns, uint64_t most_ns);

/* A ring must not fill between two looks: a quarter of it, at a sample per period. */
uint64_t pace_look_ns(uint64_t period_ns);

#endif
