/*
 * What profinject calls itself, the same for library and analyzer.
 */
#ifndef PROFINJECT_IDENTITY_H
#define PROFINJECT_IDENTITY_H

/* The trace format has a number of its own (TRACE_VERSION). */
#define PROFINJECT_VERSION "0.1.0"

/* File name of the library: how it is found, and known among a target's modules. */
#define PROFINJECT_LIBRARY "libprofinject.so"

#endif
