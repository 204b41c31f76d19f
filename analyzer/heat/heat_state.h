/*
 * What there is to show of a load at one moment: for the line on the screen and for the log. A plain
 * structure; what is not known is NAN.
 */
#ifndef PROFINJECT_HEAT_HEAT_STATE_H
#define PROFINJECT_HEAT_HEAT_STATE_H

#include <stdint.h>

struct heat_state {
    double seconds; /* since the load began */
    double celsius, target;
    const char *action;
    unsigned size, workers;
    double duty;                        /* 0 to 1 */
    double cpu_percent, memory_percent; /* of the machine */
    double gflops;                      /* since the state before */
    uint64_t products, operations;
    uint32_t wrong;
};

#endif
