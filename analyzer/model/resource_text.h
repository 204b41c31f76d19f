/*
 * Values of resources as people read them. Plain functions, text by value as in units.h.
 */
#ifndef PROFINJECT_MODEL_RESOURCE_TEXT_H
#define PROFINJECT_MODEL_RESOURCE_TEXT_H

#include "analyzer/model/resources.h"
#include "analyzer/util/units.h"

/* "1.2 MiB/s", "12.5 %", "61.3 degC"; of units that are words the number alone: see below. */
struct unit_text resource_text(const char *unit, double value);

/* True of a unit that stands beside the name then: "threads". */
bool resource_unit_is_word(const char *unit);

/* "disk.written sda", "load.1 (threads)"; free(). */
char *resource_name(const struct resource_series *series);

#endif
