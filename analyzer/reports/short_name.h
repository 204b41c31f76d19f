/*
 * Function names for narrow columns: what tells C++ and Rust functions apart is
 * rarely in their parameter lists. No state.
 */
#ifndef PROFINJECT_REPORTS_SHORT_NAME_H
#define PROFINJECT_REPORTS_SHORT_NAME_H

#include <stddef.h>

/*
 * `name` in at most `width` columns. As it is when it fits; otherwise a result type
 * goes, parameter lists become "(…)", then template arguments "<…>", and at last its
 * middle goes.
 * `name` must be clean (utf8.h). free().
 */
char *short_name(const char *name, size_t width);

#endif
