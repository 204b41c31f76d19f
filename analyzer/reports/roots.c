/*
 * Choices that all stack-shaped reports share. Its own file so that folded lines
 * and flame graphs of one profile always agree.
 */
#include "analyzer/reports/roots.h"

#include "analyzer/model/diff.h"

enum label_root report_root(const struct profile *profile, const struct report_options *options)
{
    if (options->by_thread)
        return LABEL_ROOT_THREAD;
    if (options->by_process)
        return LABEL_ROOT_PROCESS;
    if (options->diff != NULL && !diff_has_processes(options->diff))
        return LABEL_ROOT_NONE;
    return profile->process_count > 1 ? LABEL_ROOT_COMMAND : LABEL_ROOT_NONE;
}

int report_check_metric(const struct profile *profile, enum metric metric, struct problem *problem)
{
    const struct metric_info *info = metric_info(metric);

    if (profile_has_metric(profile, metric))
        return 0;
    for (size_t i = 0; i < profile->process_count && metric == METRIC_MEMORY_DELTA; i++) {
        const char *reason = profile->processes[i].memory_reason;
        if (reason != NULL)
            return problem_set(problem, PROBLEM_NOTHING,
                               "no metric '%s' in this recording (%s): %s", info->name, reason,
                               info->how);
    }
    return problem_set(problem, PROBLEM_NOTHING, "no metric '%s' in this recording: %s", info->name,
                       info->how);
}
