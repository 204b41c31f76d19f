/*
 * Taking turns at something, for threads of which one may have to give up waiting. A
 * turn is a word, 0 when nobody has it. Not for signal handlers.
 */
#ifndef PROFINJECT_TURN_H
#define PROFINJECT_TURN_H

#include <stdbool.h>
#include <stdint.h>

/* Waits for the turn; false when somebody else still has it after that time. */
bool turn_take(uint32_t *turn, uint64_t timeout_ns);

/* Gives it to whoever waits. */
void turn_leave(uint32_t *turn);

#endif
