/*
 * Facts as JSON members, the same in every JSON output. No state.
 */
#ifndef PROFINJECT_REPORTS_FACTS_JSON_H
#define PROFINJECT_REPORTS_FACTS_JSON_H

#include "analyzer/reports/facts.h"
#include "analyzer/util/json.h"

/* frequency_asked, frequency_delivered, looks_asked, looks_delivered, mean_weight, clock, unwinder; null where
 * unknown. */
void facts_json_clock(struct json *json, const struct facts *facts);

/* samples, lost, truncated, guessed, broken, cpu_ns, wall_ns. */
void facts_json_counts(struct json *json, const struct facts *facts);

/* An object with alloc_count, alloc_bytes, free_count and free_bytes. */
void facts_json_memory(struct json *json, const char *key, const struct memory_totals *memory);

/* file, line and module: where code is; null where unknown, a line of 0 too. */
void facts_json_place(struct json *json, const char *file, uint32_t line, const char *module);

/* An array of a stack's frames, the leaf first: function, and where it is. */
void facts_json_stack(struct json *json, const char *key, const struct profile *profile,
                      uint32_t stack);

#endif
