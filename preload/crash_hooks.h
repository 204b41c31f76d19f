/*
 * The hooks of sigaction(), signal() and the older ones, which tell the program of the default
 * action where the handler of crash.h stands, and let that stand where the program sets the
 * default. They cost the program nothing else: one query of the kernel where it sets a default.
 */
#ifndef PROFINJECT_CRASH_HOOKS_H
#define PROFINJECT_CRASH_HOOKS_H

/* Finds the real functions; before the program's own code runs. */
void crash_hooks_init(void);

#endif
