/*
 * Recordings to compare: runs of two sides, before and after, in one profile, so that one set
 * of labels and one tree hold both. Which run an entry is of its thread says.
 *
 * Built by one thread: diff_init, diff_add for each run, diff_finish; then read only. Owns the
 * merged profile; a run that was added may be freed at once. Memory grows as a profile's.
 */
#ifndef PROFINJECT_MODEL_DIFF_H
#define PROFINJECT_MODEL_DIFF_H

#include "analyzer/model/profile.h"

enum diff_side { DIFF_BEFORE, DIFF_AFTER, DIFF_SIDES };

struct diff_run {
    enum diff_side side;
    const char *name;             /* as the user gave it, "": not told */
    uint32_t first_thread;        /* of the merged profile, up to the next run's */
    int64_t totals[METRIC_COUNT]; /* of its entries */
    uint64_t present;             /* bit m: metric m was recorded */
    double drawn;    /* of the metric's total, what samples stand for: shares are of it */
    double variance; /* of the metric's total, as long as samples fall by chance */
    size_t first_moment, moment_count; /* of its samples, in order of time; none: not known */
};

/* A sample: what it stands for, and where. */
struct diff_moment {
    uint32_t stack;
    double length;
};

struct diff {
    enum metric metric; /* whose errors are known */
    bool absolute;      /* values per run; otherwise each run counts alike, see diff_values() */
    bool sampled;       /* the metric is, so that there is an error of sampling */
    struct profile *profile;
    struct diff_run *runs;
    size_t run_count, run_capacity;
    size_t side_runs[DIFF_SIDES];
    /* Of each entry what its value varies by because samples fall by chance, squared. */
    double *variance;
    size_t variance_capacity;
    struct diff_moment *moments;
    size_t moment_count, moment_capacity;
    uint8_t *frame_sides; /* as diff_names.h has them */
    size_t frame_sides_capacity;
};

void diff_init(struct diff *diff, enum metric metric, bool absolute);
void diff_release(struct diff *diff);

/* Takes in a run. `name` must live as long; the profile's part and heap window go with it. */
void diff_add(struct diff *diff, const struct profile *run, enum diff_side side, const char *name);

/* After the last: a function that has moved to another file or program is made one with itself. */
void diff_finish(struct diff *diff);

/* Its first process, as the recording's identity; NULL: it has none. */
const struct profile_process *diff_run_process(const struct diff *diff, size_t run);

/* One recorded process; NULL is none. */
bool diff_is_same_process(const struct profile_process *a, const struct profile_process *b);

/* The run an entry's thread is of. */
size_t diff_run_of(const struct diff *diff, uint32_t thread);

/*
 * One side's values of a metric, one for each entry of the profile, 0 where it is the other's. Of
 * several runs it is their mean: of the values (absolute), or of their shares of their runs'
 * totals, in units of the mean total of the runs afterwards, so that two sides have equal sums.
 * Where nothing is afterwards there is no such unit: values stay as they are. To be freed.
 */
int64_t *diff_values(const struct diff *diff, enum metric metric, enum diff_side side);

/* The profile with those values in place of the runs' own: trees of both sides have the same
 * nodes. `values` must outlive it; it is not to be freed or changed. */
struct profile diff_view(const struct diff *diff, enum metric metric, const int64_t *values);

/* One of the runs has several processes. */
bool diff_has_processes(const struct diff *diff);

/* Mean total of a side's runs. */
double diff_mean_total(const struct diff *diff, enum metric metric, enum diff_side side);

#endif
