/*
 * Distrust of sensors, in numbers. Its own file because everything that keeps the load safe hangs
 * on it, and it can be tested without a load, a clock or a file.
 */
#include "analyzer/heat/sensor_check.h"

#include <math.h>
#include <string.h>

#define SPIKES_S 10.0
#define SWINGS 6
#define SWINGS_S 2.0
#define RESPONSE_S 10.0
#define RESPONSE_LOAD 0.3
#define PROBE_AFTER_S 30.0
#define PROBE_S 10.0
#define LOAD_MEAN_S 3.0
#define PAUSE_S 1.0 /* without a beat workers have stopped by then */

void sensor_check_init(struct sensor_check *check, double max_jump)
{
    memset(check, 0, sizeof(*check));
    check->max_jump = max_jump;
    check->spiked_at = -INFINITY;
}

/* Whether the values before this run changed so that a run is no accident. */
static bool is_noisy(const struct sensor_check *check)
{
    unsigned values = 0, same = 0, turns = 0;
    double finest = INFINITY;

    if (check->noise_count < HEAT_NOISE)
        return false;
    for (unsigned i = 0; i < HEAT_NOISE; i++) {
        bool known = false;
        for (unsigned j = 0; j < i && !known; j++)
            known = check->noise[j] == check->noise[i];
        values += !known;
        if (i == 0)
            continue;
        double step = check->noise[i] - check->noise[i - 1];
        same += step == 0;
        finest = step != 0 ? fmin(finest, fabs(step)) : finest;
        turns += i >= 2 && step * (check->noise[i - 1] - check->noise[i - 2]) < 0;
    }
    return finest < 0.9 && values >= 6 && same <= HEAT_NOISE / 4 && turns >= HEAT_NOISE / 4;
}

static void push_noise(struct sensor_check *check, double value)
{
    if (check->noise_count == HEAT_NOISE)
        memmove(check->noise, check->noise + 1, (HEAT_NOISE - 1) * sizeof(check->noise[0]));
    else
        check->noise_count++;
    check->noise[check->noise_count - 1] = value;
}

/* Six large steps up and down in turn. */
static bool is_swinging(struct sensor_check *check, double step)
{
    int direction = (step > check->max_jump / 2) - (step < -check->max_jump / 2);

    if (direction == 0)
        return false;
    if (check->swings == 0 || check->now - check->swing_began > SWINGS_S ||
        direction == check->swing) {
        check->swings = 0;
        check->swing_began = check->now;
    }
    check->swing = direction;
    return ++check->swings >= SWINGS;
}

static enum sensor_fault still_fault(struct sensor_check *check, bool stamped)
{
    double same = check->now - check->changed_at;

    if (stamped && check->now - fmax(check->written_at, check->changed_at) >= HEAT_STALE_S)
        return SENSOR_STALE;
    if (same >= HEAT_STALE_S && is_noisy(check))
        return SENSOR_FROZEN;
    if (same >= RESPONSE_S && !check->probing &&
        fabs(check->load - check->load_at_change) >= RESPONSE_LOAD)
        return SENSOR_FROZEN;
    if (same >= PROBE_AFTER_S && check->load > 0.02)
        check->probing = true;
    return check->probing && same >= PROBE_AFTER_S + PROBE_S ? SENSOR_FROZEN : SENSOR_SOUND;
}

static enum sensor_fault believe(struct sensor_check *check, const struct sensor_reading *reading)
{
    double before = check->value;

    if (!check->any || reading->stamp != check->stamp)
        check->written_at = check->now;
    check->stamp = reading->stamp;
    check->value = reading->celsius;
    if (check->any && reading->celsius == before) {
        check->run++;
        return still_fault(check, reading->stamped);
    }
    for (unsigned i = 0; check->any && i <= check->run; i++)
        push_noise(check, before);
    check->run = 0;
    check->changed_at = check->now;
    check->load_at_change = check->load;
    check->probing = false;
    bool swinging = check->any && is_swinging(check, reading->celsius - before);
    check->any = true;
    return swinging ? SENSOR_JUMPING : SENSOR_SOUND;
}

/* A spike that is over: the second within SPIKES_S is a fault. */
static enum sensor_fault forgive(struct sensor_check *check)
{
    bool spike = check->doubt == SENSOR_JUMPING;
    bool again = spike && check->now - check->spiked_at < SPIKES_S;

    if (spike)
        check->spiked_at = check->now;
    check->doubt = SENSOR_SOUND;
    return again ? SENSOR_JUMPING : SENSOR_SOUND;
}

static void update_load(struct sensor_check *check, double load, double now)
{
    double since = check->any ? now - check->now : 0;

    check->load += (load - check->load) * (1 - exp(-fmax(since, 0) / LOAD_MEAN_S));
}

/* Nobody looked for a while, as this process was stopped: what was before says nothing. */
static void begin_anew(struct sensor_check *check, double now)
{
    check->any = false;
    check->written_at = check->changed_at = now;
    check->noise_count = check->run = check->swings = 0;
    check->probing = false;
}

enum sensor_fault sensor_check_look(struct sensor_check *check,
                                    const struct sensor_reading *reading, double load, double now)
{
    enum sensor_fault doubt = reading->fault;

    if (check->fault != SENSOR_SOUND)
        return check->fault;
    if (check->any && now - check->now > PAUSE_S)
        begin_anew(check, now);
    update_load(check, load, now);
    if (check->first == 0)
        check->first = now;
    check->now = now;
    if (doubt == SENSOR_SOUND && check->any &&
        fabs(reading->celsius - check->value) > check->max_jump)
        doubt = SENSOR_JUMPING;
    if (doubt == SENSOR_SOUND) {
        check->fault = forgive(check);
        if (check->fault == SENSOR_SOUND)
            check->fault = believe(check, reading);
        return check->fault;
    }
    if (check->doubt == SENSOR_SOUND)
        check->doubted_since = now;
    check->doubt = doubt;
    if (now - check->doubted_since >= HEAT_DOUBT_S)
        check->fault = doubt;
    return check->fault;
}

bool sensor_check_is_doubtful(const struct sensor_check *check)
{
    return check->doubt != SENSOR_SOUND || check->fault != SENSOR_SOUND;
}

bool sensor_check_is_probing(const struct sensor_check *check)
{
    return check->probing;
}

bool sensor_check_is_proven(const struct sensor_check *check)
{
    return check->any && (check->written_at > check->first || check->changed_at > check->first);
}
