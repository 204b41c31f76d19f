/*
 * Refusal before there is load, watch while there is. Its own file between files and judgement, so
 * that each of those can be tested alone.
 */
#include "analyzer/heat/guard.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define LOOK_NS 100000000L
#define PROOF_LOOKS 20

static void take(struct guard *guard, double load, double now)
{
    guard->reading = sensors_read(&guard->sensors, &guard->which);
    guard->fault = sensor_check_look(&guard->check, &guard->reading, load, now);
}

void guard_explain(const struct guard *guard, const char *outcome, struct problem *problem)
{
    const struct sensor *sensor = &guard->sensors.list[guard->which];
    enum sensor_fault fault = guard->fault != SENSOR_SOUND ? guard->fault : guard->reading.fault;
    char detail[64] = "";

    if (fault == SENSOR_MISSING && guard->reading.error != 0)
        snprintf(detail, sizeof(detail), ": %.60s", strerror(guard->reading.error));
    else if (fault == SENSOR_ABSURD)
        snprintf(detail, sizeof(detail), ": %g degC", guard->reading.celsius);
    else if (fault >= SENSOR_JUMPING)
        snprintf(detail, sizeof(detail), ", %s %.1f degC",
                 fault == SENSOR_JUMPING ? "last believed" : "at", guard->check.value);
    problem_set(problem, PROBLEM_DATA, "%s: sensor '%s' (%s) is %s%s", outcome, sensor->path,
                sensor->name, sensor_fault_text(fault), detail);
}

int guard_prove(struct guard *guard, const char *root, const char *choice, double max_jump,
                struct problem *problem)
{
    const struct timespec pause = {0, LOOK_NS};

    memset(guard, 0, sizeof(*guard));
    sensor_check_init(&guard->check, max_jump);
    if (strcmp(choice, "none") == 0)
        return 0;
    int status = sensors_choose(&guard->sensors, root, choice, problem);
    if (status != 0)
        return status;
    guard->present = true;
    for (unsigned i = 1; i <= PROOF_LOOKS; i++) {
        take(guard, 0, i * (LOOK_NS / 1e9));
        if (guard->fault != SENSOR_SOUND || guard->reading.fault != SENSOR_SOUND) {
            guard_explain(guard, "no load without a sensor", problem);
            return problem->code;
        }
        if (!guard->reading.stamped || sensor_check_is_proven(&guard->check))
            break;
        nanosleep(&pause, NULL);
    }
    sensor_check_init(&guard->check, max_jump); /* the load's clock begins later */
    return 0;
}

bool guard_look(struct guard *guard, double load, double now)
{
    if (guard->present)
        take(guard, load, now);
    return guard->fault == SENSOR_SOUND;
}

bool guard_is_resting(const struct guard *guard)
{
    return sensor_check_is_doubtful(&guard->check) || sensor_check_is_probing(&guard->check);
}
