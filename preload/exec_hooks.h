/*
 * Following exec: what was sampled is written out before the image goes.
 */
#ifndef PROFINJECT_EXEC_HOOKS_H
#define PROFINJECT_EXEC_HOOKS_H

/* Finds the real functions, so that a vfork child has nothing to look up. Called
 * once, when the session has begun; before it the hooks pass calls through. */
void exec_hooks_init(void);

#endif
