/*
 * The session of a fork child: in how many steps it begins (nap.h), and that it need not
 * begin at all in a child that ends before it has anything to tell.
 *
 * In a child of one thread, of ordinary code; the first step of a nap may be a handler's.
 */
#ifndef PROFINJECT_FORK_CHILD_H
#define PROFINJECT_FORK_CHILD_H

#include <stdbool.h>

/* Right before a fork, in the parent, whose session is open; under the threads' lock. */
void fork_child_prepare(void);

/* Right after it, in the child: leaves the parent's session. One of its own begins, now or
 * when it is needed, unless the settings leave children out. */
void fork_child_begin(void);

/* At the end of the process: true when it was a child that has nothing to tell but that it was
 * there, and its parent's trace will tell that. */
bool fork_child_is_counted(void);

#endif
