/*
 * What a damaged trace lacks, for the reports.
 */
#ifndef PROFINJECT_LOAD_DAMAGE_H
#define PROFINJECT_LOAD_DAMAGE_H

#include "analyzer/model/profile.h"
#include "analyzer/trace/trace_reader.h"

/* Notes what was read and what was not, and, where the trace does not say it, when the process was:
 * its first and last moments known. */
void damage_note(struct profile_process *process, const struct trace_summary *summary,
                 uint64_t first_ns, uint64_t last_ns);

/* Adds one line on the trace of `process`, at `path`, to the profile's messages; nothing where it is
 * sound. */
void damage_tell(struct profile *profile, const char *path, const struct profile_process *process,
                 const struct trace_summary *summary);

#endif
