/*
 * Seccomp filters the process was started under: what they may kill for is tried
 * once in a throw-away child, before it is used.
 */
#ifndef PROFINJECT_CONFINEMENT_H
#define PROFINJECT_CONFINEMENT_H

/* 0, or -EPERM when a filter ends processes that make the timers sampling needs.
 * Starts a child only under a filter; its end raises no SIGCHLD. */
int confinement_probe(void);

#endif
