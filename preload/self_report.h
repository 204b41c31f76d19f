/*
 * The analyzer, run on the process's own trace from inside it. Blocks the calling
 * thread until it is done; not for signal handlers.
 */
#ifndef PROFINJECT_SELF_REPORT_H
#define PROFINJECT_SELF_REPORT_H

/*
 * Runs `profinject ARGUMENTS... TRACE`, as found beside the library or under its
 * install prefix, unprofiled and silent. The target sees neither a child nor SIGCHLD.
 * `arguments` has at most six, ends with NULL. Returns 0, -ENOENT when there is no
 * analyzer, -EIO when it failed, or another negative errno. Not by two threads at once.
 */
int self_report(const char *const *arguments, const char *trace);

#endif
