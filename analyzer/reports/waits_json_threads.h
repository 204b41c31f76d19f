/*
 * Threads' time in the machine form of `report`; part of waits_json.c.
 */
#ifndef PROFINJECT_REPORTS_WAITS_JSON_THREADS_H
#define PROFINJECT_REPORTS_WAITS_JSON_THREADS_H

#include "analyzer/model/profile.h"
#include "analyzer/util/json.h"

/* Members "threads" and "demand": seconds, null where the kernel did not count. */
void waits_json_threads(struct json *json, const struct profile *profile);

#endif
