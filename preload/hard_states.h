/*
 * libunwind's register states, per function met: what handlers look up, and what
 * the servant makes when they miss one. States of an earlier generation of modules
 * are never found again, and their memory is given back once no handler reads.
 *
 * Handlers read between hard_states_enter_sigsafe() and _leave_; any number at once.
 * One maker at a time: the servant.
 */
#ifndef PROFINJECT_HARD_STATES_H
#define PROFINJECT_HARD_STATES_H

#include "preload/cfi.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What libunwind made of a row, shared by all rows that say the same. */
struct hard_state {
    struct hard_state *next; /* of the same hash; the maker's */
    struct cfi_row row;      /* to check addresses before libunwind reads there */
    uint64_t hash;           /* of row and registers */
    size_t size;
    uint64_t registers[]; /* libunwind's, copied */
};

/* libunwind takes it without const and leaves it alone. */
static inline void *hard_state_registers_sigsafe(const struct hard_state *state)
{
    return (void *)(uintptr_t)state->registers;
}

void hard_states_enter_sigsafe(void);
void hard_states_leave_sigsafe(void);

/* The state for `key` (pc, or return address less one), valid until _leave_. NULL: none
 * can be had, or none yet; then it is asked for and the servant called. */
const struct hard_state *hard_states_find_sigsafe(uint64_t key);

/* True once any state was made; else asks for `key`. */
bool hard_states_any_sigsafe(uint64_t key);

/*
 * Makes the states handlers asked for. Servant only: libunwind allocates and takes
 * locks of its own here. It finds modules through our dl_iterate_phdr, without the
 * loader's lock. Does nothing while a library is going: they stay asked for.
 */
void hard_states_make(void);

/* True when there are some to be made. */
bool hard_states_are_wanted_sigsafe(void);

/* The pc the calling thread makes states of, 0: it does not. */
uint64_t hard_states_asking(void);

/* Held around fork: nobody makes states meanwhile. In the child nobody reads any. */
void hard_states_lock(void);
void hard_states_unlock(void);
void hard_states_fork_child(void);

#endif
