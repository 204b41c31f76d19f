/*
 * The nap: how a fork child begins. Most children exec or exit within a moment, and
 * what a session needs (file, thread, trace) would cost them several times what they
 * do. So a child is sampled from the start, but into memory of its own, and wakes, that
 * is, gets all of it, only when a sample, of the clock or of the heap, shows that it lives.
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

/* The process naps until `wake` was called, once, in its only thread. `allocator`: an
 * address in the one behind our hooks, 0: it is not known. */
void nap_begin(void (*wake)(void), uint64_t allocator);

/* It was woken by other means, or will never be. */
void nap_end(void);

bool nap_is_on_sigsafe(void);

/* Wakes it, whether samples were taken or not; nothing when it is awake. From ordinary
 * code only, where memory may be allocated. errno is as before. */
void nap_wake(void);

/* A sample of the thread was taken. */
void nap_note_sample_sigsafe(struct thread *thread);

#endif
