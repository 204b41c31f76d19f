/*
 * What stands above the stacks in folded lines and flame graphs: nothing for one
 * process, the command for several, or what the user asked for. No state.
 */
#ifndef PROFINJECT_REPORTS_ROOTS_H
#define PROFINJECT_REPORTS_ROOTS_H

#include "analyzer/model/labels.h"
#include "analyzer/reports/report.h"

enum label_root report_root(const struct profile *profile, const struct report_options *options);

/* 0, or a problem that names the metric the recording lacks and how to record it. */
int report_check_metric(const struct profile *profile, enum metric metric, struct problem *problem);

#endif
