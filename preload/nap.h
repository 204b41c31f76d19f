/*
 * The nap: how a fork child begins. Most children exec or exit within a moment, and
 * what a session needs (file, thread, trace) would cost them several times what they
 * do. So at first a child sleeps deep: it has nothing but a clock that ticks. The first tick,
 * the first allocation or what else there is to record makes it stir: it has a ring and is
 * sampled, but in memory of its own. It wakes, that is, gets all of it, only when a sample, of
 * the clock or of the heap, shows that it lives; with --heap exact, where nothing may be lost,
 * by its first allocation or free.
 *
 * Stirring takes system calls but nothing that can be in use: the handler may do it. Until then
 * everything of the session's is the parent's still: a copy, or, as the ring, not to be
 * written to.
 *
 * Waking makes a thread, which only ordinary code may do. So a sample of the clock asks for
 * it, and the next allocation or other hook does it. A child that computes without ever calling
 * one is woken by the handler, where it is certain that the C library is not at work.
 *
 * A napping process has one thread: before it makes another it is woken.
 */
#ifndef PROFINJECT_NAP_H
#define PROFINJECT_NAP_H

#include "preload/threads.h"

#include <stdbool.h>

/* The process sleeps deep until `stir` was called, once, which calls nap_begin() or nap_end(). */
void nap_begin_deep(void (*stir)(void));

/* True when it slept deep until now: then no tick will make it stir any more. */
bool nap_end_deep(void);

/* The process naps until `wake` was called, once, in its only thread. `allocator`: an
 * address in the one behind our hooks, 0: it is not known. */
void nap_begin(void (*wake)(void), uint64_t allocator);

/* It was woken by other means, or will never be. */
void nap_end(void);

bool nap_is_on_sigsafe(void);
bool nap_is_deep_sigsafe(void);

/* It sleeps deep no more; nothing when it does not. From ordinary code, errno is as before; or
 * from our handler. */
void nap_stir(void);
void nap_stir_sigsafe(void);

/* Wakes it, whether samples were taken or not; nothing when it is awake. From ordinary
 * code only, where memory may be allocated. errno is as before. */
void nap_wake(void);

/* A sample of the thread was taken. */
void nap_note_sample_sigsafe(struct thread *thread);

#endif
