/*
 * Beginning: by the constructor in a program started with the library, by
 * profinject_start() in one that loaded it later.
 */
#ifndef PROFINJECT_INIT_H
#define PROFINJECT_INIT_H

/* Begins a session in a running program, recorded in the directory `output`, or, NULL, where the
 * settings say. 0 or a negative errno. */
int init_late(const char *output);

#endif
