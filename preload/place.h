/*
 * The place of what is written: the recording's directory and the trace's name. Not for
 * signal handlers; the first changes the environment, so only while nobody else looks.
 */
#ifndef PROFINJECT_PLACE_H
#define PROFINJECT_PLACE_H

#include "preload/contract/recording.h"
#include "preload/contract/settings.h"

#include <stddef.h>

/* Joins the recording handed down, or its annex (annex.h), or makes the one the settings ask for and hands it
 * down; settings->output is then its path. 0; or a negative errno, the reason in `why`. */
int place_of_recording(struct settings *settings, struct recording *recording, char *why,
                       size_t why_size);

/* COMM.PID.pinj, or COMM.PID.N.pinj when this pid ran that program before. 0 or a
 * negative errno. */
int place_of_trace(const struct recording *recording, char *name, size_t size);

#endif
