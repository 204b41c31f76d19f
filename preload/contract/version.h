/*
 * The version of profinject, the same for library and analyzer. The trace format
 * has a number of its own (TRACE_VERSION).
 */
#ifndef PROFINJECT_VERSION_H
#define PROFINJECT_VERSION_H

#define PROFINJECT_VERSION "0.1.0"

#endif
