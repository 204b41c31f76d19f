/*
 * SIGPROF belongs to the profiler; the target sees one of its own. Its actions for
 * the signal are kept here, and signals that are not ours go to them.
 */
#ifndef PROFINJECT_SIGNAL_HOOKS_H
#define PROFINJECT_SIGNAL_HOOKS_H

#include <signal.h>

/* Installs `handler` for SIGPROF, for good. Remembers what was there. 0 or -errno. */
int signal_hooks_take_sigprof(void (*handler)(int, siginfo_t *, void *));

/* Does with a SIGPROF that is not ours what the target asked for. */
void signal_hooks_pass_on_sigsafe(int signal, siginfo_t *info, void *context);

#endif
