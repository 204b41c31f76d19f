/*
 * The sections of `report`, each a function that writes itself or nothing where
 * its data was not recorded. Internal to the text report.
 */
#ifndef PROFINJECT_REPORTS_TEXT_SECTIONS_H
#define PROFINJECT_REPORTS_TEXT_SECTIONS_H

#include "analyzer/model/functions.h"
#include "analyzer/reports/facts.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/text_cells.h"
#include "analyzer/util/units.h"

#define TEXT_HOT_PATHS 15
#define TEXT_SHARE_WIDTH 7

struct text_report {
    struct cells cells;
    const struct profile *profile;
    const struct report_options *options;
    struct facts facts;
    struct functions functions;
    size_t top; /* rows of each table */
};

/* Function numbers ordered by falling value, those above 0 only; free(). */
uint32_t *text_rank(const struct functions *functions,
                    int64_t (*value)(const struct function *function), size_t *count);

/* The same by what each spent itself. */
uint32_t *text_rank_self(const struct functions *functions, enum metric metric, size_t *count);

/* Widths of a table's last two columns, name and place: both take what they need, places
 * up to a limit, names up to what the other columns, `used` wide, leave. Where that is too
 * little for names there are no places: 0 wide. */
struct text_widths {
    int name, place;
};
struct text_widths text_fit_columns(const struct text_report *report, const uint32_t *order,
                                    size_t shown, unsigned used);
void text_head_and_place(const struct cells *cells, struct text_widths widths);
void text_name_and_place(const struct cells *cells, const struct label *label,
                         struct text_widths widths);

/* What shares of a metric are of: all of it; of a signed one what was gained only, as parts of what
 * is left when that is taken away may be many times as much. */
int64_t text_whole(const struct profile *profile, enum metric metric);
/* "2.50 KiB in all", and what shares are of where that is something else; free(). */
char *text_whole_words(const struct profile *profile, enum metric metric);

/* A share of the whole, coloured where it is much if `colored`; as wide as TEXT_SHARE_WIDTH. */
void text_share(const struct cells *cells, int64_t part, int64_t whole, bool colored);

/* "and N more" under a table that shows `shown` of `count`. */
void text_more(const struct cells *cells, size_t shown, size_t count);

/* Whole stacks by a metric; nothing where it is 0. */
struct text_paths {
    enum metric metric;
    const char *title, *note, *head; /* head: of the column of shares */
    size_t count;
    double interval; /* of sampled bytes: mean bytes between samples; 0: it is none */
};
void text_paths(const struct text_report *report, const struct text_paths *shown);

/* The process that had most resident; NULL where nobody looked. And when, from the start. */
const struct profile_process *text_resident_largest(const struct profile *profile);
struct unit_text text_resident_when(const struct profile *profile, uint64_t time_ns);

/* Of tables about waits: a cell, the line of heads (NULL ends them; `last`: of the column at the end),
 * the cells blocked, in calls, longest, waits. */
void text_wait_cell(const struct cells *cells, const char *text);
void text_wait_heads(const struct cells *cells, const char *const *heads, const char *last);
/* Of those with seven columns and a name, the same: counts of a million and more in three digits. */
#define TEXT_NARROW_WIDTH 9
void text_narrow_cell(const struct cells *cells, const char *text);
void text_narrow_heads(const struct cells *cells, const char *const *heads, const char *last);
struct unit_text text_narrow_count(uint64_t count);
void text_wait_sums(const struct cells *cells, const struct wait_sums *sums);

/* Instead of all that: one function with its callers and callees, source text with costs. Each after
 * its check: 0, or a problem, as there is nothing of that name. */
int text_function_check(const struct text_report *report, struct problem *problem);
int text_source_check(const struct text_report *report, struct problem *problem);
void text_function(const struct text_report *report);
void text_source(const struct text_report *report);

/* Functions that a pattern may mean, as a table: their numbers. */
void text_candidates(const struct text_report *report, const char *pattern,
                     const uint32_t *candidates, size_t count);

void text_end(const struct text_report *report);
void text_wall(const struct text_report *report);
void text_functions(const struct text_report *report);
void text_limits(const struct text_report *report);
void text_hot_paths(const struct text_report *report);
void text_heap(const struct text_report *report);
void text_heap_functions(const struct text_report *report);
void text_heap_chains(const struct text_report *report);
void text_heap_classes(const struct text_report *report);
void text_heap_time(const struct text_report *report);
void text_heap_growth(const struct text_report *report);
void text_memory(const struct text_report *report);
void text_resident(const struct text_report *report);
void text_resident_looks(const struct text_report *report);
void text_mapped(const struct text_report *report);
void text_waits(const struct text_report *report);
void text_locks(const struct text_report *report);
void text_io(const struct text_report *report);
void text_wakers(const struct text_report *report);
void text_scheduling(const struct text_report *report);
void text_resources(const struct text_report *report);
void text_throttled(const struct text_report *report);
void text_threads(const struct text_report *report);
void text_processes(const struct text_report *report);
void text_regions(const struct text_report *report);
void text_counters(const struct text_report *report);
void text_relations(const struct text_report *report);
void text_run_facts(const struct text_report *report);
void text_messages(const struct text_report *report);

#endif
