/*
 * The servant's own table of descriptors: the target neither sees nor closes what is in
 * it, and what the target opens is not kept open by us. Not for signal handlers.
 */
#ifndef PROFINJECT_DESCRIPTORS_H
#define PROFINJECT_DESCRIPTORS_H

/* Gives the calling thread a table of its own, empty or with these two. */
void descriptors_keep_none(void);
void descriptors_keep_only(int a, int b);

/* Descriptor `fd` of thread `tid`, opened anew in the caller's table; -1: none. */
int descriptors_borrow(int tid, int fd, int flags);

#endif
