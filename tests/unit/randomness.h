/*
 * Numbers for tests that damage what they feed: the same in every run, so that a failure
 * can be repeated. Header only: every unit test is a program of its own.
 */
#ifndef PROFINJECT_TESTS_RANDOMNESS_H
#define PROFINJECT_TESTS_RANDOMNESS_H

#include <stdint.h>

static uint32_t random_state = 20261120;

/* 0 to limit - 1 (Marsaglia's xorshift). */
static inline uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

#endif
