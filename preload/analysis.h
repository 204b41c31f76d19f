/*
 * What profinject_session_end() leaves in the session's directory: the binary trace and what the
 * analyzer makes of it. Not for signal handlers; not by two threads at once.
 */
#ifndef PROFINJECT_ANALYSIS_H
#define PROFINJECT_ANALYSIS_H

#include <limits.h>
#include <stdint.h>

/* The recording of a session that began one; room for it is left behind every directory's name. */
#define ANALYSIS_RECORDING "recording"

/*
 * Makes `directory` where it is not there (its parents must be), and its absolute name in `path`.
 * Returns 0, -EEXIST when one has results of another session, or a negative errno; one in which nothing
 * can be made included. Nothing is left behind then.
 */
int analysis_prepare(const char *directory, char path[PATH_MAX]);

/*
 * Runs the analyzer over `trace` and waits for it: trace.pinj, report.json, correlate.json,
 * dashboard.html in `path`, of the time between two moments in nanoseconds from the trace's beginning
 * (to_ns 0: of all of it). Each is tried; returns 0 or the first failure as of self_report().
 */
int analysis_write(const char *path, const char *trace, uint64_t from_ns, uint64_t to_ns);

#endif
