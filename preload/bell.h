/*
 * The bell that calls the servant: rung from handlers and hooks, heard by one
 * thread. A ring while nobody listens is not lost. The bell lies in the ring file,
 * so that another process can ring it too.
 */
#ifndef PROFINJECT_BELL_H
#define PROFINJECT_BELL_H

#include <stdint.h>

/* Rings `word` from now on; NULL: one of our own, as before the first call. Not
 * while a servant waits. */
void bell_use(uint32_t *word);

/* One system call. */
void bell_ring_sigsafe(void);

/* Rings so far; taken before looking for work, given to bell_wait() after it. */
uint32_t bell_rings(void);

/* Waits for a ring after the first `rings`, at most `timeout_ns`. */
void bell_wait(uint32_t rings, uint64_t timeout_ns);

/* Waits until *word is no longer `value`, at most `timeout_ns`; may return early. */
void bell_wait_word(const uint32_t *word, uint32_t value, uint64_t timeout_ns);

/* Wakes all who wait for *word. */
void bell_wake_word_sigsafe(const uint32_t *word);

#endif
