/*
 * What is waited for and has a descriptor: files, pipes, sockets, by number in the ring's table of
 * objects, with a name for people.
 *
 * In the target's ordinary context and in signal handlers, and only where a call took long: makes
 * system calls, and takes less than 1.5 KiB of stack. No lock, no allocation; errno is as before.
 */
#ifndef PROFINJECT_WAIT_OBJECTS_H
#define PROFINJECT_WAIT_OBJECTS_H

#include <stdint.h>

struct ring_file;

/* Where they are put. A fork child calls it again: what it knew of descriptors is forgotten. */
void wait_objects_use_ring(struct ring_file *ring);

/* The number of what is behind descriptor `fd` now, 0: it is not open, or there is no room. */
uint32_t wait_objects_of_fd_sigsafe(int fd);

/* The number of the one for all that are not worth a name of their own; 0: there is no room. */
uint32_t wait_objects_of_others_sigsafe(void);

/* The lock at `address` has that name from now on; one that has another keeps it. */
void wait_objects_name(uint64_t address, const char *name);

#endif
