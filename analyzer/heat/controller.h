/*
 * What the load should be at a temperature. Pure: no clock, no sensor, no worker.
 *
 * Four bands choose how large matrices are and how many workers there are:
 *
 *   below target - 10   grow      the next larger size, then more workers, one step in 2 s
 *   to target           hold
 *   to max              shrink    fewer workers down to one a processor, then smaller sizes
 *   above max           reduce    the smallest size at once, one worker fewer in 1 s, down to one
 *   from critical on    stop      for good
 *
 * Inside them the share of time that workers compute (duty) holds the target: proportional and
 * integral, with a slower rise than fall, the integral kept where the duty is at its limits. So that
 * noise about the target does not walk down the ladder, *shrink* begins HEAT_HYSTERESIS above the
 * target and acts when the duty has no room left: less than SHRINK_DUTY. Likewise *hold* grows when
 * the duty has been full for 5 s and the target is still HEAT_HYSTERESIS away: bands alone would
 * stay below it for ever.
 */
#ifndef PROFINJECT_HEAT_CONTROLLER_H
#define PROFINJECT_HEAT_CONTROLLER_H

#include <stdbool.h>

#define HEAT_HYSTERESIS 2.0 /* degrees */
#define HEAT_GROW_BELOW 10.0

enum heat_action { HEAT_START, HEAT_GROW, HEAT_HOLD, HEAT_SHRINK, HEAT_REDUCE, HEAT_STOP };

struct controller_limits {
    double target, max, critical; /* degrees Celsius, in that order */
    unsigned sizes;               /* steps of the ladder, at least 1; may become fewer later */
    unsigned workers_base;        /* one a processor; what the load begins with */
    unsigned workers_most;
};

struct controller {
    struct controller_limits limits;
    enum heat_action action;
    unsigned size, workers; /* what should be: step of the ladder, number */
    double duty;            /* 0 to 1 */
    /* Inside. */
    bool began;
    double now, filtered, integral, gain;
    double stepped_at, full_since, idle_since;
    double turned_at, peak, trough; /* of oscillations */
    int side;
};

void controller_init(struct controller *controller, const struct controller_limits *limits);

/* At `now` seconds it is `celsius`. `resting`: others keep the load off, nothing is learned. */
void controller_step(struct controller *controller, double celsius, double now, bool resting);

/* "grow" */
const char *heat_action_text(enum heat_action action);

#endif
