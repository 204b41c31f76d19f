/*
 * Bands and the loop inside them. Its own file so that it can be tried on processors that exist
 * only in tests.
 *
 * The gain suits a processor that full load makes 20 to 80 degrees hotter within 1 to 100 seconds.
 * One that answers faster than readings come makes the loop swing: then the gain is halved.
 */
#include "analyzer/heat/controller.h"

#include <math.h>
#include <string.h>

#define GROW_S 2.0
#define SHRINK_S 3.0
#define REDUCE_S 1.0
#define FULL_S 5.0
#define FULL_DUTY 0.98
#define SHRINK_DUTY 0.10

#define FILTER_S 0.4
#define GAIN 0.05      /* duty by degree */
#define INTEGRAL_S 4.0 /* in which the integral does what the gain does */
#define RISE 0.25      /* duty in a second, at most */
#define SWING 3.0      /* degrees from peak to trough that are a swing and not noise */
#define SWING_S 12.0   /* shorter ones are of our making */
#define GAIN_LEAST 0.005

void controller_init(struct controller *controller, const struct controller_limits *limits)
{
    memset(controller, 0, sizeof(*controller));
    controller->limits = *limits;
    controller->workers = limits->workers_base;
    controller->gain = GAIN;
    controller->action = HEAT_START;
}

static double clamp(double value, double least, double most)
{
    return fmin(fmax(value, least), most);
}

/* Halves the gain when the temperature crosses the target too often and too far. */
static void watch_swings(struct controller *c, double error)
{
    int side = error > 0 ? 1 : -1;

    c->peak = fmax(c->peak, error);
    c->trough = fmin(c->trough, error);
    if (side == c->side)
        return;
    if (side > 0) { /* a whole swing is over */
        if (c->turned_at > 0 && c->now - c->turned_at < SWING_S && c->peak - c->trough > SWING)
            c->gain = fmax(c->gain / 2, GAIN_LEAST);
        c->turned_at = c->now;
        c->peak = c->trough = 0;
    }
    c->side = side;
}

static void update_duty(struct controller *c, double dt)
{
    double error = c->limits.target - c->filtered;
    double wanted = c->gain * error + c->integral;
    bool outward = (wanted >= 1 && error > 0) || (wanted <= 0 && error < 0);

    watch_swings(c, error);
    if (!outward)
        c->integral = clamp(c->integral + c->gain * error * dt / INTEGRAL_S, 0, 1);
    wanted = clamp(c->gain * error + c->integral, 0, 1);
    c->duty = fmin(wanted, c->duty + RISE * dt);
}

static bool grow(struct controller *c)
{
    if (c->workers < c->limits.workers_base)
        c->workers++;
    else if (c->size + 1 < c->limits.sizes)
        c->size++;
    else if (c->workers < c->limits.workers_most)
        c->workers++;
    else
        return false;
    return true;
}

static bool shrink(struct controller *c)
{
    if (c->workers > c->limits.workers_base)
        c->workers--;
    else if (c->size > 0)
        c->size--;
    else
        return false;
    return true;
}

static bool reduce(struct controller *c)
{
    if (c->workers <= 1)
        return false;
    c->workers--;
    return true;
}

/* What the band asks for; `*pause` seconds have to lie between its steps. */
static enum heat_action choose(const struct controller *c, double *pause)
{
    const struct controller_limits *limits = &c->limits;

    *pause = GROW_S;
    if (c->filtered < limits->target - HEAT_GROW_BELOW)
        return HEAT_GROW;
    if (c->filtered > limits->max) {
        *pause = REDUCE_S;
        return HEAT_REDUCE;
    }
    *pause = SHRINK_S;
    if (c->filtered > limits->target + HEAT_HYSTERESIS)
        return c->now - c->idle_since >= SHRINK_S ? HEAT_SHRINK : HEAT_HOLD;
    *pause = FULL_S;
    bool short_of_it = c->filtered < limits->target - HEAT_HYSTERESIS;
    return short_of_it && c->now - c->full_since >= FULL_S ? HEAT_GROW : HEAT_HOLD;
}

static void take_step(struct controller *c)
{
    double pause;
    enum heat_action action = choose(c, &pause);
    bool (*step)(struct controller *) = action == HEAT_GROW     ? grow
                                        : action == HEAT_SHRINK ? shrink
                                        : action == HEAT_REDUCE ? reduce
                                                                : NULL;

    if (action == HEAT_REDUCE)
        c->size = 0;
    c->action = action;
    if (step == NULL || c->now - c->stepped_at < pause)
        return;
    if (step(c))
        c->stepped_at = c->now;
    else if (action != HEAT_REDUCE) /* nothing is left of it */
        c->action = HEAT_HOLD;
}

void controller_step(struct controller *c, double celsius, double now, bool resting)
{
    double dt = c->began ? clamp(now - c->now, 0, 1) : 0;

    if (!c->began)
        c->filtered = celsius;
    c->began = true;
    c->now = now;
    c->filtered += (celsius - c->filtered) * (1 - exp(-dt / FILTER_S));
    if (celsius >= c->limits.critical || c->action == HEAT_STOP) {
        c->action = HEAT_STOP;
        c->duty = 0;
        c->workers = 0;
        return;
    }
    if (c->size >= c->limits.sizes)
        c->size = c->limits.sizes - 1;
    if (resting)
        return;
    update_duty(c, dt);
    if (c->duty < FULL_DUTY)
        c->full_since = now;
    if (c->duty > SHRINK_DUTY)
        c->idle_since = now;
    take_step(c);
}

const char *heat_action_text(enum heat_action action)
{
    static const char *const texts[] = {
        [HEAT_START] = "start",   [HEAT_GROW] = "grow",     [HEAT_HOLD] = "hold",
        [HEAT_SHRINK] = "shrink", [HEAT_REDUCE] = "reduce", [HEAT_STOP] = "stop",
    };

    return texts[action];
}
