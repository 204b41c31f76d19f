/*
 * Clock, unwinder and the like: those asked for, or, where they are not to be had, others, which is
 * then said in the recording and in `why`. Constructor only,
 * but for the scan.
 */
#ifndef PROFINJECT_CHOICES_H
#define PROFINJECT_CHOICES_H

#include "preload/clock.h"
#include "preload/contract/recording.h"
#include "preload/contract/settings.h"
#include "preload/facts.h"
#include "preload/leak_scan.h"
#include "preload/unwind.h"

#include <stdbool.h>
#include <stddef.h>

/* NULL when there is no clock at all; `why` is "" when it is the one asked for. */
const struct clock *choice_of_clock(const struct settings *settings,
                                    const struct recording *recording, char *why, size_t why_size);

/* Nanoseconds between two ticks: as asked for, or, said in the recording, as often as the clock
 * leaves the target time. */
uint64_t choice_of_period(const struct settings *settings, const struct clock *clock,
                          const struct recording *recording);

/* Why frames of the kernel are not to be had though asked for; NULL: they are, or were
 * not. After the clock was chosen. */
const char *choice_of_kernel(const struct settings *settings, const struct recording *recording);

/* Opens the hardware's counters, which come with the perf clock, and fills in their facts. */
void choice_of_counters(const struct clock *clock, struct facts *facts);

/* Starts the hooks' counting where it is asked for, and fills in the heap's facts. */
void choice_of_heap(const struct settings *settings, bool preloaded, struct facts *facts);

/* Starts the hooks' watching of waits where it is asked for, and fills in their fact. */
void choice_of_waits(const struct settings *settings, bool preloaded, struct facts *facts);

/* True when a scan is asked for and can be made; says in the recording when only the former.
 * Fills in `sampled`; `whole` stays true only where sampling began at once. At the end. */
bool choice_of_leak_scan(const struct settings *settings, const struct recording *recording,
                         const struct facts *facts, struct leak_scan_options *options);

/* *name is what it is called; `why` stays as it is when it is the one asked for. */
enum unwind_mode choice_of_unwinder(const struct settings *settings, bool preloaded,
                                    const struct recording *recording, const char **name, char *why,
                                    size_t why_size);

/* When samples are taken: times count from the recording's beginning, whichever process
 * asks. Instructs control. */
void choice_of_plan(const struct settings *settings, const struct recording *recording);

#endif
