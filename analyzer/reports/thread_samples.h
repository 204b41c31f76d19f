/*
 * The samples of each thread, in order of time: what formats that show threads one beside the
 * other want of profile->samples. Time on the processor alone.
 *
 * Owns its memory; read only once made. The profile must outlive it.
 */
#ifndef PROFINJECT_REPORTS_THREAD_SAMPLES_H
#define PROFINJECT_REPORTS_THREAD_SAMPLES_H

#include "analyzer/model/profile.h"

struct thread_samples {
    uint32_t *items; /* numbers in profile->samples, those of one thread side by side */
    size_t *first;   /* of each thread's; one more for the end */
};

void thread_samples_init(struct thread_samples *samples, const struct profile *profile);
void thread_samples_release(struct thread_samples *samples);

/* "name (tid) of comm (pid)"; free(). */
char *thread_samples_name(const struct profile *profile, uint32_t thread);

#endif
