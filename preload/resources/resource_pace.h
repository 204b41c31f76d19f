/*
 * How often resources are looked at: the rule by which collectors adapt. Pure functions over a
 * struct of the caller's.
 *
 * The asked rate is the most. It is kept while anything changes. It becomes slower, down to
 * RESOURCE_PACE_SLOWEST_NS at most,
 *   - when nothing runs in the process: 4 a second after 5 s, one after 30 s. Until then
 *     a look that finds so is one system call, and the first that finds otherwise is complete;
 *   - when all goes on as it did, and the machine is busy: half of the rate after a second, a
 *     quarter after three;
 *   - when looks would take more than a hundredth of one processor otherwise.
 */
#ifndef PROFINJECT_RESOURCES_RESOURCE_PACE_H
#define PROFINJECT_RESOURCES_RESOURCE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#define RESOURCE_PACE_SLOWEST_NS 2000000000ull
#define RESOURCE_PACE_CHANGE 0.05 /* of what was before: less is as it was */
#define RESOURCE_PACE_BUSY 0.9    /* of all processors' time */

struct resource_pace {
    uint64_t asked_ns;
    uint64_t cost_ns; /* of a look, smoothed */
    uint64_t owed_ns; /* of dear ones: not yet in it */
    uint32_t looks;
    uint64_t changed_ns, ran_ns;
    uint64_t period_ns;
};

/* What a look found. */
struct resource_found {
    bool ran;      /* anything in the process did */
    double change; /* 0: all as before, to 1 */
    double load;   /* of the machine, 0: not known */
    uint64_t cost_ns;
    unsigned sharing; /* as many processes are looked at by the same thread */
};

/* `rate`: looks per second asked for, not 0. */
void resource_pace_init(struct resource_pace *pace, unsigned rate, uint64_t now_ns);

/* Takes note of a look; the time until the next is pace->period_ns. */
void resource_pace_note(struct resource_pace *pace, uint64_t now_ns,
                        const struct resource_found *found);

/* How much a rate changed, against the larger of the two: 0 to 1. What is below `least` is 0. */
double resource_pace_change(double before, double now, double least);

#endif
