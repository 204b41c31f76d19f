/*
 * How much memory a load may take so that nothing is swapped out for it. One thread at a time; no
 * state.
 */
#ifndef PROFINJECT_HEAT_ROOM_H
#define PROFINJECT_HEAT_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct room {
    uint64_t total, available; /* bytes of the machine; 0: not known */
    uint64_t group_left;       /* bytes that this control group, or one above it, has left;
                                  UINT64_MAX: no limit */
};

/* What /proc and /sys/fs/cgroup below `root` ("" for the real ones) say. */
struct room room_look(const char *root);

/* Half of what is left, by the tighter of both; 0: not known. */
uint64_t room_usable(const struct room *room);

/* What is in use, per cent of the machine's memory; NAN: not known. */
double room_used_percent(const struct room *room);

/* The load should give some back: a twentieth of the machine or of its group is left, or less. */
bool room_is_short(const struct room *room);

#endif
