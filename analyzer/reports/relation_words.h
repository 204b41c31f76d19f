/*
 * Relations in words: what goes with which function, how strongly, and how much of it. Used by
 * `correlate` and `report --all`. No state.
 */
#ifndef PROFINJECT_REPORTS_RELATION_WORDS_H
#define PROFINJECT_REPORTS_RELATION_WORDS_H

#include "analyzer/model/relations.h"
#include "analyzer/reports/text_cells.h"

/* "process.rss", "disk.written of sda", "thread.cpu of python3 (17)"; free(). */
char *relation_series_name(const struct relations *relations, const struct profile *profile,
                           size_t series);

/* A value of the series, and what it came to over time, with units: "12.4 MiB/s", "312 MiB"; free(). */
char *relation_value(const struct relation_series *series, double value);
char *relation_amount(const struct relation_series *series, double amount);

/* "r 0.97 (95 %: 0.93 to 0.99), lag 0.0 s", or why nothing can be said; free(). */
char *relation_figures(const struct relation *relation);

/* Functions that go with something, each with the series it goes with best, in sentences; at most
 * `most` of them; of those that hardly differ from what the rest of the time has, their number. False,
 * and nothing is written, where there are none. */
bool relation_sentences(const struct cells *cells, const struct relations *relations,
                        const struct profile *profile, size_t most);

#endif
